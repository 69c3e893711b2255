import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SearchAtom, SearchValue } from '../../../src/fhir/search-values.js';
import { changedRows, type Indexed } from '../../../src/store/embedded/index-rows.js';

const text = fc.constantFrom('an', 'anna', 'annab', 'weg 1', 'weg 12', '😀b', '');
const atom: fc.Arbitrary<SearchAtom> = fc.oneof(
  fc.record({ kind: fc.constant('string' as const), folded: text, exact: text, grams: fc.boolean() }),
  fc.record({
    kind: fc.constant('token' as const),
    system: fc.constantFrom(null, 's', 's 1:a'),
    code: fc.constantFrom(null, 'a', ''),
  }),
  fc.record({
    kind: fc.constant('reference' as const),
    type: fc.constantFrom('Patient', 'Group'),
    id: fc.constantFrom('1', '2'),
    url: fc.constant(null),
    identifier: fc.constantFrom(null, { system: null, code: 'a' }),
  }),
  fc.record({
    kind: fc.constant('number' as const),
    low: fc.constantFrom(Number.NEGATIVE_INFINITY, 1),
    high: fc.constantFrom(Number.POSITIVE_INFINITY, 1),
  }),
  fc.record({ kind: fc.constant('date' as const), from: fc.constantFrom(1, 2), to: fc.constantFrom(2, 3) }),
);
const value: fc.Arbitrary<SearchValue> = fc
  .tuple(
    fc.constantFrom('name', 'code', 'text'),
    fc.integer({ min: 1, max: 7 }),
    fc.oneof({ weight: 4, arbitrary: atom }, { weight: 1, arbitrary: fc.tuple(atom, atom) }),
  )
  .map(([parameter, versions, content]): SearchValue => {
    if (!('kind' in content)) return { parameter, versions, kind: 'composite', parts: content };
    return { parameter, versions, ...content };
  });
const indexed: fc.Arbitrary<Indexed> = fc.record({
  values: fc.array(value, { maxLength: 6 }),
  sortKey: fc.constantFrom(10, 20),
});
const codes = new Map<string, number>();
const codeOf = (parameter: string): number => {
  const code = codes.get(parameter) ?? codes.size + 1;
  codes.set(parameter, code);
  return code;
};

/** Versions of the rows that stand after a change, by key. */
function stand(rows: ReadonlyMap<string, number>, before: Indexed, after: Indexed): Map<string, number> {
  const standing = new Map(rows);
  for (const row of changedRows(before, after, 7, codeOf)) {
    const name = JSON.stringify([row.table, ...row.key]);
    assert.equal(standing.get(name) ?? 0, row.before, 'a row was not as it was told to be');
    if (row.after === 0) standing.delete(name);
    else standing.set(name, row.after);
  }
  return standing;
}

test('the rows that change make of the old rows exactly those of the new values', () => {
  fc.assert(
    fc.property(indexed, indexed, fc.boolean(), (one, other, most) => {
      const before = { ...one };
      const after = most ? { ...other, values: [...one.values.slice(1), ...other.values.slice(0, 1)] } : other;
      const nothing = { values: [], sortKey: before.sortKey };
      const old = stand(new Map(), nothing, before);
      const changed = stand(old, before, after);
      const anew = stand(new Map(), { values: [], sortKey: after.sortKey }, after);
      assert.deepEqual([...changed].sort(), [...anew].sort());
    }),
    { numRuns: 2000 },
  );
});

test('what stays the same makes no row', () => {
  const name = (exact: string): SearchValue => ({
    parameter: 'name',
    versions: 7,
    kind: 'string',
    folded: exact,
    exact,
    grams: true,
  });
  const [before, after] = [['anna'], ['anna', 'anno']].map((names) => ({ values: names.map(name), sortKey: 1 }));
  assert.ok(before !== undefined && after !== undefined);
  assert.deepEqual(changedRows(before, { ...before, sortKey: 2 }, 7, codeOf), []);
  const made = changedRows(before, after, 7, codeOf).map(({ key }) => key[2]);
  assert.deepEqual(made.sort(), ['anno', 'anno', 'nno', 'no', 'o'].sort());
});
