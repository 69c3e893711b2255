import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Enqueuer } from '../../src/intake/enqueuer.js';
import type { WorkItem } from '../../src/queue/queue-port.js';

const item = (number: number): WorkItem => ({ tenant: 'north', partition: 0, sequence: { run: 1, number } });

/** A queue that takes nothing while it is told so. */
function unsteady() {
  const taken: number[] = [];
  const told: string[] = [];
  let heard = (): void => {};
  const queue = {
    down: true,
    async enqueue(items: readonly WorkItem[]) {
      if (queue.down) throw new Error('down');
      taken.push(...items.map(({ sequence }) => sequence.number));
    },
  };
  const enqueuer = new Enqueuer({
    queue,
    failed(count) {
      told.push(`failed ${count}`);
      heard();
    },
    works() {
      told.push('works');
      heard();
    },
  });
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  return { queue, taken, told, enqueuer, next };
}

test('what the queue does not take is offered again, in order, and counted once', async () => {
  const { queue, taken, told, enqueuer, next } = unsteady();
  let heard = next();
  enqueuer.add(item(1));
  enqueuer.add(item(2));
  await heard;
  heard = next();
  enqueuer.add(item(3));
  await heard;
  queue.down = false;
  await next();
  await enqueuer.idle();
  assert.deepEqual(taken, [1, 2, 3]);
  assert.deepEqual(told, ['failed 2', 'failed 1', 'works']);
});

test('whoever stops does not wait for a queue that is gone', async () => {
  const { taken, enqueuer, next, queue } = unsteady();
  const heard = next();
  enqueuer.add(item(1));
  await heard;
  await enqueuer.idle();
  assert.equal(taken.length, 0, 'the sweep finds it');
  queue.down = false;
  enqueuer.add(item(2));
  await enqueuer.idle();
  assert.equal(taken.at(-1), 2);
});
