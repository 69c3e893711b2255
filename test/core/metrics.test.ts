import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMetrics } from '../../src/core/metrics.js';

it('counts, times and scrapes, each installation on its own', async () => {
  const metrics = createMetrics();
  const other = createMetrics();
  metrics.received.add({ listener: 'adt', outcome: 'archived' });
  metrics.received.add({ listener: 'adt', outcome: 'archived' }, 2);
  metrics.acknowledgement.observe({ listener: 'adt' }, 0.004);
  metrics.queueDepth.set({}, 7);
  const { type, text } = await metrics.scrape();
  assert.match(type, /^text\/plain/);
  assert.match(text, /wardline_messages_received_total\{listener="adt",outcome="archived"\} 3/);
  assert.match(text, /wardline_acknowledgement_seconds_bucket\{le="0.005",listener="adt"\} 1/);
  assert.match(text, /wardline_queue_depth 7/);
  assert.doesNotMatch((await other.scrape()).text, /outcome="archived"/);
});

it('figures of messages are read as numbers, by listener', async () => {
  const metrics = createMetrics();
  metrics.received.add({ listener: 'adt', outcome: 'archived' }, 3);
  metrics.acknowledged.add({ listener: 'adt', code: 'AA' }, 2);
  metrics.settled.add({ state: 'applied' }, 4);
  metrics.acknowledgement.observe({ listener: 'adt' }, 0.003);
  metrics.acknowledgement.observe({ listener: 'adt' }, 9);
  const { received, acknowledged, settled, acknowledgement } = await metrics.figures();
  assert.deepEqual(received, [{ listener: 'adt', outcome: 'archived', count: 3 }]);
  assert.deepEqual(acknowledged, [{ listener: 'adt', code: 'AA', count: 2 }]);
  assert.deepEqual(settled, { applied: 4 });
  const timing = acknowledgement['adt'];
  assert.deepEqual([timing?.count, timing?.sum], [2, 9.003]);
  assert.deepEqual(
    timing?.buckets.filter(({ count }) => count > 0).map(({ atMost }) => atMost),
    [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
  );
});
