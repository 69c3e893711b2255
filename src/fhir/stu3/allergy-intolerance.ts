import type { JsonObject } from '../../core/json.js';
import { absentPrimitive } from '../absent.js';
import { changed, codeOf, renamed } from '../members.js';

/**
 * R4 AllergyIntolerance to STU3: statuses become codes. Unless entered in error, STU3 asks for the clinical status (ait-1).
 */
export function stu3AllergyIntolerance(source: JsonObject): JsonObject {
  const clinicalStatus = codeOf(source.clinicalStatus);
  const verificationStatus = codeOf(source.verificationStatus);
  const unsaid = clinicalStatus === undefined && verificationStatus !== 'entered-in-error';
  return changed(renamed(source, { recordedDate: 'assertedDate' }), {
    ...(unsaid ? { _clinicalStatus: absentPrimitive } : {}),
    clinicalStatus,
    verificationStatus,
  });
}
