import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchPace } from '../../../src/queue/embedded/batch-pace.js';

describe('the size of a batch', () => {
  test('grows up to the most while full batches are quick', () => {
    const pace = new BatchPace(200);
    assert.equal(pace.size, 50);
    const sizes = [1, 2, 3, 4].map(() => {
      pace.took(pace.size, 20);
      return pace.size;
    });
    assert.deepEqual(sizes, [100, 200, 200, 200]);
  });

  test('stays where a batch was not full, or took its time', () => {
    const pace = new BatchPace(200);
    pace.took(7, 1);
    assert.equal(pace.size, 50);
    pace.took(50, 300);
    assert.equal(pace.size, 50);
  });

  test('is halved, from what the batch had, where one took long, and is one at least', () => {
    const pace = new BatchPace(200);
    pace.took(20, 5000);
    assert.equal(pace.size, 10);
    for (let time = 0; time < 5; time++) pace.took(pace.size, 5000);
    assert.equal(pace.size, 1);
    pace.took(1, 10);
    assert.equal(pace.size, 2);
  });

  test('is never more than was asked for', () => {
    const pace = new BatchPace(3);
    assert.equal(pace.size, 3);
    pace.took(3, 1);
    assert.equal(pace.size, 3);
  });
});
