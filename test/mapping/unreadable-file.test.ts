import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMapping } from '../../src/mapping/compile.js';

test('a file that cannot be read is the only problem told, not all that misses it', () => {
  const layer =
    'layer: additions\nadd:\n  - { map: "PID[Patient]", rules: [] }\noverride:\n  "PID[Patient]/PID-8": {}\n';
  const { mapping, problems } = compileMapping({
    'layers/more.yaml': layer,
    'segments/pid.patient.yaml': 'segment: PID\nresource: Patient\nrules:\n  - { id: PID-8, from: PID-8, to: gender\n',
  });
  assert.equal(mapping, undefined);
  assert.deepEqual([...new Set(problems.map(({ file }) => file))], ['segments/pid.patient.yaml']);
});
