import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/core/json.js';
import { adt, map, obr, oru, pid, pv1 } from './mapped.js';

const ucum = 'http://unitsofmeasure.org';

/** The member of a resource at a path like `name.0.family`. */
function at(value: Json | undefined, path: string): Json | undefined {
  let there: Json | undefined = value;
  for (const step of path.split('.')) {
    if (typeof there !== 'object' || there === null) return undefined;
    there = Array.isArray(there) ? there[Number(step)] : there[step];
  }
  return there;
}

/** What stands in the one resource of a type; undefined: nothing does. */
const cases: readonly (readonly [
  name: string,
  message: string,
  type: string,
  expected: Readonly<Record<string, Json | undefined>>,
])[] = [
  [
    'every repetition of a name',
    adt('A08', 'PID|1||1||Doe^Ann^M^Jr^Dr^^L~Roe^Ann^^^^^M'),
    'Patient',
    {
      'name.0': { family: 'Doe', given: ['Ann', 'M'], suffix: ['Jr'], prefix: ['Dr'], use: 'official' },
      'name.1': { family: 'Roe', given: ['Ann'], use: 'maiden' },
      'name.2': undefined,
    },
  ],
  [
    'values do not leak between repetitions',
    adt('A08', `PID|1||1^^^A^MR~2||Doe${'|'.repeat(6)}a^^b^^^^H~c`),
    'Patient',
    {
      'identifier.1': { value: '2' },
      'address.1': { line: ['c'] },
    },
  ],
  [
    'quotes, backslashes and escapes',
    adt('A08', 'PID|1||1||O"Br\\T\\ien\\E\\n^{"a":1}'),
    'Patient',
    {
      'name.0.family': 'O"Br&ien\\n',
      'name.0.given.0': '{"a":1}',
    },
  ],
  [
    'telecoms of two fields',
    adt('A08', `PID|1||1||Doe${'|'.repeat(8)}^^PH^^1^217^5551234^9~x@y.org^NET^Internet|(217) 555`),
    'Patient',
    {
      'telecom.0.value': '+1 217 5551234 X9',
      'telecom.0.use': 'home',
      'telecom.1.value': 'x@y.org',
      'telecom.1.system': 'email',
      'telecom.2': { value: '(217) 555', system: 'phone', use: 'work' },
    },
  ],
  [
    'time of birth beside the date',
    adt('A08', 'PID|1||1||Doe||198001020304|F'),
    'Patient',
    {
      birthDate: '1980-01-02',
      '_birthDate.extension.0.valueDateTime': '1980-01-02T03:04:00+01:00',
    },
  ],
  [
    'a date never gets a zone',
    adt('A08', 'PID|1||1||Doe||19800102'),
    'Patient',
    { birthDate: '1980-01-02', _birthDate: undefined },
  ],
  ['an impossible date is left out', adt('A08', 'PID|1||1||Doe||19800231'), 'Patient', { birthDate: undefined }],
  [
    'an unmapped gender is left out, never an error text',
    adt('A08', 'PID|1||1||Doe|||Q'),
    'Patient',
    { gender: undefined },
  ],
  [
    'an unmapped code of a concept is kept as sent',
    adt('A08', `PID|1||1||Doe${'|'.repeat(11)}QQ^Odd`),
    'Patient',
    {
      'maritalStatus.coding.0': { system: 'http://terminology.hl7.org/CodeSystem/v2-0002', code: 'QQ', display: 'Odd' },
      'maritalStatus.coding.1': undefined,
    },
  ],
  [
    'death by date, else by indicator',
    adt('A08', `PID|1||1||Doe${'|'.repeat(24)}20240101|Y`),
    'Patient',
    {
      deceasedDateTime: '2024-01-01',
      deceasedBoolean: undefined,
    },
  ],
  ['death by indicator', adt('A08', `PID|1||1||Doe${'|'.repeat(25)}Y`), 'Patient', { deceasedBoolean: true }],
  [
    'the degree is no name suffix',
    adt('A08', pid, `PV1|1|I||||D1^House^Greg^^Jr^Dr^MD|D1^House^Greg^^Jr^Dr^MD^^NORTH${'|'.repeat(12)}V1`),
    'Practitioner',
    {
      'name.0': { family: 'House', given: ['Greg'], suffix: ['Jr'], prefix: ['Dr'] },
      'identifier.0.system': 'urn:id:NORTH',
    },
  ],
  [
    'the place is one of its levels, not the whole PL',
    adt('A08', pid, pv1),
    'Encounter',
    { type: undefined, location: undefined },
  ],
  [
    'a quantity',
    oru(obr, 'OBX|1|NM|2345-7^Glucose^LN||5.40|mmol/L^^UCUM|3.9-5.8|H|||F'),
    'Observation',
    {
      valueQuantity: { value: 5.4, unit: 'mmol/L', code: 'mmol/L', system: 'http://unitsofmeasure.org' },
      'referenceRange.0.low.value': 3.9,
      'referenceRange.0.high.value': 5.8,
      'interpretation.0.coding.0.code': 'H',
      effectiveDateTime: '2024-05-03T11:00:00+02:00',
      status: 'final',
    },
  ],
  [
    'a comparator in a number',
    oru(obr, 'OBX|1|NM|X^Y||<5'),
    'Observation',
    { valueQuantity: { value: 5, comparator: '<' } },
  ],
  [
    'a titre in a number',
    oru(obr, 'OBX|1|NM|X^Y||>=1:64'),
    'Observation',
    {
      valueRatio: { numerator: { value: 1, comparator: '>=' }, denominator: { value: 64 } },
      valueQuantity: undefined,
    },
  ],
  [
    'a number beyond all numbers',
    oru(obr, `OBX|1|NM|X^Y||${'9'.repeat(400)}|mg|1-${'9'.repeat(400)}`),
    'Observation',
    {
      valueQuantity: undefined,
      valueString: '9'.repeat(400),
      'referenceRange.0.low.value': 1,
      'referenceRange.0.high': undefined,
    },
  ],
  [
    'no number in a number',
    oru(obr, 'OBX|1|NM|X^Y||see note'),
    'Observation',
    { valueString: 'see note', valueQuantity: undefined },
  ],
  [
    'structured numeric: comparator',
    oru(obr, 'OBX|1|SN|X^Y||>^5|mg'),
    'Observation',
    { valueQuantity: { value: 5, comparator: '>', unit: 'mg', code: 'mg', system: ucum } },
  ],
  [
    'structured numeric: ratio',
    oru(obr, 'OBX|1|SN|X^Y||^1^:^64'),
    'Observation',
    { valueRatio: { numerator: { value: 1 }, denominator: { value: 64 } } },
  ],
  [
    'structured numeric: range',
    oru(obr, 'OBX|1|SN|X^Y||^1^-^3|mg'),
    'Observation',
    {
      valueRange: {
        low: { value: 1, unit: 'mg', code: 'mg', system: ucum },
        high: { value: 3, unit: 'mg', code: 'mg', system: ucum },
      },
    },
  ],
  ['structured numeric: plus', oru(obr, 'OBX|1|SN|X^Y||^1^+'), 'Observation', { valueString: '1 +' }],
  [
    'text with repetitions',
    oru(obr, 'OBX|1|TX|X^Y||one~two\\.br\\three'),
    'Observation',
    { valueString: 'one\ntwo\nthree' },
  ],
  ['a string', oru(obr, 'OBX|1|ST|X^Y||a^b'), 'Observation', { valueString: 'a^b' }],
  ['no type', oru(obr, 'OBX|1||X^Y||text'), 'Observation', { valueString: 'text' }],
  ['an unknown type', oru(obr, 'OBX|1|ZZ|X^Y||text'), 'Observation', { valueString: 'text' }],
  [
    'a coded value',
    oru(obr, 'OBX|1|CE|X^Y||A^Alpha^L'),
    'Observation',
    { valueCodeableConcept: { coding: [{ code: 'A', display: 'Alpha' }], text: 'Alpha' } },
  ],
  [
    'a plain coded value',
    oru(obr, 'OBX|1|IS|X^Y||POS'),
    'Observation',
    { 'valueCodeableConcept.coding.0.code': 'POS' },
  ],
  ['a date', oru(obr, 'OBX|1|DT|X^Y||20240102'), 'Observation', { valueDateTime: '2024-01-02' }],
  [
    'a timestamp',
    oru(obr, 'OBX|1|TS|X^Y||20240102030405.5+0100'),
    'Observation',
    { valueDateTime: '2024-01-02T03:04:05.5+01:00' },
  ],
  ['a time', oru(obr, 'OBX|1|TM|X^Y||0304'), 'Observation', { valueTime: '03:04:00' }],
  [
    'a range of numbers',
    oru(obr, 'OBX|1|NR|X^Y||1^2'),
    'Observation',
    { valueRange: { low: { value: 1 }, high: { value: 2 } } },
  ],
  [
    'a period',
    oru(obr, 'OBX|1|DR|X^Y||20240101^20240102'),
    'Observation',
    { valuePeriod: { start: '2024-01-01', end: '2024-01-02' } },
  ],
  ['a name', oru(obr, 'OBX|1|XPN|X^Y||Doe^Ann'), 'Observation', { valueString: 'Ann Doe' }],
  [
    'several coded values',
    oru(obr, 'OBX|1|CWE|X^Y||A^Alpha~B^Beta'),
    'Observation',
    {
      'component.0.valueCodeableConcept.coding.0.code': 'A',
      'component.1.valueCodeableConcept.coding.0.code': 'B',
      'component.1.code.text': 'Y',
      valueCodeableConcept: undefined,
    },
  ],
  [
    'an embedded document',
    oru(obr, 'OBX|1|ED|X^Y||^application^pdf^Base64^aGVsbG8='),
    'Observation',
    {
      'extension.0.valueAttachment.url': 'Binary/document.filler.LAB.F1.24323-8_LN.X_.',
      valueString: undefined,
    },
  ],
  [
    'a note on its own parent',
    oru(obr, 'NTE|1||of the order', 'OBX|1|NM|X^Y||1', 'NTE|1||one', 'NTE|2||two'),
    'Observation',
    {
      'note.0.text': 'one',
      'note.1.text': 'two',
      'note.2': undefined,
    },
  ],
  ['a default that no message stated', oru(obr, 'OBX|1|NM|X^Y||1'), 'Observation', { status: 'unknown' }],
  [
    'a vital sign by its LOINC code',
    oru(obr, 'OBX|1|NM|8867-4^Pulse^LN||60'),
    'Observation',
    { 'category.0.coding.0.code': 'vital-signs' },
  ],
];

