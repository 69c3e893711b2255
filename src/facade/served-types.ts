import { isResourceType } from '../fhir/definitions/type-model.js';
import { type FhirVersion, r4TypeOf, typeInVersion } from '../fhir/version.js';

/** The stored (R4) types that the facade serves. */
export const storedTypes: readonly string[] = [
  'Account',
  'AllergyIntolerance',
  'Binary',
  'Condition',
  'Coverage',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Flag',
  'Immunization',
  'Location',
  'Medication',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'MessageHeader',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'RelatedPerson',
  'ServiceRequest',
  'Specimen',
];

/**
 * Types that are computed when asked for: read, searched by these parameters where there are any, without versions of
 * their own.
 */
export const computedTypes: ReadonlyMap<string, readonly string[]> = new Map([
  ['MessageHeader', []],
  ['Provenance', ['_id', 'patient', 'target']],
]);

/** The types that a version's base serves, under that version's names. */
export function servedTypes(version: FhirVersion): readonly string[] {
  return storedTypes.map((type) => typeInVersion(version, type)).filter((type) => isResourceType(version, type));
}

/** The stored type behind a name on a version's base; undefined for a name that the base does not serve. */
export function storedType(version: FhirVersion, name: string): string | undefined {
  const type = r4TypeOf(version, name);
  const known = storedTypes.includes(type) && typeInVersion(version, type) === name;
  return known && isResourceType(version, name) ? type : undefined;
}
