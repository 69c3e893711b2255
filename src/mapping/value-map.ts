import type { JsonObject } from '../core/json.js';
import { definitionsOf } from '../fhir/definitions/definition-files.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { runFills } from './fill.js';
import { compileFill } from './fill-compiler.js';
import type { Library, MapSource, ValueMap } from './library.js';
import { isPrimitive } from './primitive-type.js';
import { didYouMean } from './problem.js';

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
