import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects } from '../members.js';

/** STU3 Bundle to DSTU2: an outcome that had a place of its own in the response stands as the entry's resource. */
export function dstu2Bundle(source: JsonObject): JsonObject {
  if (source.entry === undefined) return source;
  return changed(source, {
    entry: objects(source.entry).map((entry) => {
      if (!isJsonObject(entry.response) || entry.response.outcome === undefined) return entry;
      const resource = entry.resource ?? entry.response.outcome;
      return changed(entry, { resource, response: changed(entry.response, { outcome: undefined }) });
    }),
  });
}
