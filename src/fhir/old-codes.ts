import type { FhirVersion } from './version.js';

/**
 * Codes that an older version spells otherwise, by the R4 element they are stored in. `null`: the older version has
 * no such code. A code that is not listed keeps its name. STU3 rows hold for DSTU2 as well unless DSTU2 has its own.
 * Searches of the old bases go by what is rendered, so that they find what is shown.
 */
interface CodeChange {
  readonly stu3?: Readonly<Record<string, string | null>>;
  readonly dstu2?: Readonly<Record<string, string | null>>;
}

const requestStatus: CodeChange = {
  stu3: { 'on-hold': 'suspended', revoked: 'cancelled' },
  dstu2: {
    'on-hold': 'suspended',
    revoked: 'cancelled',
    active: 'in-progress',
    'entered-in-error': null,
    unknown: null,
  },
};

const changes: Readonly<Record<string, CodeChange>> = {
  'Account.status': { stu3: { 'on-hold': 'active', unknown: null } },
  'AllergyIntolerance.category': { dstu2: { biologic: 'other' } },
  'AllergyIntolerance.criticality': { dstu2: { low: 'CRITL', high: 'CRITH', 'unable-to-assess': 'CRITU' } },
  'Condition.clinicalStatus': {
    stu3: { relapse: 'recurrence' },
    dstu2: { relapse: 'relapse', recurrence: 'relapse', inactive: null },
  },
  'Condition.verificationStatus': { stu3: { unconfirmed: 'provisional' } },
  'DiagnosticReport.status': { dstu2: { preliminary: 'partial', amended: 'corrected', unknown: null } },
  'Encounter.class': {
    dstu2: {
      IMP: 'inpatient',
      ACUTE: 'inpatient',
      NONAC: 'inpatient',
      AMB: 'ambulatory',
      EMER: 'emergency',
      HH: 'home',
      FLD: 'field',
      SS: 'daytime',
      VR: 'virtual',
      OBSENC: 'other',
      PRENC: 'other',
    },
  },
  'Immunization.status': { stu3: { 'not-done': 'completed' } },
  'MedicationDispense.status': {
    stu3: { cancelled: 'stopped', declined: 'stopped', unknown: null },
    dstu2: { cancelled: 'stopped', declined: 'stopped', unknown: null, preparation: 'in-progress' },
  },
  'MedicationRequest.intent': {
    stu3: { 'filler-order': 'order', 'reflex-order': 'order', 'original-order': 'order', option: 'order' },
  },
  'MedicationRequest.status': { dstu2: { cancelled: 'stopped', unknown: null } },
  'MedicationStatement.status': {
    stu3: { 'not-taken': 'completed', unknown: 'completed' },
    dstu2: { 'not-taken': 'completed', unknown: 'completed', 'on-hold': null, stopped: null },
  },
  'Observation.status': { dstu2: { corrected: 'amended' } },
  'OperationOutcome.issue.code': { stu3: { deleted: 'not-found', 'multiple-matches': 'processing' } },
  'Patient.link.type': { dstu2: { replaces: 'replace', 'replaced-by': null } },
  'Procedure.status': {
    stu3: { 'not-done': 'suspended', 'on-hold': 'suspended', stopped: 'aborted' },
    dstu2: { 'not-done': 'aborted', 'on-hold': 'in-progress', stopped: 'aborted', preparation: null, unknown: null },
  },
  'Provenance.entity.role': { dstu2: { removal: null } },
  'ServiceRequest.intent': { stu3: { directive: 'order' } },
  'ServiceRequest.status': requestStatus,
};

function changeFor(version: FhirVersion, element: string): Readonly<Record<string, string | null>> {
  const change = Object.hasOwn(changes, element) ? changes[element] : undefined;
  if (version === 'R4' || change === undefined) return {};
  return (version === 'DSTU2' ? (change.dstu2 ?? change.stu3) : change.stu3) ?? {};
}

/**
 * How a version spells an R4 code. `element` is the R4 path (`Observation.status`).
 * Undefined where the version has no such code. DSTU2 classes that are not listed are `other`.
 */
export function oldCode(version: FhirVersion, element: string, code: string): string | undefined {
  const change = changeFor(version, element);
  if (Object.hasOwn(change, code)) return change[code] ?? undefined;
  return version === 'DSTU2' && element === 'Encounter.class' ? 'other' : code;
}
