import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { map, obr, oru, pid } from './mapped.js';

/** An RDE with these segments after PID. */
function rde(...segments: string[]): string {
  return ['MSH|^~\\&|PHARM|NORTH|W|W|20240503111500||RDE^O11|M3|P|2.5.1', pid, ...segments].join('\n');
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
