import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { Fault, fault } from '../../src/core/errors.js';
import { callsOver, serveCalls } from '../../src/core/thread-rpc.js';

interface Sums {
  add(a: number, b: number): Promise<number>;
  refuse(): Promise<void>;
  missing(): Promise<void>;
}

function open() {
  const { port1, port2 } = new MessageChannel();
  const seen: unknown[] = [];
  port2.on('message', (calls) => seen.push(calls));
  serveCalls(port2, {
    add: async (a: number, b: number) => a + b,
    refuse: async () => {
      throw fault('too-costly', 'no');
    },
  });
  return { calls: callsOver<Sums>(port1, ['add', 'refuse', 'missing']), port1, port2, seen };
}

test('calls of one turn travel together and are answered each by itself', async (t) => {
  const { calls, port1, port2, seen } = open();
  t.after(() => port1.close());
  const [first, refused, missing, last] = await Promise.allSettled([
    calls.add(1, 2),
    calls.refuse(),
    calls.missing(),
    calls.add(3, 4),
  ]);
  assert.deepEqual(
    [first, last].map((one) => one.status === 'fulfilled' && one.value),
    [3, 7],
  );
  const codeOf = (one: PromiseSettledResult<unknown>) => one.status === 'rejected' && (one.reason as Fault).code;
  assert.deepEqual([codeOf(refused), codeOf(missing)], ['too-costly', 'internal']);
  assert.equal(seen.length, 1);
  port2.postMessage({ event: 'something else' });
  assert.equal(await calls.add(5, 6), 11);
});

test('what cannot be sent, and what is under way when the other side ends, is refused', async () => {
  const { calls, port1, port2 } = open();
  const unsendable = calls.add((() => 1) as unknown as number, 2);
  await assert.rejects(unsendable, (error) => error instanceof Fault && error.code === 'internal');
  const underWay = calls.add(1, 2);
  port2.removeAllListeners('message');
  port2.close();
  await assert.rejects(underWay, (error) => error instanceof Fault && error.code === 'store-unavailable');
  await assert.rejects(calls.add(1, 2), (error) => error instanceof Fault && error.code === 'store-unavailable');
  port1.close();
});
