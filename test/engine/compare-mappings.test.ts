import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareMappings, type MessageDifference } from '../../src/engine/compare-mappings.js';
import { DryRunTally } from '../../src/engine/dry-run.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import { hospitalContexts, hospitals, mappingFiles } from '../support/rehearsal.js';

const live = mapperOver(compileFiles(mappingFiles), 1);

const admission = [
  'MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080001||ADT^A01|C1|P|2.5.1',
  'EVN|A01|20260301080001',
  'PID|1||P1^^^NORTH^MR||Family^Given||19800101|F',
  'PV1|1|I|W1^10^1^NORTH||||||||||||||||V1^^^NORTH^VN',
];
const merge = [
  'MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080001||ADT^A40|C2|P|2.5.1',
  'EVN|A40|20260301080001',
  'PID|1||P1^^^NORTH^MR',
  'MRG|P2^^^NORTH^MR',
];

/** What a layer with these rules changes of a message. */
function changed(segments: readonly string[], layer: string, drop = ''): MessageDifference | undefined {
  const files = Object.entries({ ...mappingFiles, 'mappings/layers/tried.yaml': `layer: site\n${layer}` });
  const tried = mapperOver(compileFiles(Object.fromEntries(files.filter(([name]) => name !== drop))), 0);
  const context = hospitalContexts(live).get(hospitals.NORTH);
  assert.ok(context);
  const profile = { authority: {}, snapshot: [] };
  return compareMappings(live, tried, context, profile, {
    sequence: { arrival: Date.UTC(2026, 2, 1, 8), run: 1, number: 7 },
    tenant: hospitals.NORTH,
    kind: 'message',
    listener: 'NORTH',
    peer: '',
    sender: 'HIS|NORTH',
    type: 'ADT^A01',
    sentAt: '',
    controlId: 'C1',
    partition: 0,
    flags: [],
    size: 0,
    payload: Buffer.from(`${segments.join('\r')}\r`),
  });
}

function elementsOf(difference: MessageDifference | undefined): unknown[] {
  return (difference?.resources ?? []).flatMap(({ reference, change, elements }) =>
    elements.map(({ path, before, after, rules }) => [reference.split('/')[0], change, path, before, after, ...rules]),
  );
}

test('rules that say the same make no difference', () => {
  assert.equal(changed(admission, 'rules: []'), undefined);
});

test('an element that a rule makes otherwise stands with its old and new value and the rule', () => {
  assert.deepEqual(elementsOf(changed(admission, 'rules:\n  - { disable: "PID[Patient]/PID-8" }')), [
    ['Patient', 'changed', 'gender', 'female', undefined, 'PID[Patient]/PID-8'],
  ]);
  const added = 'rules:\n  - { add: "PID[Patient]", id: Z, from: PID-5.1, to: photo.title }';
  assert.deepEqual(elementsOf(changed(admission, added)), [
    ['Patient', 'changed', 'photo', undefined, [{ title: 'Family' }], 'PID[Patient]/Z'],
  ]);
  const table = 'tables:\n  - { table: HL70001.administrative-gender, codes: { F: other } }';
  assert.deepEqual(elementsOf(changed(admission, table)), [
    ['Patient', 'changed', 'gender', 'female', 'other', 'PID[Patient]/PID-8'],
  ]);
});

test('a message that is filtered, or has no map any more, makes nothing; its patient is still known', () => {
  const filtered = changed(
    admission,
    'filters:\n  - { id: none, message: ADT_A01, when: \'PID-5.1 EQUALS "Family"\' }',
  );
  assert.deepEqual([filtered?.before.outcome, filtered?.after.outcome], ['mapped', 'filtered']);
  assert.deepEqual([...new Set(filtered?.resources.map(({ change }) => change))], ['removed']);
  assert.equal(filtered?.patients.length, 1);
});

test('who is who is part of the difference', () => {
  const difference = changed(merge, 'rules: []', 'mappings/messages/adt-a39.yaml');
  assert.deepEqual([difference?.before.outcome, difference?.after.outcome], ['mapped', 'unmapped']);
  const paths = elementsOf(difference).map((element) => String((element as unknown[])[2]).replace(/ \S+\)$/, ')'));
  assert.ok(paths.includes('(mergedInto)') && paths.includes('(mergedFrom)'));
});

test('the summary says how many differ and in what, most often first', () => {
  const tally = new DryRunTally(1);
  const gender = changed(admission, 'rules:\n  - { disable: "PID[Patient]/PID-8" }');
  tally.add(gender);
  tally.add(undefined);
  tally.add(changed(admission, 'rules:\n  - { disable: "PID[Patient]/PID-8" }\n  - { disable: "PID[Patient]/PID-7" }'));
  tally.add(changed(merge, 'rules: []', 'mappings/messages/adt-a39.yaml'));
  const { messages, differ, ends, elements, shown } = tally.summary();
  assert.deepEqual([messages, differ], [4, 3]);
  assert.deepEqual(ends, [{ before: 'mapped', after: 'unmapped', messages: 1 }]);
  assert.deepEqual(elements[0], { element: 'Patient.gender', messages: 2, rules: ['PID[Patient]/PID-8'] });
  assert.ok(elements.some(({ element }) => element === 'Patient.(mergedInto)'));
  assert.deepEqual(shown, [gender]);
});
