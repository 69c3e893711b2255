import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed } from '../members.js';

/** R4 Medication to STU3: strengths are amounts, the batch belongs to the package. */
export function stu3Medication(source: JsonObject): JsonObject {
  return changed(source, {
    batch: undefined,
    package: isJsonObject(source.batch) ? { batch: [source.batch] } : undefined,
    ingredient:
      source.ingredient === undefined
        ? undefined
        : objects(source.ingredient).map((ingredient) => renamed(ingredient, { strength: 'amount' })),
  });
}
