import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUnderWay, UnderWay, underWayMemory } from '../../src/app/under-way.js';

const messages = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ run: 2, number: from + index }));

test('what is in hand stands in the memory while it is, and no longer', async () => {
  const memory = underWayMemory();
  const underWay = new UnderWay(memory);
  assert.deepEqual(readUnderWay(memory), []);
  await underWay.during(messages(1, 50), async () => {
    assert.deepEqual(readUnderWay(memory), messages(1, 50));
    const failed = underWay.during(messages(90, 1), async () => {
      assert.deepEqual(readUnderWay(memory), [...messages(1, 50), ...messages(90, 1)]);
      throw new Error('failed');
    });
    await assert.rejects(failed);
    assert.deepEqual(readUnderWay(memory), messages(1, 50));
    await underWay.during(messages(100, 5000), async () => assert.equal(readUnderWay(memory).length, 4096));
  });
  assert.deepEqual(readUnderWay(memory), []);
});
