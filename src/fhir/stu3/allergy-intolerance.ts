import type { JsonObject } from '../../core/json.js';
import { changed, codeOf, renamed } from '../members.js';

/** R4 AllergyIntolerance to STU3: statuses become codes. */
export function stu3AllergyIntolerance(source: JsonObject): JsonObject {
  return changed(renamed(source, { recordedDate: 'assertedDate' }), {
    clinicalStatus: codeOf(source.clinicalStatus),
    verificationStatus: codeOf(source.verificationStatus),
  });
}
