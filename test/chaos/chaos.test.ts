/** The short form of `npm run chaos`: each kind of process is killed once under load, and nothing is lost or doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasServer } from '../support/needs.js';
import { kindsOf, runChaos } from './chaos-run.js';
import { reportLines } from './report.js';
import { smallTopology } from './topologies.js';

test('each kind of process killed once: nothing is lost or doubled', { timeout: 600_000 }, async (t) => {
  if (!hasServer(t, 'mongod') || !hasServer(t, 'redis-server')) return;
  const topology = smallTopology;
  const kinds = kindsOf(topology);
  const report = await runChaos({
    ...{
      topology,
      kinds,
      kills: kinds.length,
      seed: 1,
      minutes: 5,
      pauseEvery: 0,
      every: [1_000, 1_500],
      interval: 300,
    },
    log: (line) => t.diagnostic(line),
  });
  for (const line of reportLines(report)) t.diagnostic(line);
  const { verdict } = report;
  assert.deepEqual(verdict.lost, []);
  assert.deepEqual(verdict.doubled, []);
  assert.equal(verdict.visible, verdict.sent);
  assert.ok(verdict.acknowledged >= 4 * 4, `${verdict.acknowledged} messages`);
  assert.deepEqual(report.recoveries.map(({ kind }) => kind).sort(), [...kinds].sort());
});
