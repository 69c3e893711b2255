/** The business key behind each id, way by way, as the mapping guide lists them: what is unlike the first way falls back to the next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { segment } from '../support/told-hospital.js';
import { adt, map, oru, pid, pv1 } from './mapped.js';

const orc = (placer: string, filler: string): string => `ORC|RE|${placer}|${filler}`;
const obr = (placer: string, filler: string): string => `OBR|1|${placer}|${filler}|CBC^Count^LN|||20240503110000`;
const obx = 'OBX|1|NM|718-7^Hemoglobin^LN|a|12';
const rde = (...segments: string[]): string => oru(...segments).replace('ORU^R01', 'RDE^O11');
const rxe = 'RXE||1191^Aspirin^RXN|100||mg';

const cases: readonly (readonly [name: string, message: string, type: string, id: string | undefined])[] = [
  [
    'practitioner: authority and id',
    adt('A01', pid, segment('PV1', { 1: '1', 2: 'I', 7: 'D1^House^Greg^^^^^^NORTH', 19: 'V1' })),
    'Practitioner',
    'NORTH.D1',
  ],
  [
    'service request: placer',
    oru(orc('P1^OE', 'F1^LAB'), obr('P1^OE', 'F1^LAB'), obx),
    'ServiceRequest',
    'placer.OE.P1',
  ],
  ['service request: else filler', oru(orc('', 'F1^LAB'), obr('', 'F1^LAB'), obx), 'ServiceRequest', 'filler.LAB.F1'],
  ['medication request: placer', rde(orc('M1^OE', 'MF1^PH'), rxe), 'MedicationRequest', 'placer.OE.M1'],
  ['medication request: else filler', rde(orc('', 'MF1^PH'), rxe), 'MedicationRequest', 'filler.PH.MF1'],
  ['report: filler and OBR-4', oru(obr('P1^OE', 'F1^LAB'), obx), 'DiagnosticReport', 'filler.LAB.F1.CBC_LN'],
  ['report: else placer and OBR-4', oru(obr('P1^OE', ''), obx), 'DiagnosticReport', 'placer.OE.P1.CBC_LN'],
  [
    'report: else patient, OBR-4 and OBR-7',
    oru(obr('', ''), obx),
    'DiagnosticReport',
    'NORTH.12345.CBC_LN.2024-05-03T09_00_00.000Z',
  ],
  [
    'observation: its report’s key, OBX-3 and OBX-4',
    oru(obr('P1^OE', 'F1^LAB'), obx),
    'Observation',
    'filler.LAB.F1.CBC_LN.718-7_LN.a',
  ],
  ['observation: else the placer’s', oru(obr('P1^OE', ''), obx), 'Observation', 'placer.OE.P1.CBC_LN.718-7_LN.a'],
  [
    'observation: else patient, OBR-4 and OBR-7',
    oru(obr('', ''), obx),
    'Observation',
    'NORTH.12345.CBC_LN.2024-05-03T09_00_00.000Z.718-7_LN.a',
  ],
  [
    'condition: patient and DG1-20',
    adt('A01', pid, pv1, segment('DG1', { 1: '1', 3: 'I10^Hypertension^I10', 20: 'D1^NORTH' })),
    'Condition',
    'NORTH.12345.NORTH.D1',
  ],
  [
    'condition: else patient, visit and DG1-3',
    adt('A01', pid, pv1, 'DG1|1||I10^Hypertension^I10'),
    'Condition',
    'NORTH.12345.NORTH.V100.I10_I10',
  ],
  [
    'allergy: patient and IAM-7',
    adt('A60', pid, pv1, 'IAM|1|DA|PEN^Penicillin^L|||A|AL1^NORTH'),
    'AllergyIntolerance',
    'NORTH.12345.NORTH.AL1',
  ],
  [
    'allergy: else patient and code',
    adt('A60', pid, pv1, 'IAM|1|DA|PEN^Penicillin^L|||A'),
    'AllergyIntolerance',
    'NORTH.12345.PEN_L',
  ],
  [
    'allergy: else patient and folded text',
    adt('A01', pid, pv1, 'AL1|1|DA|^Pénicilline  G'),
    'AllergyIntolerance',
    'NORTH.12345.penicilline_g',
  ],
  [
    'coverage: patient, IN1-2, IN1-3 and IN1-36',
    adt('A01', pid, pv1, segment('IN1', { 1: '1', 2: 'GOLD', 3: 'PAY1^^^N', 36: 'POL1' })),
    'Coverage',
    'NORTH.12345.GOLD_.N.PAY1.POL1',
  ],
  [
    'related person: patient and NK1-33',
    adt('A01', pid, segment('NK1', { 1: '1', 2: 'Doe^Bob', 3: 'SPO', 33: 'K1^^^NORTH' })),
    'RelatedPerson',
    'NORTH.12345.NORTH.K1',
  ],
  [
    'related person: else patient, folded name and NK1-3',
    adt('A01', pid, 'NK1|1|DOÉ^Bob|SPO'),
    'RelatedPerson',
    'NORTH.12345.doe_bob.SPO_',
  ],
];

for (const [name, message, type, id] of cases) {
  test(`key of a ${name}`, () => {
    assert.deepEqual(
      map(message)
        .all(type)
        .map((resource) => resource['id']),
      id === undefined ? [] : [id],
    );
  });
}

test('equal keys of unequal things are counted and reported, never merged in silence', () => {
  const { all, mapped } = map(adt('A01', pid, pv1, 'AL1|1|DA|PEN^Penicillin^L|SV', 'AL1|2|DA|PEN^Penicillin^L|MO'));
  const ids = all('AllergyIntolerance').map(({ id }) => id);
  assert.equal(new Set(ids).size, 2, ids.join());
  assert.deepEqual(
    mapped.diagnostics.filter(({ code }) => code === 'key-not-unique').map(({ severity }) => severity),
    ['warning'],
  );
  const same = map(adt('A01', pid, 'NK1|1|Doe^Bob|SPO', 'NK1|2|Doe^Bob|SPO'));
  assert.ok(
    same.mapped.diagnostics.every(({ code }) => code !== 'key-not-unique'),
    'one person, named twice',
  );
});
