import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestWait, recoveries } from './recovery.js';

test('a wait counts from the disturbance on, until it ended', () => {
  const waits = [
    { from: 0, to: 900 },
    { from: 500, to: 4_000 },
    { from: 2_500, to: 3_000 },
    { from: 9_000, to: 20_000 },
  ];
  assert.equal(longestWait(waits, 1_000, 5_000, 30_000), 3);
  assert.equal(longestWait(waits, 4_500, 8_000, 30_000), 0);
  assert.equal(longestWait([{ from: 0, to: undefined }], 1_000, 2_000, 30_000), 29);
});

test('each kind has its longest, and what waits is counted to every disturbance that it waited through', () => {
  const at = [0, 5_000, 10_000];
  const disturbances = at.map((when, n) => ({
    ...{ kind: n === 1 ? 'redis' : 'intake', how: 'kill' as const, target: 'x', at: when },
  }));
  const waits = { acknowledged: [{ from: 4_000, to: 6_000 }], settled: [], read: [{ from: 10_500, to: 12_500 }] };
  assert.deepEqual(recoveries(disturbances, waits, 20_000), [
    { kind: 'intake', how: 'kill', times: 2, acknowledged: 2, settled: 0, read: 2 },
    { kind: 'redis', how: 'kill', times: 1, acknowledged: 1, settled: 0, read: 0 },
  ]);
});
