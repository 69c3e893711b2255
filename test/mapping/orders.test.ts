import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { map, obr, oru, pid } from './mapped.js';

/** An RDE with these segments after PID. */
function rde(...segments: string[]): string {
  return ['MSH|^~\\&|PHARM|NORTH|W|W|20240503111500||RDE^O11|M3|P|2.5.1', pid, ...segments].join('\n');
}

/** An RDS with these segments after PID. */
function rds(...segments: string[]): string {
  return ['MSH|^~\\&|PHARM|NORTH|W|W|20240503111500||RDS^O13|M4|P|2.5.1', pid, ...segments].join('\n');
}

const drug = 'RXE||M1^Aspirin^L|100||mg';

const statuses: readonly (readonly [control: string, status: string, expected: string])[] = [
  ['NW', '', 'active'],
  ['OK', '', 'active'],
  ['XO', '', 'active'],
  ['RL', '', 'active'],
  ['HD', '', 'on-hold'],
  ['CA', '', 'cancelled'],
  ['DC', '', 'stopped'],
  ['NW', 'CM', 'completed'],
  ['SC', 'HD', 'on-hold'],
  ['DC', 'IP', 'stopped'],
  ['SC', 'IP', 'active'],
  ['SC', '', 'unknown'],
];

for (const [control, status, expected] of statuses) {
  test(`ORC-1 ${control} with ORC-5 '${status}' is ${expected}`, () => {
    const { one } = map(rde(`ORC|${control}|P1^OE|||${status}`, drug));
    assert.equal(one('MedicationRequest')['status'], expected);
  });
}

const dosages: readonly (readonly [name: string, segments: readonly string[], texts: readonly string[]])[] = [
  ['the signature as written', ['ORC|NW|P1', `${drug}||^one tablet daily`], ['one tablet daily']],
  ['composed of what is coded', ['ORC|NW|P1', drug, 'TQ1|||BID', 'RXR|PO^Oral'], ['100 mg Oral BID']],
  ['one for each timing', ['ORC|NW|P1', drug, 'TQ1|||QAM', 'TQ1|||QHS'], ['100 mg QAM', '100 mg QHS']],
  ['the timing of the order itself', ['ORC|NW|P1', 'TQ1|||TID', drug, 'RXR|IV'], ['100 mg IV TID']],
  ['as in version 2.3', ['ORC|NW|P1', 'RXE|^Q6H^^20240503|M1^Aspirin^L|100||mg'], ['100 mg Q6H']],
  ['of an order that is not encoded', ['ORC|NW|P1', 'RXO|M1^Aspirin^L|100||mg', 'RXR|PO'], ['100 mg PO']],
  ['the medication where nothing is said', ['ORC|NW|P1', 'RXE||M1^Aspirin^L'], ['Aspirin']],
];

for (const [name, segments, texts] of dosages) {
  test(`dosage text: ${name}`, () => {
    const instructions = map(rde(...segments)).one('MedicationRequest')['dosageInstruction'];
    assert.deepEqual(each(instructions, 'text'), texts);
  });
}

const written: readonly (readonly [control: string, segment: string, authored: string, weak: boolean])[] = [
  ['NW', drug, '2024-05-03T09:00:00+02:00', false],
  ['DC', drug, '2024-05-03T09:00:00+02:00', true],
  ['HD', drug, '2024-05-03T09:00:00+02:00', true],
  ['XO', drug, '2024-05-03T09:00:00+02:00', true],
  ['RE', drug, '2024-05-03T09:00:00+02:00', true],
  ['DC', `${drug}${'|'.repeat(27)}20240501080000`, '2024-05-01T08:00:00+02:00', false],
];

for (const [control, segment, authored, weak] of written) {
  const rank = weak ? 'only where no message told it' : 'from its own';
  test(`an order of ORC-1 ${control} has a date, ${rank}${segment === drug ? '' : ' (RXE-32)'}`, () => {
    const { mapped, one } = map(rde(`ORC|${control}|P1^OE|||||||20240503090000`, segment));
    assert.equal(one('MedicationRequest')['authoredOn'], authored);
    const order = mapped.drafts.find((draft) => draft.type === 'MedicationRequest');
    const element = order?.elements.find(({ path }) => path === 'authoredOn');
    assert.equal(element?.weak === true, weak);
  });
}

