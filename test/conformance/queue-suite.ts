import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { QueuePort, WorkBatch, WorkItem } from '../../src/queue/queue-port.js';

export interface QueueUnderTest {
  /** A new empty queue whose backoff is at most a few milliseconds. */
  readonly port: QueuePort;
  readonly end: () => Promise<void>;
}

const item = (partition: number, number: number, tenant = 'north'): WorkItem => ({
  tenant,
  partition,
  sequence: { run: 1, number },
});

/** A promise to be kept by hand. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Resolves when `count` calls of `seen` were made. */
function counter(count: number): { reached: Promise<void>; seen: () => void } {
  const { opened, open } = gate();
  let left = count;
  return {
    reached: opened,
    seen: () => {
      if (--left === 0) open();
    },
  };
}

const numbers = (batch: WorkBatch): number[] => batch.sequences.map((sequence) => sequence.number);

/** What every queue must do. */
export function queueSuite(name: string, make: () => Promise<QueueUnderTest>): void {
  describe(`queue: ${name}`, () => {
    const open: QueueUnderTest[] = [];
    const fresh = async (): Promise<QueuePort> => {
      const made = await make();
      open.push(made);
      return made.port;
    };
    after(async () => {
      for (const made of open) await made.end();
    });

    test('hands out what came before and after consuming began, per partition in archive order', async () => {
      const port = await fresh();
      const seen = new Map<string, number[]>();
      const all = counter(8);
      await port.enqueue([item(1, 3), item(1, 1), item(2, 2)]);
      assert.equal(await port.depth(), 3);
      await port.consume(
        async (batch) => {
          const key = `${batch.tenant} ${batch.partition}`;
          seen.set(key, [...(seen.get(key) ?? []), ...numbers(batch)]);
          for (const _ of batch.sequences) all.seen();
        },
        { batchSize: 10, concurrency: 4 },
      );
      await port.enqueue([item(1, 4), item(1, 5, 'south'), item(2, 6)]);
      await port.enqueue([item(2, 7), item(3, 8)]);
      await all.reached;
      assert.deepEqual(Object.fromEntries(seen), {
        'north 1': [1, 3, 4],
        'north 2': [2, 6, 7],
        'south 1': [5],
        'north 3': [8],
      });
    });

    test('batches are no larger than asked and hold each place once', async () => {
      const port = await fresh();
      const batches: number[][] = [];
      const all = counter(7);
      await port.enqueue([5, 1, 2, 3, 4, 6, 7, 3, 1].map((number) => item(1, number)));
      await port.consume(
        async (batch) => {
          batches.push(numbers(batch));
          for (const _ of batch.sequences) all.seen();
        },
        { batchSize: 3, concurrency: 4 },
      );
      await all.reached;
      assert.deepEqual(batches, [[1, 2, 3], [4, 5, 6], [7]]);
    });

    test('one batch per partition at a time, several partitions at once, no more than asked', async () => {
      const port = await fresh();
      const underWay = new Set<number>();
      let most = 0;
      const all = counter(60);
      await port.enqueue(Array.from({ length: 60 }, (_, at) => item(at % 6, at)));
      await port.consume(
        async (batch) => {
          assert.equal(underWay.has(batch.partition), false);
          underWay.add(batch.partition);
          most = Math.max(most, underWay.size);
          await new Promise((resolve) => setImmediate(resolve));
          underWay.delete(batch.partition);
          for (const _ of batch.sequences) all.seen();
        },
        { batchSize: 2, concurrency: 3 },
      );
      await all.reached;
      assert.equal(most, 3);
    });

    test('a batch that fails comes again and stops no other partition', async () => {
      const port = await fresh();
      let failures = 0;
      const others = counter(3);
      const done = gate();
      await port.consume(
        async (batch) => {
          if (batch.partition === 2) {
            for (const _ of batch.sequences) others.seen();
            return;
          }
          if (++failures <= 3) throw new Error('down');
          assert.deepEqual(numbers(batch), [1, 2]);
          done.open();
        },
        { batchSize: 5, concurrency: 1 },
      );
      await port.enqueue([item(1, 1), item(1, 2)]);
      for (const number of [3, 4, 5]) await port.enqueue([item(2, number)]);
      await Promise.all([others.reached, done.opened]);
      assert.equal(failures, 4);
    });

    test('what is enqueued while its partition works is handed out after it', async () => {
      const port = await fresh();
      const begun = gate();
      const goOn = gate();
      const seen: number[][] = [];
      const all = counter(2);
      await port.consume(
        async (batch) => {
          seen.push(numbers(batch));
          begun.open();
          await goOn.opened;
          all.seen();
        },
        { batchSize: 5, concurrency: 2 },
      );
      await port.enqueue([item(1, 1)]);
      await begun.opened;
      await port.enqueue([item(1, 2), item(1, 1)]);
      assert.equal(seen.length, 1);
      goOn.open();
      await all.reached;
      assert.equal(seen.length, 2);
      assert.ok(seen[1]?.includes(2));
    });

    test('loses nothing by itself', async () => {
      const port = await fresh();
      for (let time = 0; time < 3; time++) assert.equal(await port.lost(), false);
    });

    test('the depth falls to 0 when all is done', async () => {
      const port = await fresh();
      const goOn = gate();
      const all = counter(2);
      await port.consume(
        async (batch) => {
          await goOn.opened;
          for (const _ of batch.sequences) all.seen();
        },
        { batchSize: 1, concurrency: 1 },
      );
      await port.enqueue([item(1, 1), item(2, 1)]);
      assert.equal(await port.depth(), 2);
      goOn.open();
      await all.reached;
      while ((await port.depth()) > 0) await new Promise((resolve) => setImmediate(resolve));
    });

    test('closing waits for what is under way and hands out nothing more', async () => {
      const port = await fresh();
      const begun = gate();
      const goOn = gate();
      let finished = 0;
      await port.consume(
        async () => {
          begun.open();
          await goOn.opened;
          finished++;
        },
        { batchSize: 1, concurrency: 1 },
      );
      await port.enqueue([item(1, 1), item(1, 2), item(2, 3)]);
      await begun.opened;
      const closing = port.close();
      goOn.open();
      await closing;
      assert.equal(finished, 1);
    });
  });
}
