import type { JsonObject } from '../../src/core/json.js';

/** A small hospital ward in R4, as the engine stores it: invented people, references by type and id. */
export const ids = {
  anna: '0b7e7a52-0000-8000-8000-000000000001',
  bert: '0b7e7a52-0000-8000-8000-000000000002',
  /** Merged into Anna's. */
  annaOld: '0b7e7a52-0000-8000-8000-000000000003',
  visit: '0b7e7a52-0000-8000-8000-000000000011',
  wrongVisit: '0b7e7a52-0000-8000-8000-000000000012',
  ward: '0b7e7a52-0000-8000-8000-000000000021',
  doctor: '0b7e7a52-0000-8000-8000-000000000031',
  /** What the doctor is at the insurer. */
  role: '0b7e7a52-0000-8000-8000-000000000032',
  insurer: '0b7e7a52-0000-8000-8000-000000000041',
  pressure: '0b7e7a52-0000-8000-8000-000000000051',
  pulse: '0b7e7a52-0000-8000-8000-000000000052',
  sodium: '0b7e7a52-0000-8000-8000-000000000053',
  oldPulse: '0b7e7a52-0000-8000-8000-000000000054',
  pain: '0b7e7a52-0000-8000-8000-000000000061',
  nuts: '0b7e7a52-0000-8000-8000-000000000071',
  order: '0b7e7a52-0000-8000-8000-000000000081',
  stopped: '0b7e7a52-0000-8000-8000-000000000082',
  coverage: '0b7e7a52-0000-8000-8000-000000000091',
} as const;

const v2 = 'http://terminology.hl7.org/CodeSystem/v2-';
const v3 = 'http://terminology.hl7.org/CodeSystem/v3-';

function concept(system: string, code: string, display?: string): JsonObject {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] };
}

function loinc(code: string, display: string): JsonObject {
  return concept('http://loinc.org', code, display);
}

