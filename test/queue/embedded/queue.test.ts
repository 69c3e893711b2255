import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { callsOver, serveCalls } from '../../../src/core/thread-rpc.js';
import { EmbeddedQueue } from '../../../src/queue/embedded/queue.js';
import type { QueuePort, WorkBatch } from '../../../src/queue/queue-port.js';
import { queueSuite } from '../../conformance/queue-suite.js';

const quick = { firstDelay: 1, longestDelay: 4 };

queueSuite('embedded', async () => {
  const port = new EmbeddedQueue(quick);
  return { port, end: () => port.close() };
});

queueSuite('embedded, fed from another thread', async () => {
  const queue = new EmbeddedQueue(quick);
  const { port1, port2 } = new MessageChannel();
  serveCalls(port1, queue);
  const producer = callsOver<Pick<QueuePort, 'enqueue' | 'depth'>>(port2, ['enqueue', 'depth']);
  const port = {
    enqueue: producer.enqueue,
    depth: producer.depth,
    lost: () => queue.lost(),
    format: () => queue.format(),
    consume: queue.consume.bind(queue),
    close: () => queue.close(),
  };
  return {
    port,
    end: async () => {
      await queue.close();
      port1.close();
    },
  };
});

describe('the embedded queue', () => {
  test('refuses work after it is closed', async () => {
    const queue = new EmbeddedQueue();
    await queue.close();
    await assert.rejects(queue.enqueue([]), { code: 'store-unavailable' });
  });

  test('a producer whose queue has gone is told', async () => {
    const { port1, port2 } = new MessageChannel();
    const queue = new EmbeddedQueue();
    serveCalls(port1, queue);
    const producer = callsOver<Pick<QueuePort, 'enqueue' | 'depth'>>(port2, ['enqueue', 'depth']);
    assert.equal(await producer.depth(), 0);
    const ended = new Promise((resolve) => port2.once('close', resolve));
    port1.close();
    await ended;
    await assert.rejects(producer.depth(), { code: 'store-unavailable' });
  });

  test('keeps archive order over a large backlog that comes shuffled', async () => {
    const queue = new EmbeddedQueue();
    const sequences = Array.from({ length: 5000 }, (_, at) => ({ run: 1 + (at % 3), number: (at * 7919) % 5003 }));
    await queue.enqueue(sequences.map((sequence) => ({ tenant: 'a', partition: 0, sequence })));
    const seen: WorkBatch['sequences'][number][] = [];
    await new Promise<void>((resolve) => {
      void queue.consume(
        async (batch) => {
          seen.push(...batch.sequences);
          if (seen.length === sequences.length) resolve();
        },
        { batchSize: 64, concurrency: 1 },
      );
    });
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a.run - b.run || a.number - b.number),
    );
    await queue.close();
  });
});
