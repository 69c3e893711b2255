import type { JsonObject } from '../../core/json.js';
import { changed, codeOf, objects, renamed } from '../members.js';

/** STU3 Immunization to DSTU2: who ordered (`OP`) and who gave it (`AP`, or of no other role) stand apart. */
export function dstu2Immunization(source: JsonObject): JsonObject {
  const practitioners = objects(source.practitioner);
  const ordering = practitioners.find((entry) => codeOf(entry.role) === 'OP');
  const administering =
    practitioners.find((entry) => codeOf(entry.role) === 'AP') ??
    practitioners.find((entry) => codeOf(entry.role) === undefined);
  return changed(renamed(source, { notGiven: 'wasNotGiven', primarySource: null, practitioner: null }), {
    reported: typeof source.primarySource === 'boolean' ? !source.primarySource : undefined,
    performer: administering?.actor,
    requester: ordering?.actor,
  });
}
