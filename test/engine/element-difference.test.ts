import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/core/json.js';
import { elementDifferences } from '../../src/engine/element-difference.js';

const cases: readonly [string, JsonObject | null, JsonObject | null, unknown[]][] = [
  ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ['a value', { gender: 'male' }, { gender: 'female' }, [{ path: 'gender', before: 'male', after: 'female' }]],
  ['a value that came', {}, { gender: 'female' }, [{ path: 'gender', after: 'female' }]],
  ['a value that went', { gender: 'male', a: 1 }, { a: 1 }, [{ path: 'gender', before: 'male' }]],
  [
    'within an object',
    { period: { start: '1', end: '2' } },
    { period: { start: '1' } },
    [{ path: 'period.end', before: '2' }],
  ],
  ['an item before others', { name: ['b', 'c'] }, { name: ['a', 'b', 'c'] }, [{ path: 'name[0]', after: 'a' }]],
  ['an item of equals', { name: ['a', 'a'] }, { name: ['a'] }, [{ path: 'name[1]', before: 'a' }]],
  [
    'within an item',
    { name: [{ family: 'A', given: ['B'] }, 'x'] },
    { name: ['x', { family: 'C', given: ['B'] }] },
    [{ path: 'name[1].family', before: 'A', after: 'C' }],
  ],
  [
    'the order',
    { given: ['a', 'b'] },
    { given: ['b', 'a'] },
    [{ path: 'given', before: ['a', 'b'], after: ['b', 'a'] }],
  ],
  ['a new resource', null, { resourceType: 'Patient', id: '1', active: true }, [{ path: 'active', after: true }]],
  [
    'a resource that went',
    { resourceType: 'Patient', id: '1', active: true },
    null,
    [{ path: 'active', before: true }],
  ],
];

test('differences stand at the deepest element that both have', () => {
  for (const [what, before, after, expected] of cases)
    assert.deepEqual(elementDifferences(before, after), expected, what);
});

test('there are none just when both are the same', () => {
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, 0, 'a', ''),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('json'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(json, json, (a, b) => {
      const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
      assert.equal(elementDifferences({ x: a }, { x: b }).length === 0, same);
    }),
  );
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
