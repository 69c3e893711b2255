import type { Library, ValueMap } from './library.js';
import { isPrimitive } from './primitive-type.js';
import { didYouMean, type Place } from './problem.js';
import type { Target } from './target-path.js';

/** Gives a data type map as a function, compiled at its first use; its result must fit the target. */
export function compileValueMap(name: string, place: Place, target: Target, library: Library): ValueMap | undefined {
  const source = library.map(name, place);
  if (source === undefined) return undefined;
  if (source.kind !== 'datatype') {
    library.problems.add(place, `'${name}' maps a segment; a data type map is needed here`);
    return undefined;
  }
  if (!fits(source.target, target)) {
    const wanted = target.model?.name ?? target.type;
    const others = [...library.maps.keys()].filter((other) => other.endsWith(`[${wanted}]`));
    library.problems.add(
      place,
      `'${name}' makes a ${source.target}, where a ${wanted} is needed${didYouMean(name, others)}`,
    );
    return undefined;
  }
  return library.compile.valueMap(source, library);
}

const quantities: ReadonlySet<string> = new Set(['Quantity', 'Age', 'Count', 'Distance', 'Duration']);

function fits(made: string, target: Target): boolean {
  if (target.type === 'choice' || made === target.type || made === target.model?.name) return true;
  if (isPrimitive(made) && target.primitive) return true;
  return quantities.has(made) && quantities.has(target.type);
}
