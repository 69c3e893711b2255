/** The three FHIR versions that Wardline speaks. R4 is stored; STU3 and DSTU2 are rendered from it. */
export type FhirVersion = 'R4' | 'STU3' | 'DSTU2';

export const fhirVersions: readonly FhirVersion[] = ['R4', 'STU3', 'DSTU2'];

/** The last segment of a version's base URL: `/fhir/r4`. */
export const basePath: Readonly<Record<FhirVersion, string>> = { R4: 'r4', STU3: 'stu3', DSTU2: 'dstu2' };

/** What `fhirVersion` of the capability statement says. */
export const versionNumber: Readonly<Record<FhirVersion, string>> = { R4: '4.0.1', STU3: '3.0.2', DSTU2: '1.0.2' };

/** A version's bit in `SearchValue.versions`. */
export const versionBit: Readonly<Record<FhirVersion, number>> = { R4: 1, STU3: 2, DSTU2: 4 };

const renamed: Readonly<Record<'STU3' | 'DSTU2', ReadonlyMap<string, string>>> = {
  STU3: new Map([['ServiceRequest', 'ProcedureRequest']]),
  DSTU2: new Map([
    ['ServiceRequest', 'DiagnosticOrder'],
    ['MedicationRequest', 'MedicationOrder'],
    ['CapabilityStatement', 'Conformance'],
  ]),
};

const renamedBack: Readonly<Record<'STU3' | 'DSTU2', ReadonlyMap<string, string>>> = {
  STU3: inverted(renamed.STU3),
  DSTU2: inverted(renamed.DSTU2),
};

/** The name under which a version serves an R4 type: DSTU2 calls MedicationRequest MedicationOrder. */
export function typeInVersion(version: FhirVersion, r4Type: string): string {
  return version === 'R4' ? r4Type : (renamed[version].get(r4Type) ?? r4Type);
}

/** The R4 (stored) type of a type's name in a version; the inverse of {@link typeInVersion}. */
export function r4TypeOf(version: FhirVersion, type: string): string {
  return version === 'R4' ? type : (renamedBack[version].get(type) ?? type);
}

function inverted(map: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...map].map(([key, value]) => [value, key]));
}
