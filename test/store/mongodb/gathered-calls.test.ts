import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatheredCalls } from '../../../src/store/mongodb/gathered-calls.js';

/** A source that answers when it is told to, by the number of the read that it is. */
function source(underWay: number, most: number) {
  const reads: { readonly calls: readonly number[]; answer(): void; fail(): void }[] = [];
  const gathered = new GatheredCalls<number, number>(
    (calls) =>
      new Promise((resolve, reject) => {
        const number = reads.length;
        reads.push({ calls, answer: () => resolve(number), fail: () => reject(new Error('down')) });
      }),
    { underWay, most, sizeOf: (call) => call },
  );
  const asked = (): (readonly number[])[] => reads.map(({ calls }) => calls);
  return { gathered, reads, asked };
}

/** When everything that could begin has begun. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('what comes in one turn goes together, and what comes meanwhile waits for the next', async () => {
  const { gathered, reads, asked } = source(1, 100);
  const first = [gathered.call(1), gathered.call(2)];
  await idle();
  const later = [gathered.call(3)];
  await idle();
  later.push(gathered.call(4));
  await idle();
  assert.deepEqual(asked(), [[1, 2]]);
  reads[0]?.answer();
  assert.deepEqual(await Promise.all(first), [0, 0]);
  await idle();
  assert.deepEqual(asked(), [
    [1, 2],
    [3, 4],
  ]);
  reads[1]?.answer();
  assert.deepEqual(await Promise.all(later), [1, 1], 'answered by what was read after they asked');
  const alone = gathered.call(5);
  await idle();
  reads[2]?.answer();
  assert.equal(await alone, 2);
});

test('a group asks for no more than it may, but for one call that is larger', async () => {
  const { gathered, reads, asked } = source(2, 10);
  const calls = [50, 4, 6, 1].map((size) => gathered.call(size));
  await idle();
  assert.deepEqual(asked(), [[50], [4, 6]]);
  reads[1]?.answer();
  await idle();
  assert.deepEqual(asked(), [[50], [4, 6], [1]]);
  for (const read of reads) read.answer();
  assert.deepEqual(await Promise.all(calls), [0, 1, 1, 2]);
});

test('what fails fails for those that asked together, and the next ask again', async () => {
  const { gathered, reads, asked } = source(1, 100);
  const failing = [gathered.call(1), gathered.call(2)];
  await idle();
  const next = gathered.call(3);
  reads[0]?.fail();
  for (const each of await Promise.allSettled(failing)) assert.equal(each.status, 'rejected');
  await idle();
  assert.deepEqual(asked(), [[1, 2], [3]]);
  reads[1]?.answer();
  assert.equal(await next, 1);
});
