import type { JsonObject } from '../core/json.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { type GatedFill, runGated } from './fill.js';
import { compileFill } from './fill-compiler.js';
import { generateFills } from './generate.js';
import { GeneratedLater } from './generated-later.js';
import type { Library, MapSource, ValueMap } from './library.js';
import { partsOf } from './rule-gate.js';

/** Every data type map is checked, used or not. */
export function valueMapOf(source: MapSource, library: Library): ValueMap {
  const known = library.valueMaps.get(source.name);
  if (known !== undefined) return known;
  const map: ValueMap = { target: source.target, make: () => undefined };
  library.valueMaps.set(source.name, map);
  const model = typeModel('R4', source.target);
  const fills = library.within(source.from, () =>
    source.rules.map(
      (rule): GatedFill => ({ fill: compileFill(rule, model, source.target, library), gate: partsOf(rule) }),
    ),
  );
  const generated = new GeneratedLater(() => generateFills(fills, model === null), library.generateAfter);
  map.make = (run, node) => {
    if (run.depth > deepest) return undefined;
    const object: JsonObject = {};
    const outer = run.value;
    run.depth++;
    run.value = node;
    const fill = generated.for(run);
    const filled = fill === undefined ? runGated(fills, run, node, object, model === null) : fill(run, node, object);
    run.value = outer;
    run.depth--;
    if (!filled) return undefined;
    return model === null ? object['$this'] : object;
  };
  return map;
}

/** Maps that call themselves on the same value would never end. */
const deepest = 24;
