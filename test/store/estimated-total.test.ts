import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaledUp } from '../../src/store/estimated-total.js';

test('a draw is scaled up to all of its kind, unless it holds too few matches to tell', () => {
  const cases = [
    [{ drawn: 1000, found: 1000, of: 5_000_000 }, 5_000_000],
    [{ drawn: 1000, found: 590, of: 1_000_000 }, 590_000],
    [{ drawn: 900, found: 25, of: 1000 }, 28],
    [{ drawn: 2000, found: 24, of: 5_000_000 }, undefined],
    [{ drawn: 0, found: 0, of: 5_000_000 }, undefined],
  ] as const;
  for (const [draw, total] of cases) {
    const expected = total === undefined ? { total } : { total, estimated: true };
    assert.deepEqual(scaledUp(draw), expected, JSON.stringify(draw));
  }
});