test('what one timing of an order leaves out is not taken from another', () => {
  const order = map(rde('ORC|NW|P1', 'TQ1|1||BID|0800||||||||||3', drug, 'TQ1|1||QHS')).one('MedicationRequest');
  const [dosage] = each(order['dosageInstruction'], 'timing');
  assert.ok(isJsonObject(dosage));
  assert.deepEqual(dosage['repeat'], { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] });
});

test('several routes of one order are alternatives', () => {
  const order = map(rde('ORC|NW|P1', drug, 'RXR|PO^Oral', 'RXR|IV^Intravenous')).one('MedicationRequest');
  assert.deepEqual(each(order['dosageInstruction'], 'additionalInstruction'), [[{ text: 'Oral or Intravenous' }]]);
});

const substitutions: readonly (readonly [code: string, substituted: boolean])[] = [
  ['N', false],
  ['0', false],
  ['1', false],
  ['2', false],
  ['7', false],
  ['G', true],
  ['T', true],
];

for (const [code, substituted] of substitutions) {
  test(`a dispense with substitution status ${code} was ${substituted ? '' : 'not '}substituted`, () => {
    const dispense = map(rds('ORC|RE|P1^OE', `RXD|1|M1^Aspirin^L|20240503|10|||||||${code}`)).one('MedicationDispense');
    assert.ok(isJsonObject(dispense['substitution']));
    assert.equal(dispense['substitution']['wasSubstituted'], substituted);
  });
}

for (const [control, status] of [
  ['RE', 'completed'],
  ['NW', 'completed'],
  ['OC', 'cancelled'],
  ['DC', 'stopped'],
  ['HD', 'on-hold'],
] as const) {
  test(`a dispense of ORC-1 ${control} is ${status}`, () => {
    const { one } = map(rds(`ORC|${control}|P1^OE`, 'RXD|1|M1^Aspirin^L|20240503|10'));
    assert.equal(one('MedicationDispense')['status'], status);
  });
}

test('a dispense without its order names it by number', () => {
  const { one, all } = map(rds('ORC|RE|P1^OE', 'RXD|1|M1^Aspirin^L|20240503|10'));
  assert.deepEqual(all('MedicationRequest'), []);
  assert.deepEqual(one('MedicationDispense')['authorizingPrescription'], [
    { identifier: { value: 'P1', system: 'urn:id:OE' }, type: 'MedicationRequest' },
  ]);
});

test('route and ingredients of a dispense are its own', () => {
  const { one, all } = map(
    rds(
      'ORC|RE|P1^OE',
      drug,
      'RXR|PO^Oral',
      'RXC|A|X^Of the order',
      'RXD|1|M1^Aspirin^L|20240503',
      'RXR|IV^Vein',
      'RXC|A|Y^Given',
    ),
  );
  const [dosage] = each(one('MedicationDispense')['dosageInstruction'], 'route');
  assert.ok(isJsonObject(dosage));
  assert.equal(dosage['text'], 'Vein');
  const ingredients = all('Medication').map(({ ingredient }) =>
    each(ingredient, 'itemCodeableConcept').map((item) => (isJsonObject(item) ? item['text'] : undefined)),
  );
  assert.deepEqual(ingredients, [['Of the order'], ['Given']]);
});

test('equal vaccinations of two patients are two, and so are their observations', () => {
  const vaccination = (patient: string) =>
    map(
      [
        'MSH|^~\\&|EHR|NORTH|W|W|20240503111500||VXU^V04|M3|P|2.5.1',
        pid.replace('12345', patient),
        'ORC|RE||9999',
        'RXA|0|1|20240503||140^Flu^CVX|0.5',
        'OBX|1|CE|31044-1^Reaction^LN|1|F^Fever^L||||||F',
      ].join('\n'),
    );
  const ids = ['1', '2'].flatMap((patient) => vaccination(patient).resources.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length - 1, 'all but the organization NORTH');
});

