import type { JsonObject } from '../../core/json.js';
import { changed, joinedNotes, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';
import { dstu2Dosage } from './data-types.js';

/** STU3 MedicationStatement to DSTU2; what it is based on and derived from stands among the supporting information. */
export function dstu2MedicationStatement(source: JsonObject): JsonObject {
  const out = renamed(source, {
    subject: 'patient',
    basedOn: null,
    derivedFrom: null,
    reasonCode: null,
    reasonReference: null,
  });
  const status = text(source.status);
  const notTaken = source.taken === 'n';
  const [reasonForUseCodeableConcept] = notTaken ? [] : objects(source.reasonCode);
  const [reasonForUseReference] = notTaken ? [] : objects(source.reasonReference);
  const supporting = [...objects(source.basedOn), ...objects(source.derivedFrom)];
  return changed(out, {
    supportingInformation: supporting.length > 0 ? supporting : undefined,
    status: status === undefined ? undefined : oldCode('DSTU2', 'MedicationStatement.status', status),
    wasNotTaken: notTaken ? true : source.taken === 'y' ? false : undefined,
    reasonForUseCodeableConcept,
    reasonForUseReference: reasonForUseCodeableConcept === undefined ? reasonForUseReference : undefined,
    note: joinedNotes(source.note),
    dosage:
      source.dosage === undefined ? undefined : objects(source.dosage).map((dosage) => dstu2Dosage(dosage, 'quantity')),
  });
}
