/**
 * What users of other converters complain about most, for results, orders and documents: each complaint is a case. The list of all, with those of
 * ADT, is in docs/mapping-differences.md; each of its cases must be there.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/core/json.js';
import { validateResource } from '../../src/fhir/validate.js';
import { map, obr, oru, pid } from './mapped.js';

const orc = 'ORC|RE|P1^OE|F1^LAB';

function message(type: string, ...segments: string[]): string {
  return [`MSH|^~\\&|LAB|NORTH|W|W|20240503111500||${type}|M2|P|2.5.1`, pid, ...segments].join('\n');
}

function result(type: string, value: string, unit = ''): JsonObject {
  return map(oru(orc, obr, `OBX|1|${type}|1^Test^L||${value}|${unit}|||||F`)).one('Observation');
}

function notes(resource: JsonObject | undefined): Json[] {
  return ((resource?.['note'] ?? []) as unknown as JsonObject[]).map(({ text }) => text ?? null);
}

const values: readonly (readonly [type: string, value: string, unit: string, expected: JsonObject])[] = [
  ['FT', 'one\\.br\\two', '', { valueString: 'one\ntwo' }],
  ['TX', 'one~two', '', { valueString: 'one\ntwo' }],
  ['ST', 'one~two', '', { valueString: 'one\ntwo' }],
  ['TS', '20240503101500+0200', '', { valueDateTime: '2024-05-03T10:15:00+02:00' }],
  [
    'NM',
    '<5',
    'mg/L',
    { valueQuantity: { value: 5, comparator: '<', unit: 'mg/L', system: 'http://unitsofmeasure.org', code: 'mg/L' } },
  ],
  ['NM', '>=1:64', '', { valueRatio: { numerator: { comparator: '>=', value: 1 }, denominator: { value: 64 } } }],
];

for (const [type, value, unit, expected] of values) {
  test(`a value of type ${type} is kept: ${value}`, () => {
    const observation = result(type, value, unit);
    const shown = Object.fromEntries(Object.keys(expected).map((name) => [name, observation[name] ?? null]));
    assert.deepEqual(shown, expected);
  });
}

test('a document among results is kept with its content', () => {
  const { one } = map(oru(orc, obr, 'OBX|1|ED|PDF^Report^L||^AP^PDF^Base64^JVBERi0xLjQK||||||F'));
  assert.deepEqual([one('Binary')['contentType'], one('Binary')['data']], ['application/pdf', 'JVBERi0xLjQK']);
});

test('repetitions of a number are all kept, and none leaks into the next result', () => {
  const { all } = map(oru(orc, obr, 'OBX|1|NM|1^A^L||4~5|mg|3-6|H|||F', 'OBX|2|NM|2^B^L||7||||||F'));
  const [first, second] = all('Observation');
  assert.ok(first);
  assert.equal((first['component'] as unknown as Json[]).length, 2);
  assert.deepEqual(
    [second?.['referenceRange'], second?.['interpretation'], second?.['component']],
    [undefined, undefined, undefined],
  );
});

test('a segment that the structure does not know hides nothing and is reported', () => {
  const { all, mapped } = map(oru(orc, obr, 'OBX|1|NM|1^A^L||4||||||F', 'ROL|1|AD|AT|7^X', 'OBX|2|NM|2^B^L||5||||||F'));
  assert.equal(all('Observation').length, 2);
  assert.ok(mapped.diagnostics.some(({ at }) => at.startsWith('ROL')));
});

test('a comment and a result are their own order’s, and a comment of a specimen is the specimen’s', () => {
  const { all, one } = map(
    oru(
      orc,
      obr,
      'NTE|1||of the report',
      'OBX|1|NM|1^A^L||4||||||F',
      'NTE|1||of the result',
      'SPM|1|S1&OE||SER',
      'NTE|1||of the specimen',
    ),
  );
  assert.deepEqual(notes(all('Observation')[0]), ['of the result']);
  assert.deepEqual(notes(one('Specimen')), ['of the specimen']);
});

test('an order has one id from the request to the result, and so have its report and results', () => {
  const ids = [
    message('ORM^O01', 'ORC|NW|P1^OE', 'OBR|1|P1^OE||24323-8^CMP^LN'),
    message('ORM^O01', 'ORC|CA|P1^OE'),
    oru(orc, obr),
  ].map((text) => map(text).one('ServiceRequest')['id']);
  assert.deepEqual(new Set(ids), new Set(['placer.OE.P1']));
});

test('quotes, backslashes and escapes of a result break nothing', () => {
  const observation = result('ST', 'a "quote", a \\E\\ and a \\T\\ and a \\F\\');
  assert.equal(observation['valueString'], 'a "quote", a \\ and a & and a |');
  assert.doesNotThrow(() => JSON.parse(JSON.stringify(observation)));
});

test('a time keeps its offset and its precision', () => {
  const { one } = map(oru(orc, 'OBR|1|P1^OE|F1^LAB|1^T^L|||202405031015-0930', 'OBX|1|NM|1^A^L||4||||||F|||202405'));
  assert.equal(one('DiagnosticReport')['effectiveDateTime'], '2024-05-03T10:15:00-09:30');
  assert.equal(one('Observation')['effectiveDateTime'], '2024-05');
});

test('without any zone a time of a result is its day, and said so', () => {
  const { one, mapped } = map(oru(orc, obr), { tenant: { authorities: [], accountsAreVisits: false, localCodes: {} } });
  assert.equal(one('DiagnosticReport')['effectiveDateTime'], '2024-05-03');
  assert.ok(mapped.diagnostics.length > 0);
});

test('what FHIR requires is there when the message says next to nothing, and no reference dangles', () => {
  for (const text of [
    oru('OBR|1|P1^OE||', 'OBX|1|NM|||4'),
    message('ORM^O01', 'ORC|NW|P1^OE', 'OBR|1|P1^OE'),
    message('OML^O21^OML_O21', 'ORC|NW|P1^OE', 'OBR|1|P1^OE', 'SPM|1|S1'),
    message('MDM^T02', 'PV1|1|I', 'TXA|1|CN|||||||||D1', 'OBX|1|TX|||text'),
  ]) {
    const { resources } = map(text);
    const there = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
    for (const resource of resources) {
      if (resource['resourceType'] === 'Encounter') continue;
      const issues = validateResource('R4', { ...resource, id: 'x' });
      assert.deepEqual(
        issues.filter(({ severity }) => severity === 'error'),
        [],
        String(resource['resourceType']),
      );
    }
    for (const [, name = ''] of JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g))
      assert.ok(there.has(name), name);
  }
});

test('a wrong or missing MSH-9.3 and an unknown version lose no result', () => {
  for (const header of ['ORU^R01^ORU_R99|M2|P|2.5.1', 'ORU^R01|M2|P|2.5.1', 'ORU^R01^ORU_R01|M2|P|7.7']) {
    const { all } = map(oru(orc, obr, 'OBX|1|NM|1^A^L||4||||||F').replace('ORU^R01|M2|P|2.5.1', header));
    assert.deepEqual([all('Observation').length, all('DiagnosticReport').length], [1, 1], header);
  }
});

test('a code of a result that no table knows is kept as sent, never an error text', () => {
  const { one } = map(oru(orc, obr, 'OBX|1|NM|1^A^L||4|||ZZ|||F'));
  const [interpretation] = one('Observation')['interpretation'] as unknown as { coding: JsonObject[] }[];
  assert.deepEqual(
    interpretation?.coding.map(({ code }) => code),
    ['ZZ'],
  );
});

test('"" in a result is never copied out as text', () => {
  const { resources } = map(oru(orc, obr, 'OBX|1|ST|1^A^L||""|""|""|""|||F', 'NTE|1||""'));
  assert.ok(!JSON.stringify(resources).includes('\\"\\"'));
});

test('a degree of who observed is a qualification, not part of the name', () => {
  const { one } = map(oru(orc, obr, `OBX|1|NM|1^A^L||4||||||F|||||7^Roe^Al^^^^MD^^NORTH`));
  const practitioner = one('Practitioner');
  assert.deepEqual(practitioner['name'], [{ family: 'Roe', given: ['Al'] }]);
  assert.equal((practitioner['qualification'] as unknown as Json[]).length, 1);
});

test('empty fields make no empty specimen, document or person', () => {
  const { resources } = map(
    oru(orc, 'OBR|1|P1^OE|F1^LAB|1^T^L|||20240503||||||||||^^|', 'OBX|1|ST|1^A^L||x||||||F|||||^^'),
  );
  const types = new Set(resources.map(({ resourceType }) => resourceType));
  for (const type of ['Specimen', 'DocumentReference', 'Binary', 'Practitioner', 'PractitionerRole'])
    assert.ok(!types.has(type), type);
});

test('every complaint of the list has its case', () => {
  const [, list = ''] = readFileSync('docs/mapping-differences.md', 'utf8').split(
    '## What users of other converters complain about\n',
  );
  const rows = [...list.matchAll(/^\| ([^|]+) \| `([^`]+)`: ([^|]+) \|$/gm)];
  assert.ok(rows.length >= 24, `${rows.length} rows`);
  for (const [, complaint = '', file = '', cases = ''] of rows) {
    const text = readFileSync(file, 'utf8');
    for (const name of cases.split('; '))
      assert.ok(text.includes(name.trim()), `${complaint}: ${file} has no case '${name}'`);
  }
});
