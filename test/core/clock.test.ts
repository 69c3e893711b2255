import assert from 'node:assert/strict';
import { it } from 'node:test';
import { leastDifference } from '../../src/core/clock.js';

it('two clocks differ by what cannot be the way of the answer', () => {
  for (const [theirs, asked, answered, least] of [
    [150, 100, 200, 0],
    [100, 100, 200, 0],
    [200, 100, 200, 0],
    [260, 100, 200, 60],
    [30, 100, 200, -70],
  ] as const)
    assert.equal(leastDifference(theirs, asked, answered), least);
});