test('every order of a message has its own timing, route and comment', () => {
  const orders = map(
    rde('ORC|NW|P1', drug, 'NTE|1||first', 'TQ1|||BID', 'RXR|PO', 'ORC|NW|P2', 'RXE||M2^Heparin^L', 'ORC|NW|P3', drug),
  ).all('MedicationRequest');
  assert.deepEqual(
    orders.map((order) => each(order['note'], 'text')),
    [['first'], [], []],
  );
  assert.deepEqual(
    orders.map((order) => each(order['dosageInstruction'], 'text')),
    [['100 mg PO BID'], ['Heparin'], ['100 mg']],
  );
});

test('a result, its correction and its deletion are one observation', () => {
  const ids = ['P', 'F', 'C', 'D'].map((status) => {
    const { mapped } = map(oru('ORC|RE|P1^OE|F1^LAB', obr, `OBX|1|NM|X^Y|1|5|mg|||||${status}`));
    const [draft] = mapped.drafts.filter((each) => each.type === 'Observation');
    assert.equal(draft?.deleted, status === 'D');
    return draft?.key?.parts.join(' ');
  });
  assert.equal(new Set(ids).size, 1);
  assert.ok(ids[0]);
});

test('results stay with their own order, equal codes are counted', () => {
  const { all } = map(
    oru(obr, 'OBX|1|NM|X^Y||1', 'OBX|2|NM|X^Y||2', obr.replace('F1', 'F2'), 'OBX|1|NM|X^Y||3', 'NTE|1||of the last'),
  );
  const reports = all('DiagnosticReport');
  const observations = all('Observation');
  assert.equal(new Set(observations.map((each) => each['id'])).size, 3);
  assert.deepEqual(
    reports.map((report) => each(report['result'], 'reference')),
    [
      [`Observation/${observations[0]?.['id']}`, `Observation/${observations[1]?.['id']}`],
      [`Observation/${observations[2]?.['id']}`],
    ],
  );
  assert.deepEqual(
    observations.map((observation) => each(observation['note'], 'text')),
    [[], [], ['of the last']],
  );
});

test('a comment on the patient is on no result, one on the report is on no observation', () => {
  const { all } = map(oru('NTE|1||of the patient', obr, 'NTE|1||of the report', 'OBX|1|NM|X^Y||1'));
  assert.equal(all('Observation')[0]?.['note'], undefined);
  assert.deepEqual(all('DiagnosticReport')[0]?.['extension'], [
    {
      url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note',
      valueAnnotation: { text: 'of the report' },
    },
  ]);
});

/** One member of every object of a list. */
function each(list: Json | undefined, name: string): (Json | undefined)[] {
  const items = Array.isArray(list) ? list : [];
  return items.filter((item): item is JsonObject => isJsonObject(item)).map((item) => item[name]);
}

test('who takes part in an order, its study and its account stand on it', () => {
  const order = map(
    rde(
      'ORC|NW|P1',
      'PRT|1|AD||DP^Dispensing Provider^HL70443|D7^Smith^Jane',
      drug,
      'BLG|||A12',
      'CTI|S1|P2^Phase 2^L',
    ),
  ).one('MedicationRequest');
  const extensions = new Map(
    (Array.isArray(order['extension']) ? order['extension'] : []).flatMap((one) =>
      isJsonObject(one) ? [[String(one['url']).replace(/.*[:/]/, ''), one] as const] : [],
    ),
  );
  assert.deepEqual(
    [...extensions.keys()].sort(),
    ['billing-account', 'participation', 'study-phase', 'workflow-researchStudy'].sort(),
  );
  assert.deepEqual(each(extensions.get('participation')?.['extension'], 'url'), ['role', 'person']);
});

test('a place that the visit names too gets the address of the vaccination', () => {
  const place = '3W^12^B^NORTH';
  const { all } = map(
    [
      'MSH|^~\\&|EHR|NORTH|W|W|20240503111500||VXU^V04|M3|P|2.8',
      pid,
      `PV1|1|O|${place}${'|'.repeat(16)}V1`,
      'ORC|RE||F1^IIS',
      `RXA|0|1|20240503||140^Flu^CVX|0.5${'|'.repeat(21)}${place}|Main St 1^^Berlin`,
    ].join('\n'),
  );
  const site = all('Location').find(({ name }) => name === 'NORTH');
  assert.deepEqual(site?.['address'], { line: ['Main St 1'], city: 'Berlin' });
});
