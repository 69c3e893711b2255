import type { JsonObject } from '../core/json.js';
import { definitionsOf } from '../fhir/definitions/definition-files.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { compileFill, runFills } from './fill-compiler.js';
import type { Library, MapSource, ValueMap } from './library.js';
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
  return valueMapOf(source, library);
}

/** Every data type map is checked, used or not. */
export function valueMapOf(source: MapSource, library: Library): ValueMap {
  const known = library.valueMaps.get(source.name);
  if (known !== undefined) return known;
  const map: ValueMap = { target: source.target, make: () => undefined };
  library.valueMaps.set(source.name, map);
  const model = typeModel('R4', source.target);
  if (model === null && !isPrimitive(source.target)) {
    const known = Object.keys(definitionsOf('R4').types);
    library.problems.add(source.place, `FHIR has no type '${source.target}'${didYouMean(source.target, known)}`);
    return map;
  }
  const outer = library.datatype;
  library.datatype = source.from;
  const fills = source.rules.map((rule) => compileFill(rule, model, source.target, library));
  library.datatype = outer;
  map.make = (run, node) => {
    if (run.depth > deepest) return undefined;
    const object: JsonObject = {};
    const outer = run.value;
    run.depth++;
    run.value = node;
    const filled = runFills(fills, run, node, object, model === null);
    run.value = outer;
    run.depth--;
    if (!filled) return undefined;
    return model === null ? object['$this'] : object;
  };
  return map;
}

/** Maps that call themselves on the same value would never end. */
const deepest = 24;

function isPrimitive(type: string): boolean {
  return definitionsOf('R4').types[type]?.kind === 'primitive';
}

const quantities: ReadonlySet<string> = new Set(['Quantity', 'Age', 'Count', 'Distance', 'Duration']);

function fits(made: string, target: Target): boolean {
  if (target.type === 'choice' || made === target.type || made === target.model?.name) return true;
  if (isPrimitive(made) && target.primitive) return true;
  return quantities.has(made) && quantities.has(target.type);
}
