import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSearch } from '../../src/fhir/search-parse.js';
import type { FhirVersion } from '../../src/fhir/version.js';

const day = Date.UTC(2020, 0, 2);
const dayLong = 86_400_000;
const options = {
  bases: ['http://me/fhir/r4', 'http://me/fhir/dstu2'],
  now: day,
  defaultCount: 100,
  largestCount: 1000,
};

function parse(version: FhirVersion, type: string, text: string) {
  const params = text.split('&').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return parseSearch(version, type, params, options);
}

/** The condition that one parameter gives. */
const conditions: [FhirVersion, string, string, object][] = [
  [
    'R4',
    'Patient',
    'FAMILY=Chäu',
    { parameter: 'family', kind: 'string', negate: false, anyOf: [{ kind: 'string', match: 'starts', text: 'chau' }] },
  ],
  [
    'DSTU2',
    'Patient',
    'family=chau',
    {
      parameter: 'family',
      kind: 'string',
      negate: false,
      anyOf: [{ kind: 'string', match: 'contains', text: 'chau' }],
    },
  ],
  [
    'DSTU2',
    'Patient',
    'family:contains=chau',
    {
      parameter: 'family',
      kind: 'string',
      negate: false,
      anyOf: [{ kind: 'string', match: 'contains', text: 'chau' }],
    },
  ],
  [
    'STU3',
    'Patient',
    'name:exact=Chau',
    { parameter: 'name', kind: 'string', negate: false, anyOf: [{ kind: 'string', match: 'exact', text: 'Chau' }] },
  ],
  [
    'STU3',
    'Location',
    'name=x',
    { parameter: 'name', kind: 'string', negate: false, anyOf: [{ kind: 'string', match: 'starts', text: 'x' }] },
  ],
  [
    'R4',
    'Patient',
    'id=a,B',
    {
      parameter: '_id',
      kind: 'id',
      negate: false,
      anyOf: [
        { kind: 'id', id: 'a' },
        { kind: 'id', id: 'B' },
      ],
    },
  ],
  [
    'R4',
    'Patient',
    'identifier=A',
    { parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', code: 'a' }] },
  ],
  [
    'R4',
    'Patient',
    'identifier=S|A',
    { parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', system: 'S', code: 'a' }] },
  ],
  [
    'R4',
    'Patient',
    'identifier=|A',
    { parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', system: null, code: 'a' }] },
  ],
  [
    'R4',
    'Patient',
    'identifier=S|',
    { parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', system: 'S' }] },
  ],
  [
    'R4',
    'Patient',
    'identifier=a\\,b\\|c',
    { parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', code: 'a,b|c' }] },
  ],
  [
    'R4',
    'Patient',
    'gender:not=male',
    { parameter: 'gender', kind: 'token', negate: true, anyOf: [{ kind: 'token', code: 'male' }] },
  ],
  ['R4', 'Patient', 'gender:missing=true', { parameter: 'gender', kind: 'token', missing: true }],
  [
    'R4',
    'Patient',
    'birthdate=2020-01-02',
    {
      parameter: 'birthdate',
      kind: 'date',
      negate: false,
      anyOf: [{ kind: 'date', prefix: 'eq', from: day, to: day + dayLong }],
    },
  ],
  [
    'R4',
    'Patient',
    'birthdate=ge2020',
    {
      parameter: 'birthdate',
      kind: 'date',
      negate: false,
      anyOf: [{ kind: 'date', prefix: 'ge', from: Date.UTC(2020, 0, 1), to: Date.UTC(2021, 0, 1) }],
    },
  ],
  [
    'R4',
    'Patient',
    '_lastUpdated=lt2020-01-02T00:00:00 01:00',
    {
      parameter: '_lastUpdated',
      kind: 'date',
      negate: false,
      anyOf: [{ kind: 'date', prefix: 'lt', from: day - 3_600_000, to: day - 3_599_000 }],
    },
  ],
  [
    'R4',
    'Patient',
    'birthdate=ap2020-01-12',
    {
      parameter: 'birthdate',
      kind: 'date',
      negate: false,
      anyOf: [{ kind: 'date', prefix: 'ap', from: day + 9 * dayLong, to: day + 12 * dayLong }],
    },
  ],
  [
    'R4',
    'Observation',
    'value-quantity=5.4|http://u|mg',
    {
      parameter: 'value-quantity',
      kind: 'quantity',
      negate: false,
      anyOf: [
        {
          kind: 'quantity',
          prefix: 'eq',
          value: 5.4,
          low: 5.4 - 0.05,
          high: 5.4 + 0.05,
          system: 'http://u',
          code: 'mg',
        },
      ],
    },
  ],
  [
    'R4',
    'Observation',
    'value-quantity=gt100||mg',
    {
      parameter: 'value-quantity',
      kind: 'quantity',
      negate: false,
      anyOf: [{ kind: 'quantity', prefix: 'gt', value: 100, low: 99.5, high: 100.5, code: 'mg' }],
    },
  ],
  [
    'STU3',
    'Encounter',
    'length=1e2',
    {
      parameter: 'length',
      kind: 'number',
      negate: false,
      anyOf: [{ kind: 'number', prefix: 'eq', value: 100, low: 50, high: 150 }],
    },
  ],
  [
    'R4',
    'Observation',
    'Patient=p',
    { parameter: 'patient', kind: 'reference', negate: false, anyOf: [{ kind: 'reference', id: 'p' }] },
  ],
  [
    'R4',
    'Observation',
    'subject=Patient/p',
    {
      parameter: 'subject',
      kind: 'reference',
      negate: false,
      anyOf: [{ kind: 'reference', type: 'Patient', id: 'p' }],
    },
  ],
  [
    'R4',
    'Observation',
    'subject:Patient=p',
    {
      parameter: 'subject',
      kind: 'reference',
      negate: false,
      anyOf: [{ kind: 'reference', type: 'Patient', id: 'p' }],
    },
  ],
  [
    'R4',
    'Observation',
    'subject=http://me/fhir/r4/Patient/p',
    {
      parameter: 'subject',
      kind: 'reference',
      negate: false,
      anyOf: [{ kind: 'reference', type: 'Patient', id: 'p' }],
    },
  ],
  [
    'R4',
    'Observation',
    'subject=http://you/Patient/p',
    {
      parameter: 'subject',
      kind: 'reference',
      negate: false,
      anyOf: [{ kind: 'reference', url: 'http://you/Patient/p' }],
    },
  ],
  [
    'R4',
    'Observation',
    'subject:identifier=s|V',
    {
      parameter: 'subject',
      kind: 'reference',
      negate: false,
      anyOf: [{ kind: 'reference', identifier: { kind: 'token', system: 's', code: 'v' } }],
    },
  ],
  [
    'DSTU2',
    'DiagnosticReport',
    'request=DiagnosticOrder/1',
    {
      parameter: 'request',
      kind: 'reference',
      negate: false,
      anyOf: [{ kind: 'reference', type: 'ServiceRequest', id: '1' }],
    },
  ],
  [
    'R4',
    'Patient',
    '_profile=http://p',
    { parameter: '_profile', kind: 'uri', negate: false, anyOf: [{ kind: 'uri', value: 'http://p' }] },
  ],
  [
    'R4',
    'Observation',
    'code-value-quantity=a$lt5',
    {
      parameter: 'code-value-quantity',
      kind: 'composite',
      negate: false,
      anyOf: [
        {
          kind: 'composite',
          parts: [
            { kind: 'token', code: 'a' },
            { kind: 'quantity', prefix: 'lt', value: 5, low: 4.5, high: 5.5 },
          ],
        },
      ],
    },
  ],
  [
    'DSTU2',
    'Coverage',
    'patient=p',
    { parameter: 'patient', kind: 'reference', negate: false, anyOf: [{ kind: 'reference', id: 'p' }] },
  ],
  ['DSTU2', 'MedicationOrder', 'datewritten:missing=false', { parameter: 'datewritten', kind: 'date', missing: false }],
];
for (const [version, type, text, expected] of conditions) {
  test(`${version} ${type}?${text}`, () => {
    const { query, errors, unknown } = parse(version, type, text);
    assert.deepEqual({ where: query.where, errors, unknown }, { where: [expected], errors: [], unknown: [] });
  });
}

const sorts: [FhirVersion, string, string, object[]][] = [
  ['STU3', 'Observation', '_sort=-date', [{ by: 'date', descending: true }]],
  ['STU3', 'Encounter', '_sort:desc=date', [{ by: 'date', descending: true }]],
  ['DSTU2', 'Encounter', '_sort=date', [{ by: 'date', descending: false }]],
  [
    'R4',
    'Observation',
    '_SORT:asc=date&_sort=-_lastUpdated',
    [
      { by: 'date', descending: false },
      { by: '_lastUpdated', descending: true },
    ],
  ],
  [
    'R4',
    'Patient',
    '_sort=family,-birthdate,_id',
    [
      { by: 'parameter', parameter: 'family', descending: false },
      { by: 'parameter', parameter: 'birthdate', descending: true },
      { by: '_id', descending: false },
    ],
  ],
  ['DSTU2', 'MedicationOrder', '_sort:desc=datewritten', [{ by: 'date', descending: true }]],
  ['R4', 'MedicationRequest', '_sort=date', [{ by: 'parameter', parameter: 'date', descending: false }]],
  ['R4', 'Patient', 'family=x', [{ by: 'date', descending: true }]],
];
for (const [version, type, text, expected] of sorts) {
  test(`${version} ${type}?${text} is sorted`, () => {
    const { query, errors } = parse(version, type, text);
    assert.deepEqual([query.sort, errors], [expected, []]);
  });
}

const wrong: [string, string][] = [
  ['Patient', 'birthdate=yesterday'],
  ['Patient', 'birthdate=2020-02-30'],
  ['Patient', 'birthdate:exact=2020'],
  ['Patient', 'family:fuzzy=x'],
  ['Patient', 'family:not=x'],
  ['Patient', '_id:not=x'],
  ['Patient', 'gender:missing=maybe'],
  ['Patient', 'gender=|'],
  ['Patient', 'gender=a|b|c'],
  ['Patient', 'gender=,'],
  ['Patient', '_count=many'],
  ['Patient', '_count=-1'],
  ['Patient', '_sort=nickname'],
  ['Patient', '_sort:up=family'],
  ['Patient', '_summary=all'],
  ['Patient', '_include=Observation:subject'],
  ['Patient', '_include=Patient:family'],
  ['Observation', 'value-quantity=much'],
  ['Observation', 'value-quantity=5|mg'],
  ['Observation', 'code-value-quantity=a'],
  ['Observation', 'code-value-quantity=a$b$c'],
  ['Observation', 'subject:Patient=Group/1'],
  ['Observation', 'subject:Nobody=1'],
];
for (const [type, text] of wrong) {
  test(`R4 ${type}?${text} is an error that does not repeat the value`, () => {
    const { query, errors, unknown } = parse('R4', type, text);
    assert.deepEqual([query.where, unknown, errors.length], [[], [], 1]);
    const value = text.slice(text.indexOf('=') + 1);
    if (value.length > 4 && value !== '_include') assert.ok(!errors[0]?.message.includes(value));
  });
}

test('what is not known, and what is refused, is named and left out', () => {
  const { query, unknown, errors } = parse(
    'R4',
    'Location',
    'near=1|2&nickname=x&name=y&_content=z&organization.name=q&_has:a:b:c=d',
  );
  assert.equal(query.where.length, 1);
  assert.deepEqual(errors, []);
  assert.deepEqual(unknown, [
    { parameter: 'near', reason: 'refused' },
    { parameter: 'nickname', reason: 'unknown' },
    { parameter: '_content', reason: 'refused' },
    { parameter: 'organization.name', reason: 'unknown' },
    { parameter: '_has:a:b:c', reason: 'unknown' },
  ]);
});

test('parameters that no index answers are refused, of every type that has them', () => {
  for (const [version, type, name] of [
    ['R4', 'Patient', '_content'],
    ['R4', 'Patient', '_text'],
    ['R4', 'Patient', '_query'],
    ['DSTU2', 'Observation', '_content'],
    ['R4', 'Patient', 'phonetic'],
    ['STU3', 'Practitioner', 'phonetic'],
    ['DSTU2', 'Patient', 'phonetic'],
    ['R4', 'Location', 'near'],
    ['STU3', 'Location', 'near'],
    ['DSTU2', 'Location', 'near'],
  ] as const) {
    const { query, unknown } = parse(version, type, `${name}=x`);
    assert.deepEqual(unknown, [{ parameter: name, reason: 'refused' }], `${version} ${type}`);
    assert.deepEqual(query.where, []);
  }
});

test('the rest of a request', () => {
  const parsed = parse(
    'DSTU2',
    'MedicationOrder',
    '_count=5000&_summary=true&_elements=id,status&_total=none&_format=json&_include=MedicationOrder:patient:Patient&status=',
  );
  assert.deepEqual(parsed, {
    query: {
      type: 'MedicationRequest',
      version: 'DSTU2',
      where: [],
      sort: [{ by: 'date', descending: true }],
      count: 1000,
    },
    include: [{ parameter: 'patient', target: 'Patient' }],
    summary: 'true',
    elements: ['id', 'status'],
    total: 'none',
    format: 'json',
    unknown: [],
    errors: [],
  });
});

test('repeated parameters are all to be met', () => {
  assert.equal(parse('R4', 'Patient', 'given=a&given=b').query.where.length, 2);
});
