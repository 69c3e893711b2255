/** What users of other converters complain about most, for pharmacy and vaccination messages: each complaint is a case. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { map, pid } from './mapped.js';

function message(type: string, ...segments: readonly string[]): string {
  return [`MSH|^~\\&|PH|NORTH|W|W|20240503120000||${type}|M1|P|2.5.1`, pid, ...segments].join('\n');
}

const orc = 'ORC|NW|P1^OE|F1^PH';
const rxe = 'RXE||M1^Aspirin^L|100||mg';
const rxa = 'RXA|0|1|20210818||140^Flu^CVX|0.5|mL^mL^UCUM|||||||||||CP|A';

const texts = (resource: JsonObject | undefined, name: string): unknown[] =>
  ((resource?.[name] ?? []) as readonly JsonObject[]).map(({ text }) => text);
const codes = (concept: unknown): unknown[] =>
  (concept as { coding: readonly { code?: string }[] }).coding.map(({ code }) => code);

test('one segment out of place does not hide the rest', () => {
  const { one, all } = map(message('RDE^O11', 'ZPV|1', orc, 'AL1|1||9^Egg^SCT', rxe, 'ZRX|7', 'RXR|PO^Oral^HL70162'));
  const [dosage] = one('MedicationRequest')['dosageInstruction'] as unknown as readonly JsonObject[];
  assert.equal(dosage?.['text'], '100 mg Oral');
  assert.equal(all('AllergyIntolerance').length, 1);
});

test('a comment stands with what it follows', () => {
  const { one } = map(
    message(
      'RDE^O11',
      orc,
      'NTE|1||of the order',
      rxe,
      'NTE|1||of the encoded order',
      'OBX|1|NM|29463-7^Weight^LN||70|kg|||||F',
      'NTE|1||of the weight',
    ),
  );
  assert.deepEqual(texts(one('MedicationRequest'), 'note'), ['of the order', 'of the encoded order']);
  assert.deepEqual(texts(one('Observation'), 'note'), ['of the weight']);
});

test('every ingredient, timing and route, not the first alone', () => {
  const { one } = map(
    message(
      'RDE^O11',
      orc,
      'TQ1|1||QAM',
      'TQ1|2||QPM',
      rxe,
      'RXR|PO^Oral^HL70162',
      'RXR|IV^Intravenous^HL70162',
      'RXC|B|1^Water^L',
      'RXC|A|2^Salt^L',
    ),
  );
  const dosages = one('MedicationRequest')['dosageInstruction'] as unknown as readonly JsonObject[];
  assert.deepEqual(
    dosages.map(({ text, additionalInstruction }) => [
      text,
      (additionalInstruction as unknown as JsonObject[])[0]?.['text'],
    ]),
    [
      ['100 mg Oral QAM', 'Oral or Intravenous'],
      ['100 mg Oral QPM', 'Oral or Intravenous'],
    ],
  );
  assert.equal((one('Medication')['ingredient'] as unknown as readonly JsonObject[]).length, 2);
});

test('nothing of one order leaks into the next', () => {
  const { all } = map(
    message('RDE^O11', orc, 'TQ1|1||BID', rxe, 'RXR|PO^Oral^HL70162', 'ORC|NW|P2^OE', 'RXE||M2^Zinc^L|5||mg'),
  );
  assert.deepEqual(
    all('MedicationRequest').map((each) => texts(each, 'dosageInstruction')),
    [['100 mg Oral BID'], ['5 mg']],
  );
});

test('an order keeps its id, written, encoded and dispensed', () => {
  const ids = [
    message('OMP^O09', orc, 'RXO|M1^Aspirin^L|100||mg'),
    message('RDE^O11', 'ORC|XO|P1^OE|F1^PH', rxe),
    message('RDS^O13', 'ORC|RE|P1^OE|F1^PH', rxe, 'RXD|1|M1^Aspirin^L|20240503|10'),
  ].map((text) => map(text).one('MedicationRequest')['id']);
  assert.deepEqual(new Set(ids).size, 1);
});

test('quotes and escapes of a signature stay a text', () => {
  const { one } = map(message('RDE^O11', orc, 'RXE||M1^Aspirin^L|100||mg||^take "one" \\T\\ a half \\F\\ day\\E\\'));
  assert.deepEqual(texts(one('MedicationRequest'), 'dosageInstruction'), ['take "one" & a half | day\\']);
});

test('the date of a vaccination is no time, and gets no zone', () => {
  assert.equal(map(message('VXU^V04', 'ORC|RE||F1^PH', rxa)).one('Immunization')['occurrenceDateTime'], '2021-08-18');
});

test('a missing or wrong MSH-9.3 and an unknown version lose no segment', () => {
  for (const type of ['VXU^V04', 'VXU^V04^VXU_V99']) {
    const text = message(
      type,
      'ORC|RE||F1^PH',
      rxa,
      'RXR|IM^Intramuscular^HL70162',
      'OBX|1|CE|30963-3^Fund^LN||P^Private^L',
    );
    const { one, all } = map(text.replace('|2.5.1\n', '|9.9\n'));
    assert.deepEqual(codes(one('Immunization')['route']).at(-1), 'IM', type);
    assert.equal(all('Observation').length, 1, type);
  }
});

test('a local route or vaccine is kept as sent, never an error text', () => {
  const { one } = map(
    message('VXU^V04', 'ORC|RE||F1^PH', 'RXA|0|1|20210818||F9^Our flu^L|999|||||||||||||CP|A', 'RXR|NOSE^By nose^L'),
  );
  assert.deepEqual(
    [codes(one('Immunization')['vaccineCode']), codes(one('Immunization')['route'])],
    [['F9'], ['NOSE']],
  );
  assert.equal(one('Immunization')['doseQuantity'], undefined);
});

test('what was deleted is no text', () => {
  const { resources } = map(message('RDE^O11', orc, `${rxe}|""|^""|""|""|""`, 'RXR|""|""'));
  assert.ok(!JSON.stringify(resources).includes('\\"\\"'));
});

test('a degree is a qualification of who vaccinated, and an amount of `<5` a number with its sign', () => {
  const { one } = map(
    message(
      'VXU^V04',
      'ORC|RE||F1^PH',
      'RXA|0|1|20210818||140^Flu^CVX|999||||7^Good^Gina^^^^MD^^NORTH||||||||||CP|A',
      'OBX|1|NM|1^Titre^L||<5|1||||||F',
    ),
  );
  assert.deepEqual((one('Practitioner')['name'] as unknown as readonly JsonObject[])[0]?.['suffix'], undefined);
  assert.deepEqual(codes((one('Practitioner')['qualification'] as unknown as readonly JsonObject[])[0]?.['code']), [
    'MD',
  ]);
  const { comparator, value } = one('Observation')['valueQuantity'] as { comparator?: string; value?: number };
  assert.deepEqual([comparator, value], ['<', 5]);
});

test('required elements are there, and no reference dangles', () => {
  const { resources, one } = map(
    message(
      'RDS^O13',
      'ORC||P1^OE||||||||||^Smith^Jane',
      rxe,
      'RXD|1|M1^Aspirin^L|20240503|10|||||||^Bell^Ada',
      'RXC|A|2^Salt^L',
    ),
  );
  assert.equal(one('MedicationDispense')['status'], 'completed');
  assert.deepEqual([one('MedicationRequest')['intent'], one('MedicationRequest')['status']], ['order', 'unknown']);
  const there = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const named = [...JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g)].map(([, name = '']) => name);
  assert.ok(named.length > 3);
  assert.deepEqual(
    named.filter((name) => !there.has(name)),
    [],
  );
});