for (const [name, message, type, expected] of cases) {
  test(`message to resource: ${name}`, () => {
    const { one } = map(message);
    const resource = one(type);
    for (const [path, value] of Object.entries(expected)) {
      assert.deepEqual(at(resource, path), value, `${path} in ${JSON.stringify(resource)}`);
    }
  });
}

test('a wrong MSH-9.3 and an unknown version make no segment vanish', () => {
  const { one } = map(adt('A04', pid, pv1).replace('ADT^A04|M1|P|2.5', 'ADT^A04^ADT_A04|M1|P|9.9'));
  assert.equal(one('Encounter')['id'], 'NORTH.V100');
});

test('one segment out of place hides no other', () => {
  const { one, mapped } = map(adt('A01', 'OBX|1|NM|8867-4^Pulse^LN||60', pid, 'ZZZ|1', 'XYZ|1', pv1));
  assert.equal(one('Patient')['id'], 'NORTH.12345');
  assert.equal(one('Encounter')['id'], 'NORTH.V100');
  assert.equal(one('Observation')['status'], 'unknown');
  assert.ok(mapped.diagnostics.some((diagnostic) => diagnostic.code === 'segment-misplaced'));
});

test('"" deletes: null for a single element and for a list', () => {
  const { mapped } = map(adt('A08', 'PID|1||1||Doe|||""|||||""'));
  const deleted = mapped.drafts.flatMap((draft) => draft.elements).filter((element) => element.value === null);
  assert.deepEqual(
    deleted.map(({ kind, path, rule }) => ({ kind, path, rule })),
    [
      { kind: 'single', path: 'gender', rule: 'PID[Patient]/PID-8' },
      { kind: 'list', path: 'telecom', rule: 'PID[Patient]/PID-13' },
      { kind: 'list', path: 'telecom', rule: 'PID[Patient]/PID-13.other' },
    ],
  );
});

