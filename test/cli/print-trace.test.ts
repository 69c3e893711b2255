import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printTrace } from '../../src/cli/print-trace.js';

test('what the mapping noted of a message stands below its fields', () => {
  const diagnostics = [
    { severity: 'information', code: 'segment-unknown', at: 'line 3', message: 'the structure has no such segment' },
    { severity: 'warning', code: 'code-unmapped', at: 'PID[1]-16[1]', message: 'add a row' },
  ];
  const fields = [{ field: 'PID[1]-31[1]', label: 'Identity Unknown Indicator', fate: 'unmapped', rules: [] }];
  assert.equal(
    printTrace({ elements: [], fields, diagnostics }),
    `
UNMAPPED      FIELD                       READ BY
PID[1]-31[1]  Identity Unknown Indicator

NOTED        AT            CODE             WHAT
information  line 3        segment-unknown  the structure has no such segment
warning      PID[1]-16[1]  code-unmapped    add a row
`,
  );
});

test('a message that cannot be read says so, and nothing else', () => {
  assert.equal(printTrace({ unreadable: 'no-msh' }), 'the message cannot be read: no-msh\n');
});

test('names the first of many fields behind one element, so that a row stays readable', () => {
  const from = Array.from({ length: 40 }, (_, n) => `PID[1]-3[${n + 1}]`);
  const element = { resource: 'Patient/1', path: 'text', rule: 'r', from: [...from, ...from], labels: ['Identifier'] };
  assert.equal(
    printTrace({ elements: [element] }).split('\n')[1],
    'Patient/1  text     r     PID[1]-3[1] PID[1]-3[2] PID[1]-3[3] PID[1]-3[4] and 36 more  Identifier',
  );
});
