import type { JsonObject } from '../../core/json.js';
import { absentPrimitive } from '../absent.js';
import { changed, codeOf, renamed } from '../members.js';
import { oldCode } from '../old-codes.js';

/**
 * R4 Condition to STU3: statuses become codes. Unless entered in error, STU3 asks for the clinical status (con-3).
 */
export function stu3Condition(source: JsonObject): JsonObject {
  const clinical = codeOf(source.clinicalStatus);
  const verification = codeOf(source.verificationStatus);
  return changed(renamed(source, { recordedDate: 'assertedDate', encounter: 'context' }), {
    ...(clinical === undefined && verification !== 'entered-in-error' ? { _clinicalStatus: absentPrimitive } : {}),
    clinicalStatus: clinical === undefined ? undefined : oldCode('STU3', 'Condition.clinicalStatus', clinical),
    verificationStatus:
      verification === undefined ? undefined : oldCode('STU3', 'Condition.verificationStatus', verification),
  });
}
