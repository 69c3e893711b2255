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
