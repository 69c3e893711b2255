import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed } from '../members.js';

/** R4 DocumentReference to STU3: the category is the class, the date the time of indexing. */
export function stu3DocumentReference(source: JsonObject): JsonObject {
  const [category] = objects(source.category);
  const out = changed(renamed(source, { date: 'indexed', category: null }), { class: category });
  if (isJsonObject(source.context) && source.context.related !== undefined) {
    const related = objects(source.context.related).map((ref) => ({ ref }));
    out.context = { ...source.context, related };
  }
  return out;
}
