import type { JsonObject } from '../../core/json.js';
import { changed, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** R4 MedicationDispense to STU3, where what was not dispensed says so beside its status. */
export function stu3MedicationDispense(source: JsonObject): JsonObject {
  const status = text(source.status);
  const notDone = status === 'cancelled' || status === 'declined';
  const reasons: Record<string, string | null> = notDone
    ? { statusReasonCodeableConcept: 'notDoneReasonCodeableConcept', statusReasonReference: 'notDoneReasonReference' }
    : {};
  return changed(renamed(source, reasons), {
    status: status === undefined ? undefined : oldCode('STU3', 'MedicationDispense.status', status),
    notDone: notDone ? true : undefined,
  });
}