test('an empty field says nothing', () => {
  const { mapped } = map(adt('A08', pid));
  const paths = mapped.drafts.find((draft) => draft.type === 'Patient')?.elements.map((element) => element.path);
  assert.deepEqual(paths, ['identifier', 'name']);
});

test('without any zone a time is kept as its date, and said so', () => {
  const { one, mapped } = map(oru(obr, 'OBX|1|NM|X^Y||1'), {
    tenant: { authorities: [], accountsAreVisits: false, localCodes: {} },
  });
  assert.equal(one('Observation')['effectiveDateTime'], '2024-05-03');
  assert.ok(mapped.diagnostics.some((diagnostic) => diagnostic.code === 'time-no-zone'));
});

test('a zone comes from the sender, else the listener, else the tenant', () => {
  const zones = [{ senderZone: 'America/New_York', listenerZone: 'Europe/Paris' }, { listenerZone: 'Asia/Tokyo' }, {}];
  const times = zones.map((zone) => map(oru(obr, 'OBX|1|NM|X^Y||1'), zone).one('Observation')['effectiveDateTime']);
  assert.deepEqual(times, ['2024-05-03T11:00:00-04:00', '2024-05-03T11:00:00+09:00', '2024-05-03T11:00:00+02:00']);
});

test('a local hour that comes twice is the first, one that does not exist moves forward, and both are said so', () => {
  for (const [hour, shown, code] of [
    ['20241027023000', '2024-10-27T02:30:00+02:00', 'time-repeated-hour'],
    ['20240331023000', '2024-03-31T03:30:00+02:00', 'time-skipped-hour'],
  ] as const) {
    const { one, mapped } = map(oru(obr.replace('20240503110000', hour), 'OBX|1|NM|X^Y||1'));
    assert.equal(one('Observation')['effectiveDateTime'], shown);
    const found = mapped.diagnostics.filter((diagnostic) => diagnostic.code === code);
    assert.ok(found.length > 0, code);
    assert.ok(found.every(({ at }) => at.startsWith('OBR[1]-7')));
  }
});

