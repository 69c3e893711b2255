import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { extractSearchValues, type Renderings } from '../../src/fhir/extract-search-values.js';
import { earliest, latest } from '../../src/fhir/search-date.js';
import { sortDate } from '../../src/fhir/sort-date.js';

const day = Date.UTC(2020, 0, 2);
const dayLong = 86_400_000;
const inf = Number.POSITIVE_INFINITY;

/** Values of one parameter, without its name; the mask first. */
function found(renderings: Renderings, parameter: string): unknown[] {
  return extractSearchValues(renderings)
    .filter((value) => value.parameter === parameter)
    .map(({ parameter: _, versions, kind: _kind, ...rest }) => [versions, rest]);
}

function r4(type: string, more: JsonObject): Renderings {
  return { R4: { resourceType: type, ...more } };
}
const observation = (more: JsonObject) => r4('Observation', more);
const token = (system: string | null, code: string | null) => [1, { system, code }];
const quantity = (low: number, high: number, more: object = {}) => [
  1,
  { low, high, system: null, code: null, unit: null, ...more },
];
const text = (exact: string, folded: string, grams: boolean) => [1, { folded, exact, grams }];
const reference = (more: object) => [1, { type: null, id: null, url: null, identifier: null, ...more }];

const cases: [string, Renderings, string, unknown[]][] = [
  [
    'code with the system it implies',
    r4('Patient', { gender: 'male' }),
    'gender',
    [token('http://hl7.org/fhir/administrative-gender', 'male')],
  ],
  [
    'identifier in lower case',
    r4('Patient', { identifier: [{ system: 'urn:S', value: 'A1' }, { value: 'b' }] }),
    'identifier',
    [token('urn:S', 'a1'), token(null, 'b')],
  ],
  [
    'concept',
    observation({ code: { coding: [{ system: 's', code: 'c' }, { code: 'D' }], text: 't' } }),
    'code',
    [token('s', 'c'), token(null, 'd')],
  ],
  ['concept of a text alone', observation({ code: { text: 't' } }), 'code', [token(null, null)]],
  ['coding', r4('Encounter', { class: { system: 's', code: 'IMP' } }), 'class', [token('s', 'imp')]],
  ['boolean', r4('Patient', { active: true }), 'active', [token(null, 'true')]],
  [
    'telecom by system',
    r4('Patient', {
      telecom: [
        { system: 'email', value: 'A@B' },
        { system: 'phone', value: '1' },
      ],
    }),
    'email',
    [token(null, 'a@b')],
  ],
  ['alive', r4('Patient', {}), 'deceased', [token(null, 'false')]],
  ['dead by date', r4('Patient', { deceasedDateTime: '2020' }), 'deceased', [token(null, 'true')]],
  [
    'family',
    r4('Patient', { name: [{ family: "O'Brien-Søren ÅSE" }] }),
    'family',
    [text("O'Brien-Søren ÅSE", 'obrien soren ase', true)],
  ],
  [
    'name parts and the whole',
    r4('Patient', { name: [{ family: 'F', given: ['G'] }] }),
    'name',
    [text('F', 'f', true), text('G', 'g', true), text('G F', 'g f', true)],
  ],
  [
    'address',
    r4('Patient', { address: [{ line: ['L 1'], city: 'C', postalCode: '1' }] }),
    'address',
    [text('L 1', 'l 1', true), text('C', 'c', true), text('1', '1', true)],
  ],
  ['place name', r4('Location', { name: 'W', alias: ['X'] }), 'name', [text('W', 'w', true), text('X', 'x', true)]],
  ['account name has no grams', r4('Account', { name: 'W' }), 'name', [text('W', 'w', false)]],
  ['date by day', r4('Patient', { birthDate: '2020-01-02' }), 'birthdate', [[1, { from: day, to: day + dayLong }]]],
  [
    'instant with zone',
    observation({ effectiveDateTime: '2020-01-02T02:00:00+02:00' }),
    'date',
    [[1, { from: day, to: day + 1000 }]],
  ],
  ['open period', r4('Encounter', { period: { start: '2020-01-02' } }), 'date', [[1, { from: day, to: latest }]]],
  [
    'period without start',
    r4('Encounter', { period: { end: '2020-01-02' } }),
    'date',
    [[1, { from: earliest, to: day + dayLong }]],
  ],
  [
    'timing',
    observation({ effectiveTiming: { event: ['2020-01-02', '2020-01-05'] } }),
    'date',
    [[1, { from: day, to: day + 4 * dayLong }]],
  ],
  ['no date', r4('Patient', { birthDate: '2020-13-02' }), 'birthdate', []],
  [
    'relative reference',
    observation({ subject: { reference: 'Patient/p/_history/2' } }),
    'patient',
    [reference({ type: 'Patient', id: 'p' })],
  ],
  ['reference to another type', observation({ subject: { reference: 'Group/p' } }), 'patient', []],
  [
    'foreign reference',
    observation({ subject: { reference: 'http://x/Patient/p' } }),
    'subject',
    [reference({ url: 'http://x/Patient/p' })],
  ],
  [
    'logical reference',
    observation({ subject: { identifier: { system: 's', value: 'V' } } }),
    'subject',
    [reference({ identifier: { system: 's', code: 'v' } })],
  ],
  ['contained reference', observation({ subject: { reference: '#p' } }), 'subject', []],
  [
    'quantity',
    observation({ valueQuantity: { value: 5, unit: 'mg', code: 'mg', system: 'u' } }),
    'value-quantity',
    [quantity(5, 5, { unit: 'mg', code: 'mg', system: 'u' })],
  ],
  ['at most', observation({ valueQuantity: { value: 5, comparator: '<=' } }), 'value-quantity', [quantity(-inf, 5)]],
  [
    'more than the greatest number there is',
    observation({ valueQuantity: { value: Number.MAX_VALUE, comparator: '>' } }),
    'value-quantity',
    [quantity(Number.MAX_VALUE, inf)],
  ],
  [
    'samples',
    observation({ valueSampledData: { origin: { value: 10 }, period: 1, dimensions: 1, factor: 2, data: 'E 1 3 U' } }),
    'value-quantity',
    [quantity(12, 16)],
  ],
  [
    'age as a range',
    r4('Condition', { onsetRange: { low: { value: 3, unit: 'a' } } }),
    'onset-age',
    [quantity(3, inf, { unit: 'a' })],
  ],
  ['length in days', r4('Encounter', { length: { value: 3, unit: 'd' } }), 'length', [quantity(3, 3, { unit: 'd' })]],
  ['uri', r4('Patient', { meta: { profile: ['http://p'] } }), '_profile', [[1, { value: 'http://p' }]]],
  [
    'composite within one component',
    observation({
      code: { text: 'p' },
      component: [
        { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
        { code: { coding: [{ code: 'b' }] } },
      ],
    }),
    'component-code-value-quantity',
    [
      [
        1,
        {
          parts: [
            { kind: 'token', system: null, code: 'a' },
            { kind: 'quantity', low: 1, high: 1, system: null, code: null, unit: null },
          ],
        },
      ],
    ],
  ],
];
for (const [name, renderings, parameter, expected] of cases) {
  test(`${parameter}: ${name}`, () => assert.deepEqual(found(renderings, parameter), expected));
}

test('below five is not five', () => {
  const [first] = extractSearchValues(observation({ valueQuantity: { value: 5, comparator: '<' } })).filter(
    (v) => v.kind === 'quantity',
  );
  assert.ok(first?.kind === 'quantity' && first.high < 5 && first.high > 4.999999);
});

test('a value that all versions show is given once; what differs carries its version', () => {
  const renderings: Renderings = {
    R4: {
      resourceType: 'MedicationRequest',
      status: 'cancelled',
      subject: { reference: 'Patient/p' },
      authoredOn: '2020-01-02',
    },
    STU3: {
      resourceType: 'MedicationRequest',
      status: 'cancelled',
      subject: { reference: 'Patient/p' },
      authoredOn: '2020-01-02',
    },
    DSTU2: {
      resourceType: 'MedicationOrder',
      status: 'stopped',
      patient: { reference: 'Patient/p' },
      dateWritten: '2020-01-02',
    },
  };
  assert.deepEqual(found(renderings, 'patient'), [[7, { type: 'Patient', id: 'p', url: null, identifier: null }]]);
  assert.deepEqual(found(renderings, 'authoredon'), [[3, { from: day, to: day + dayLong }]]);
  assert.deepEqual(found(renderings, 'datewritten'), [[4, { from: day, to: day + dayLong }]]);
  const statuses = extractSearchValues(renderings).filter((value) => value.parameter === 'status');
  assert.deepEqual(
    statuses.map((value) => value.kind === 'token' && [value.versions, value.code]),
    [
      [1, 'cancelled'],
      [2, 'cancelled'],
      [4, 'stopped'],
    ],
  );
});

test('Coverage is found by patient on every base', () => {
  const renderings: Renderings = {
    R4: { resourceType: 'Coverage', beneficiary: { reference: 'Patient/p' } },
    STU3: { resourceType: 'Coverage', beneficiary: { reference: 'Patient/p' } },
    DSTU2: { resourceType: 'Coverage', plan: 'x' },
  };
  assert.deepEqual(found(renderings, 'patient'), [[7, { type: 'Patient', id: 'p', url: null, identifier: null }]]);
});

test('references to renamed types are kept under their R4 names', () => {
  const renderings: Renderings = {
    DSTU2: { resourceType: 'DiagnosticReport', request: [{ reference: 'DiagnosticOrder/1' }] },
  };
  assert.deepEqual(found(renderings, 'request'), [
    [4, { type: 'ServiceRequest', id: '1', url: null, identifier: null }],
  ]);
});

test('a version that is null, an unknown type and invalid data give nothing and do not throw', () => {
  assert.deepEqual(extractSearchValues({ R4: null, STU3: { resourceType: 'Nothing' }, DSTU2: {} }), []);
  const broken = {
    resourceType: 'Patient',
    name: 'x',
    identifier: [null, 1, []],
    telecom: [{ value: 1 }],
    birthDate: 5,
    gender: {},
    address: [[]],
  };
  assert.ok(
    extractSearchValues({ R4: broken }).every((value) => value.parameter === 'deceased' || value.kind === 'token'),
  );
});

const dates: [JsonObject, number | null][] = [
  [{ resourceType: 'Observation', effectivePeriod: { start: '2020-01-02' } }, day],
  [{ resourceType: 'Observation', issued: '2020-01-02T00:00:00Z' }, day],
  [{ resourceType: 'Condition', onsetDateTime: '2020-01-02' }, day],
  [{ resourceType: 'Condition', recordedDate: '2020-01-02', onsetDateTime: '2019' }, day],
  [{ resourceType: 'Encounter', period: { start: '2020-01-02' } }, day],
  [{ resourceType: 'Encounter', period: { end: '2020-01-02' } }, earliest],
  [{ resourceType: 'Encounter', status: 'cancelled' }, earliest],
  [{ resourceType: 'Specimen', collection: { collectedDateTime: '2020-01-02' } }, day],
  [{ resourceType: 'Patient', birthDate: '2020-01-02' }, null],
  [{ resourceType: 'constructor' }, null],
];
for (const [resource, expected] of dates) {
  test(`sorts ${JSON.stringify(resource)} by ${expected}`, () => assert.equal(sortDate(resource), expected));
}

test('a report of a hundred thousand results is read in linear time', { timeout: 60_000 }, () => {
  const count = 100_000;
  const result = Array.from({ length: count }, (_, at) => ({ reference: `Observation/r${at}` }));
  const report = { resourceType: 'DiagnosticReport', result: [...result, { reference: 'Observation/r0' }] };
  assert.equal(found({ R4: report, STU3: report }, 'result').length, count);
});
