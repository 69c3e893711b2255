import type { JsonObject } from '../../core/json.js';
import { renamed } from '../members.js';

/** R4 Binary to STU3: the data are called content. */
export function stu3Binary(source: JsonObject): JsonObject {
  return renamed(source, { data: 'content' });
}