test('a code without a row is reported with its table, outside the text of the diagnostic', () => {
  const { mapped } = map(adt('A08', 'PID|1||1||Doe|||Q7'));
  const found = mapped.diagnostics.find((diagnostic) => diagnostic.code === 'code-unmapped');
  assert.deepEqual(found?.unmapped, {
    table: 'HL70001.administrative-gender',
    system: 'http://terminology.hl7.org/CodeSystem/v2-0001',
    code: 'Q7',
  });
  assert.equal(found?.at, 'PID[1]-8[1]');
  assert.ok(!found.message.includes('Q7'));
});

test("a tenant's local code means the standard one, and makes a vital sign", () => {
  const tenant = {
    authorities: [],
    accountsAreVisits: false,
    zone: 'UTC',
    localCodes: { 'LOCAL|HR': 'http://loinc.org|8867-4' },
  };
  const observation = map(oru(obr, 'OBX|1|NM|HR^Pulse^LOCAL||60'), { tenant }).one('Observation');
  assert.equal(at(observation, 'code.coding.0.code'), '8867-4');
  assert.equal(at(observation, 'code.coding.1.code'), 'HR');
  assert.equal(at(observation, 'category.0.coding.0.code'), 'vital-signs');
});

test('systolic and diastolic of one moment are one panel; the next pair another; a lone one stays alone', () => {
  const { all } = map(
    oru(
      obr,
      'OBX|1|NM|8480-6^Systolic^LN||120|mm[Hg]|||||F|||20240503100000',
      'OBX|2|NM|8462-4^Diastolic^LN||80|mm[Hg]|||||F|||20240503100000',
      'OBX|3|NM|8480-6^Systolic^LN||130|mm[Hg]|||||F|||20240503110000',
      'OBX|4|NM|8462-4^Diastolic^LN||85|mm[Hg]|||||F|||20240503110000',
      'OBX|5|NM|8480-6^Systolic^LN||140|mm[Hg]|||||F|||20240503120000',
    ),
  );
  const found = all('Observation').map((observation) => [
    at(observation, 'code.coding.0.code'),
    at(observation, 'component.0.valueQuantity.value') ?? at(observation, 'valueQuantity.value'),
    at(observation, 'component.1.valueQuantity.value'),
    at(observation, 'effectiveDateTime'),
  ]);
  assert.deepEqual(found, [
    ['85354-9', 120, 80, '2024-05-03T10:00:00+02:00'],
    ['85354-9', 130, 85, '2024-05-03T11:00:00+02:00'],
    ['8480-6', 140, undefined, '2024-05-03T12:00:00+02:00'],
  ]);
});

test('each observation reads its own order', () => {
  const { all } = map(oru(obr, 'OBX|1|NM|X^Y||1', 'OBR|2|P2|F2|Z^Z|||20240504', 'OBX|1|NM|X^Y||2'));
  assert.deepEqual(
    all('Observation').map((observation) => [observation['id'], observation['effectiveDateTime']]),
    [
      ['filler.LAB.F1.24323-8_LN.X_.', '2024-05-03T11:00:00+02:00'],
      ['filler..F2.Z_.X_.', '2024-05-04'],
    ],
  );
});

test('"" deletes a value of any type, as one element for the whole choice', () => {
  for (const type of ['NM', 'CWE', 'ST', 'DT']) {
    const { mapped } = map(oru(obr, `OBX|1|${type}|X^Y||""||||||F`));
    const value = mapped.drafts.flatMap((draft) => draft.elements).find((element) => element.path === 'value[x]');
    assert.deepEqual([value?.kind, value?.value], ['single', null], type);
  }
});
