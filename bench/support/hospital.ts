/** The hospital of the benchmarks: so many patients with twelve resources each, made from a seed, as the engine would write them. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/json.js';
import { searchIndexOf } from '../../src/engine/search-index.js';
import type { DocumentWrite } from '../../src/store/resource-port.js';

/** Changes with what is written, so that older stores are not taken for the same. */
const edition = 1;
const seed = 7;
/** Epoch ms at which all was written. */
export const written = Date.UTC(2026, 0, 31);

export const tenant = '3f0c1f5a-0000-4000-8000-000000000001';
/** So many patients share a family name, whatever the size. */
export const namesakes = 20;
export const resourcesOfPatient = 12;

/** Where a store of so many patients is kept, outside the checkout: `WARDLINE_BENCH_STORE`, or the system's folder for temporary files. */
export function storeFolder(patients: number, format: string): string {
  const around = process.env['WARDLINE_BENCH_STORE'] ?? join(tmpdir(), 'wardline-bench-store');
  return join(around, `${patients}-seed${seed}-edition${edition}-${format}`);
}

const syllables = 'ba be bi bo da de di do ga ge gi go la le li lo ma me mi mo'.split(' ');

/** A family name of eight letters; different for each number below 160,000. */
export function familyName(number: number): string {
  let rest = (number * 7919 + seed * 104_729) % syllables.length ** 4;
  let name = '';
  for (let part = 0; part < 4; part++) {
    name += syllables[rest % syllables.length] ?? '';
    rest = Math.floor(rest / syllables.length);
  }
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The id of a patient, or of another of its resources by type and number. */
export function idOf(type: number, patient: number, number = 0): string {
  return `00000000-0000-8000-80${String(type).padStart(2, '0')}-${String(patient * 100 + number).padStart(12, '0')}`;
}

/** Twelve resources: a patient and what the app's screen shows of one. */
export function resourcesOf(patient: number): JsonObject[] {
  const subject = { reference: `Patient/${idOf(1, patient)}` };
  const concept = (code: string, display: string): JsonObject => ({
    coding: [{ system: 'http://loinc.org', code, display }],
    text: display,
  });
  const day = (number: number): string => `2026-01-${String((number % 28) + 1).padStart(2, '0')}T08:00:00+01:00`;
  const vital = (number: number): JsonObject => ({
    resourceType: 'Observation',
    id: idOf(2, patient, number),
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: concept('8867-4', 'Heart rate'),
    subject,
    effectiveDateTime: day(number),
    valueQuantity: { value: 60 + number, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  });
  return [
    {
      resourceType: 'Patient',
      id: idOf(1, patient),
      identifier: [{ system: 'urn:id:NORTH', value: String(100_000 + patient) }],
      name: [{ family: familyName(Math.floor(patient / namesakes)), given: [`Given${patient % 70}`] }],
      gender: 'female',
      birthDate: `19${String(patient % 100).padStart(2, '0')}-03-04`,
    },
    ...[1, 2, 3, 4, 5].map(vital),
    { resourceType: 'Location', id: idOf(3, patient), name: `Ward ${patient % 40}` },
    {
      resourceType: 'Encounter',
      id: idOf(4, patient),
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      type: [concept('R', 'Routine')],
      subject,
      period: { start: day(patient) },
      location: [{ location: { reference: `Location/${idOf(3, patient)}` } }],
    },
    { resourceType: 'Condition', id: idOf(5, patient), code: concept('J45', 'Asthma'), subject, recordedDate: day(1) },
    { resourceType: 'AllergyIntolerance', id: idOf(6, patient), code: concept('7980', 'Penicillin'), patient: subject },
    {
      resourceType: 'MedicationRequest',
      id: idOf(7, patient),
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: concept('198440', 'Acetaminophen 500 MG'),
      subject,
      authoredOn: day(2),
      dosageInstruction: [{ text: 'One every six hours' }],
    },
    {
      resourceType: 'Coverage',
      id: idOf(8, patient),
      status: 'active',
      beneficiary: subject,
      payor: [{ display: 'Insurance' }],
      subscriberId: 'S1',
    },
  ];
}

/**
 * The write of a resource; its state stands for the engine's, three copies of what is shown. What it has in common with the
 * one that it is like is not extracted again.
 */
export function writeOf(resource: JsonObject, like?: JsonObject): DocumentWrite {
  const { values, sortDate } = searchIndexOf({ resource, standsFor: '', source: '1-1', moved: [] }, like);
  return {
    expected: 0,
    document: {
      type: String(resource['resourceType']),
      id: String(resource['id']),
      revision: 1,
      state: { registers: [resource, resource, resource] },
      resource,
      hash: 'h',
      version: 1,
      lastUpdated: written,
      source: '1-1',
      members: [],
      standsFor: '',
      moved: [],
      patient: '',
      keyRest: '',
      touches: [],
    },
    folded: [],
    between: [],
    values,
    sortDate,
    newVersion: true,
    mappingVersion: 1,
  };
}
