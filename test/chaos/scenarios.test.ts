/** The scenarios that need no servers; the others run by `npm run chaos -- --scenario NAME`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasProgram } from '../support/needs.js';
import { scenarioLines } from './report.js';
import { scenarioPassed } from './scenario.js';
import { diskFull } from './scenario-disk-full.js';

test('a full disk: senders are refused, nothing is lost, and it goes on by itself', { timeout: 600_000 }, async (t) => {
  if (!hasProgram(t, 'prlimit')) return;
  const report = await diskFull((line) => t.diagnostic(line));
  for (const line of scenarioLines(report)) t.diagnostic(line);
  assert.ok(scenarioPassed(report), scenarioLines(report).join('\n'));
});

test('a scenario in which something did not show has failed, whatever the ledger says', () => {
  const verdict = { sent: 1, acknowledged: 1, archived: 1, settled: 1, visible: 1, lost: [], doubled: [] };
  assert.ok(scenarioPassed({ verdict, seen: { it: true }, figures: {} }));
  assert.equal(scenarioPassed({ verdict, seen: { it: false }, figures: {} }), false);
  assert.ok(scenarioLines({ verdict, seen: { it: false }, figures: {} }).includes('NO: it'));
});
