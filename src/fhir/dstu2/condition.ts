import type { JsonObject } from '../../core/json.js';
import { changed, codeOf, joinedNotes, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 Condition to DSTU2; a verification status is required there and has a code for unknown. */
export function dstu2Condition(source: JsonObject, original: JsonObject): JsonObject {
  const clinical = codeOf(original.clinicalStatus);
  const out = renamed(source, {
    subject: 'patient',
    assertedDate: 'dateRecorded',
    context: 'encounter',
    note: null,
    clinicalStatus: null,
    onsetAge: 'onsetQuantity',
    abatementAge: 'abatementQuantity',
  });
  return changed(out, {
    clinicalStatus: clinical === undefined ? undefined : oldCode('DSTU2', 'Condition.clinicalStatus', clinical),
    verificationStatus: text(source.verificationStatus) ?? 'unknown',
    notes: joinedNotes(source.note),
  });
}
