import assert from 'node:assert/strict';
import { it } from 'node:test';
import { backlogMetrics } from '../../src/app/backlog-metrics.js';
import { createMetrics } from '../../src/core/metrics.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { entry, outcome } from '../conformance/archive-suite.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const north = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';
const south = '8d1e6b70-94a3-4d0e-b0c8-5a7712c9fe22';

it('tells what waits and for how long, by tenant; what is settled is gone from it', async (t) => {
  const archive = openEmbeddedArchive(temporaryFolder(t), { run: 1, keyOf: () => Buffer.alloc(32, 1) });
  t.after(() => archive.close());
  const metrics = createMetrics();
  const time = { wall: 1_000_000, monotonic: 0 };
  const clock = { now: () => time.wall, monotonic: () => time.monotonic };
  const look = backlogMetrics(archive, metrics, clock);
  const told = async (): Promise<string[]> =>
    (await metrics.scrape()).text
      .split('\n')
      .filter((line) => /^wardline_(messages\{|oldest|tenant|backlog)/.test(line) && !/\} 0$/.test(line));
  const rows = await archive.append([
    { ...entry(), tenant: north, arrival: 900_000, controlId: 'a' },
    { ...entry(), tenant: south, arrival: 960_000, controlId: 'b' },
    { ...entry(), tenant: north, arrival: 970_000, controlId: 'c' },
  ]);
  await look();
  assert.deepEqual(await told(), [
    'wardline_messages{state="unsettled"} 3',
    'wardline_oldest_unsettled_seconds 100',
    `wardline_tenant_oldest_unsettled_seconds{tenant="${north}"} 100`,
    `wardline_tenant_oldest_unsettled_seconds{tenant="${south}"} 40`,
    `wardline_tenant_unsettled_messages{tenant="${north}"} 2`,
    `wardline_tenant_unsettled_messages{tenant="${south}"} 1`,
    'wardline_backlog_seen_timestamp_seconds 1000',
  ]);
  const settled = rows.map((row, at) =>
    outcome(row, { tenant: at === 1 ? south : north, state: at === 0 ? 'parked' : 'applied' }),
  );
  await archive.settle(settled);
  time.wall += 60_000;
  await look();
  assert.deepEqual(await told(), [
    'wardline_messages{state="applied"} 2',
    'wardline_messages{state="parked"} 1',
    'wardline_oldest_unsettled_seconds 0',
    'wardline_backlog_seen_timestamp_seconds 1060',
  ]);
});

it('rests twenty times as long as a look took', async () => {
  let looks = 0;
  const time = { monotonic: 0 };
  const none = { applied: 0, filtered: 0, unmapped: 0, parked: 0, unsettled: 0, truncated: 0, rejected: 0 };
  const archive = {
    async counts() {
      looks++;
      time.monotonic += 1_000;
      return none;
    },
    unsettled: async () => [],
  };
  const look = backlogMetrics(archive, createMetrics(), { now: () => 0, monotonic: () => time.monotonic });
  await look();
  time.monotonic = 20_999;
  await look();
  assert.equal(looks, 1);
  time.monotonic = 21_000;
  await look();
  assert.equal(looks, 2);
});
