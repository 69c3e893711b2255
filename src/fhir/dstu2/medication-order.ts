import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { changed, joinedNotes, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';
import { dstu2Dosage } from './data-types.js';

/** STU3 MedicationRequest to DSTU2 MedicationOrder. */
export function dstu2MedicationOrder(source: JsonObject, original: JsonObject): JsonObject {
  const out = renamed(source, {
    authoredOn: 'dateWritten',
    subject: 'patient',
    context: 'encounter',
    requester: null,
    reasonCode: null,
    reasonReference: null,
    supportingInformation: null,
  });
  const status = text(source.status);
  const [reasonCodeableConcept] = objects(source.reasonCode);
  const [reasonReference] = objects(source.reasonReference);
  return changed(out, {
    resourceType: 'MedicationOrder',
    status: status === undefined ? undefined : oldCode('DSTU2', 'MedicationRequest.status', status),
    prescriber: isJsonObject(source.requester) ? source.requester.agent : undefined,
    dateEnded: ended(source),
    reasonEnded: original.statusReason,
    reasonCodeableConcept,
    reasonReference: reasonCodeableConcept === undefined ? reasonReference : undefined,
    note: joinedNotes(source.note),
    dosageInstruction:
      source.dosageInstruction === undefined
        ? undefined
        : objects(source.dosageInstruction).map((dosage) => dstu2Dosage(dosage, 'dose')),
    dispenseRequest: dispenseRequest(source),
    substitution: substitution(source.substitution, original.substitution),
  });
}

/** When an order that is over was to end, where its dosage says so. */
function ended(source: JsonObject): Json | undefined {
  if (!['stopped', 'cancelled', 'completed'].includes(text(source.status) ?? '')) return undefined;
  const [dosage] = objects(source.dosageInstruction);
  const repeat = isJsonObject(dosage?.timing) ? dosage.timing.repeat : undefined;
  const bounds = isJsonObject(repeat) ? repeat.boundsPeriod : undefined;
  return isJsonObject(bounds) ? bounds.end : undefined;
}

/** The product to be supplied, which newer versions keep among what supports the order. */
function dispenseRequest(source: JsonObject): Json | undefined {
  const product = objects(source.supportingInformation).find(
    (one) => text(one.reference)?.startsWith('Medication/') === true,
  );
  const request = isJsonObject(source.dispenseRequest) ? source.dispenseRequest : undefined;
  return product === undefined ? request : { ...request, medicationReference: product };
}

/** DSTU2 asks for the kind of substitution: R4's concept, v3's `N` for none, else the word that it is allowed. */
function substitution(stu3: Json | undefined, original: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(stu3)) return undefined;
  const named = isJsonObject(original) ? original.allowedCodeableConcept : undefined;
  const none = { system: 'http://hl7.org/fhir/v3/substanceAdminSubstitution', code: 'N', display: 'none' };
  const said = stu3.allowed === true ? { text: 'allowed' } : stu3.allowed === false ? { coding: [none] } : undefined;
  return changed(stu3, { allowed: undefined, type: named ?? said });
}