const vitalSigns = [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs')];
const anna: JsonObject = { reference: `Patient/${ids.anna}` };

function quantity(value: number, unit: string): JsonObject {
  return { value, unit, system: 'http://unitsofmeasure.org', code: unit };
}

function mrn(value: string): JsonObject {
  return { use: 'usual', type: concept(`${v2}0203`, 'MR'), system: 'urn:oid:1.2.3', value };
}

export const sampleResources: readonly JsonObject[] = [
  {
    resourceType: 'Patient',
    id: ids.anna,
    active: true,
    identifier: [mrn('4711')],
    name: [{ use: 'official', family: 'Müller-Chaudhary', given: ['Anna', 'Žofie'], prefix: ['Dr.'] }],
    gender: 'female',
    birthDate: '1970-03-05',
    generalPractitioner: [{ reference: `Practitioner/${ids.doctor}` }],
  },
  {
    resourceType: 'Patient',
    id: ids.bert,
    identifier: [mrn('4712')],
    name: [{ use: 'official', family: 'Chau', given: ['Bert'] }],
    gender: 'male',
    birthDate: '1981-12-24',
  },
  {
    resourceType: 'Encounter',
    id: ids.visit,
    status: 'in-progress',
    class: { system: `${v3}ActCode`, code: 'IMP' },
    type: [{ text: 'Inpatient stay' }],
    subject: anna,
    period: { start: '2026-11-20T08:00:00+01:00' },
    location: [{ location: { reference: `Location/${ids.ward}` }, status: 'active' }],
  },
  {
    resourceType: 'Encounter',
    id: ids.wrongVisit,
    status: 'entered-in-error',
    class: { system: `${v3}ActCode`, code: 'AMB' },
    subject: anna,
    period: { start: '2026-11-22T08:00:00+01:00' },
  },
  { resourceType: 'Location', id: ids.ward, status: 'active', name: 'Ward 3 West, bed 2' },
  { resourceType: 'Practitioner', id: ids.doctor, name: [{ family: 'Nowak', given: ['Eva'], prefix: ['Dr.'] }] },
  {
    resourceType: 'PractitionerRole',
    id: ids.role,
    practitioner: { reference: `Practitioner/${ids.doctor}` },
    organization: { reference: `Organization/${ids.insurer}` },
    code: [concept(`${v2}0286`, 'CP', 'Consulting provider')],
    specialty: [concept('http://snomed.info/sct', '394579002', 'Cardiology')],
    location: [{ reference: `Location/${ids.ward}` }],
  },
  { resourceType: 'Organization', id: ids.insurer, active: true, name: 'North Mutual' },
  {
    resourceType: 'Observation',
    id: ids.pressure,
    status: 'final',
    category: vitalSigns,
    code: loinc('85354-9', 'Blood pressure panel'),
    subject: anna,
    encounter: { reference: `Encounter/${ids.visit}` },
    effectiveDateTime: '2026-11-21T10:00:00+01:00',
    component: [
      { code: loinc('8480-6', 'Systolic blood pressure'), valueQuantity: quantity(121, 'mm[Hg]') },
      { code: loinc('8462-4', 'Diastolic blood pressure'), valueQuantity: quantity(79, 'mm[Hg]') },
    ],
  },
  {
    resourceType: 'Observation',
    id: ids.pulse,
    status: 'corrected',
    category: vitalSigns,
    code: { text: 'Pulse', coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: anna,
    effectiveDateTime: '2026-11-21T12:00:00+01:00',
    valueQuantity: quantity(72, '/min'),
  },
  {
    resourceType: 'Observation',
    id: ids.sodium,
    status: 'final',
    category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory')],
    code: loinc('2951-2', 'Sodium'),
    subject: anna,
    effectiveDateTime: '2026-11-22T07:00:00+01:00',
    valueQuantity: quantity(140, 'mmol/L'),
  },
  {
    resourceType: 'Observation',
    id: ids.oldPulse,
    status: 'final',
    category: vitalSigns,
    code: loinc('8867-4', 'Heart rate'),
    subject: { reference: `Patient/${ids.annaOld}` },
    effectiveDateTime: '2026-11-01T12:00:00+01:00',
    valueQuantity: quantity(70, '/min'),
  },
  {
    resourceType: 'Condition',
    id: ids.pain,
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
    severity: concept('http://snomed.info/sct', '24484000', 'Severe'),
    code: concept('http://hl7.org/fhir/sid/icd-10', 'R07.4', 'Chest pain, unspecified'),
    subject: anna,
    recordedDate: '2026-11-20',
  },
  {
    resourceType: 'AllergyIntolerance',
    id: ids.nuts,
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', 'active'),
    verificationStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-verification', 'confirmed'),
    category: ['food'],
    code: { text: 'Peanuts' },
    patient: anna,
    recordedDate: '2026-10-01',
    note: [{ text: 'told by the mother' }],
    reaction: [{ substance: { text: 'Peanut' }, manifestation: [{ text: 'Hives' }] }],
  },
  {
    resourceType: 'MedicationRequest',
    id: ids.order,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'Aspirin 100 mg' },
    subject: anna,
    authoredOn: '2026-11-20T09:00:00+01:00',
    requester: { reference: `Practitioner/${ids.doctor}` },
    dosageInstruction: [{ text: '1 tablet daily' }],
  },
  {
    resourceType: 'MedicationRequest',
    id: ids.stopped,
    status: 'cancelled',
    intent: 'order',
    medicationCodeableConcept: { text: 'Ibuprofen 400 mg' },
    subject: anna,
    authoredOn: '2026-11-19T09:00:00+01:00',
  },
  {
    resourceType: 'Coverage',
    id: ids.coverage,
    status: 'active',
    beneficiary: anna,
    subscriberId: 'S-1',
    payor: [{ reference: `Organization/${ids.insurer}` }],
    period: { start: '2026-01-01' },
    class: [
      { type: concept('http://terminology.hl7.org/CodeSystem/coverage-class', 'group'), value: 'G1', name: 'Staff' },
      { type: concept('http://terminology.hl7.org/CodeSystem/coverage-class', 'plan'), value: 'P1', name: 'Gold' },
    ],
  },
];
