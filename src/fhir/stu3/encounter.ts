import type { JsonObject } from '../../core/json.js';
import { objects, renamed } from '../members.js';

/** R4 Encounter to STU3; class stays a coding, whatever its code. */
export function stu3Encounter(source: JsonObject): JsonObject {
  const out = renamed(source, { basedOn: 'incomingReferral', reasonCode: 'reason' });
  if (source.diagnosis !== undefined) {
    out.diagnosis = objects(source.diagnosis).map((diagnosis) => renamed(diagnosis, { use: 'role' }));
  }
  return out;
}
