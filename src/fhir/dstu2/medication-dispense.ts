import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, joinedNotes, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';
import { dstu2Dosage } from './data-types.js';

/** STU3's element, as HL7 names it in the versions that lack it: the product with its form, strength and batch. */
const supports = 'http://hl7.org/fhir/3.0/StructureDefinition/extension-MedicationDispense.supportingInformation';

/** STU3 MedicationDispense to DSTU2. Null for what was not dispensed, which DSTU2 cannot say. */
export function dstu2MedicationDispense(source: JsonObject, original: JsonObject): JsonObject | null {
  if (source.notDone === true) return null;
  const stored = text(original.status);
  const [performer] = objects(source.performer);
  const supporting = objects(source.supportingInformation).map((valueReference) => ({ url: supports, valueReference }));
  return changed(renamed(source, { subject: 'patient', performer: null, supportingInformation: null }), {
    extension: supporting.length === 0 ? source.extension : [...objects(source.extension), ...supporting],
    status: stored === undefined ? undefined : oldCode('DSTU2', 'MedicationDispense.status', stored),
    dispenser: performer?.actor,
    note: joinedNotes(source.note),
    dosageInstruction:
      source.dosageInstruction === undefined
        ? undefined
        : objects(source.dosageInstruction).map((dosage) => dstu2Dosage(dosage, 'dose')),
    substitution:
      isJsonObject(source.substitution) && source.substitution.wasSubstituted !== false
        ? source.substitution
        : undefined,
  });
}
