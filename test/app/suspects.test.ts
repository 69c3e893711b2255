import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Suspects } from '../../src/app/suspects.js';

const message = (number: number) => ({ run: 1, number });
const batch = (...numbers: number[]) => numbers.map(message);

function after(...deaths: number[][]): [alone: string[], park: string[]] {
  const suspects = new Suspects();
  for (const death of deaths) suspects.died(batch(...death));
  const { alone, park } = suspects.suspicion();
  return [[...alone], [...park]];
}

test('a batch that was in hand twice is tried one by one; what was in hand alone twice of three times is parked', () => {
  assert.deepEqual(after(), [[], []]);
  assert.deepEqual(after([]), [[], []]);
  assert.deepEqual(after([1, 2, 3]), [[], []]);
  assert.deepEqual(after([1, 2], [2, 3]), [['1-2'], []]);
  assert.deepEqual(after([1, 2], [1, 2], [2]), [['1-1', '1-2'], []]);
  assert.deepEqual(after([1, 2], [1, 2], [2], [2]), [['1-1'], ['1-2']]);
  assert.deepEqual(after([1], [1]), [['1-1'], []]);
  assert.deepEqual(after([1], [1], [1]), [[], ['1-1']]);
});

test('nothing is held against what was settled', () => {
  const suspects = new Suspects();
  suspects.died(batch(1, 2));
  suspects.settled(batch(1));
  suspects.died(batch(1, 2));
  assert.deepEqual([...suspects.suspicion().alone], ['1-2']);
});
