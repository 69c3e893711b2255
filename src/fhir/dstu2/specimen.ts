import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';

/** STU3 Specimen to DSTU2: processing is treatment, notes are comments on the collection. */
export function dstu2Specimen(source: JsonObject): JsonObject {
  const comment = objects(source.note).flatMap((note) => text(note.text) ?? []);
  const collection = isJsonObject(source.collection) ? source.collection : {};
  return changed(renamed(source, { processing: 'treatment', note: null }), {
    collection: comment.length > 0 ? { ...collection, comment } : source.collection,
  });
}
