import type { JsonObject } from '../../core/json.js';
import { changed, objects, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** R4 MedicationStatement to STU3, where whether a medication was taken stands beside the status; R4 says only that it was not. */
export function stu3MedicationStatement(source: JsonObject): JsonObject {
  const status = text(source.status);
  const out = changed(source, {
    status: status === undefined ? undefined : oldCode('STU3', 'MedicationStatement.status', status),
    statusReason: undefined,
  });
  if (status !== 'not-taken') return { ...out, taken: 'unk' };
  const reasons = [...objects(source.statusReason), ...objects(source.reasonCode)];
  return changed(out, {
    taken: 'n',
    reasonCode: undefined,
    reasonNotTaken: reasons.length > 0 ? reasons : undefined,
  });
}
