import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { matches, type SearchRow } from '../../src/fhir/search-match.js';
import { compareRows, isAfterCursor } from '../../src/fhir/search-order.js';
import type { CompositeTest, Condition, Prefix, SearchQuery, SortKey, Test } from '../../src/fhir/search-query.js';
import { foldText } from '../../src/fhir/search-text.js';
import type { CompositeValue, SearchAtom, SearchValue } from '../../src/fhir/search-values.js';
import type { ResourcePort } from '../../src/store/resource-port.js';
import { north } from './archive-suite.js';
import { limits, stored, writeOf } from './resource-suite.js';

// Small alphabets, so that values and searches meet.
const word = fc.constantFrom(
  'an',
  'anna',
  'Anders',
  'chau',
  'Øst',
  'a',
  'jo ann',
  'x'.repeat(80),
  `${'x'.repeat(80)}y`,
);
const code = fc.constantFrom('a', 'b', 'final');
const system = fc.constantFrom(null, 'urn:one', 'urn:two');
const number = fc.constantFrom(-1, 0, 0.5, 1, 2.5, 10);
const instant = fc.integer({ min: -3, max: 8 });
const prefix = fc.constantFrom<Prefix>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');
const type = fc.constantFrom('Patient', 'Group');
const id = fc.constantFrom('p1', 'p2', 'p3');

const range = fc.tuple(instant, fc.integer({ min: 1, max: 4 })).map(([from, length]) => ({ from, to: from + length }));
const interval = fc.oneof(
  number.map((value) => ({ low: value, high: value })),
  fc.constant({ low: 1, high: Number.POSITIVE_INFINITY }),
  fc.constant({ low: Number.NEGATIVE_INFINITY, high: 1 }),
);

const atoms = {
  token: fc.record({ kind: fc.constant('token' as const), system, code: fc.option(code) }),
  name: word.map((text): SearchAtom => ({ kind: 'string', folded: foldText(text), exact: text, grams: true })),
  text: word.map((text): SearchAtom => ({ kind: 'string', folded: foldText(text), exact: text, grams: false })),
  date: range.map((value): SearchAtom => ({ kind: 'date', ...value })),
  number: interval.map((value): SearchAtom => ({ kind: 'number', ...value })),
  quantity: fc
    .record({ interval, system, code: fc.option(code), unit: fc.option(code) })
    .map(({ interval: value, ...rest }): SearchAtom => ({ kind: 'quantity', ...value, ...rest })),
  reference: fc.oneof(
    fc.record({ type, id }).map((value): SearchAtom => ({ kind: 'reference', ...value, url: null, identifier: null })),
    fc.constant<SearchAtom>({ kind: 'reference', type: null, id: null, url: 'http://x/p1', identifier: null }),
    fc
      .record({ system, code })
      .map((identifier): SearchAtom => ({ kind: 'reference', type: null, id: null, url: null, identifier })),
  ),
  uri: code.map((value): SearchAtom => ({ kind: 'uri', value })),
};

type Parameter = keyof typeof atoms | 'composite';

const composite = fc
  .tuple(atoms.token, atoms.quantity)
  .map((parts): CompositeValue => ({ kind: 'composite', parts: [parts[0], parts[1]] }));

const parameters: readonly Parameter[] = [...(Object.keys(atoms) as (keyof typeof atoms)[]), 'composite'];

const value: fc.Arbitrary<SearchValue> = fc.constantFrom(...parameters).chain((parameter) => {
  const made: fc.Arbitrary<SearchAtom | CompositeValue> = parameter === 'composite' ? composite : atoms[parameter];
  return fc.tuple(made, fc.constantFrom(1, 2, 4, 6, 7)).map(([atom, versions]) => ({ ...atom, parameter, versions }));
});

const visit = fc.constantFrom('v1', 'v2', 'v3');

/** The visit that an observation belongs to, found whatever the version that names it. */
const ofVisit: fc.Arbitrary<SearchValue> = fc.record({
  parameter: fc.constant('encounter'),
  versions: fc.constantFrom(1, 7),
  kind: fc.constant('reference' as const),
  type: fc.constant('Encounter'),
  id: visit,
  url: fc.constant(null),
  identifier: fc.constant(null),
});

const row: fc.Arbitrary<Omit<SearchRow, 'id'>> = fc.record({
  lastUpdated: fc.integer({ min: 1, max: 6 }),
  date: fc.option(instant),
  values: fc
    .tuple(fc.array(value, { maxLength: 12 }), fc.array(ofVisit, { maxLength: 1 }))
    .map(([values, visits]) => [...values, ...visits]),
});

const tokenTest = fc.oneof(
  code.map((wanted) => ({ kind: 'token' as const, code: wanted })),
  fc.record({ system, code }).map((wanted) => ({ kind: 'token' as const, ...wanted })),
  system.map((wanted) => ({ kind: 'token' as const, system: wanted })),
);
const stringTest = fc
  .record({ match: fc.constantFrom('starts', 'contains', 'exact'), text: word })
  .map(({ match, text }): Test => ({ kind: 'string', match, text: match === 'exact' ? text : foldText(text) }));
const numeric = fc
  .record({ prefix, value: number, margin: fc.constantFrom(0.05, 0.5, 2) })
  .map(({ margin, ...rest }) => ({ ...rest, low: rest.value - margin, high: rest.value + margin }));
const quantityTest = fc
  .record({ numeric, system: fc.option(system, { nil: undefined }), code: fc.option(code, { nil: undefined }) })
  .map(
    ({ numeric: of, system: ofSystem, code: ofCode }): Test => ({
      kind: 'quantity',
      ...of,
      ...(ofSystem === undefined ? {} : { system: ofSystem }),
      ...(ofCode === undefined ? {} : { code: ofCode }),
    }),
  );
const dateTest = fc.tuple(prefix, range).map(([wanted, of]): Test => ({ kind: 'date', prefix: wanted, ...of }));

const tests: Readonly<Record<Parameter, fc.Arbitrary<Test | CompositeTest>>> = {
  token: tokenTest,
  name: stringTest,
  text: stringTest,
  date: dateTest,
  number: numeric.map((of): Test => ({ kind: 'number', ...of })),
  quantity: quantityTest,
  reference: fc.oneof<fc.Arbitrary<Test>[]>(
    fc.record({ type, id }).map((wanted) => ({ kind: 'reference', ...wanted })),
    id.map((wanted) => ({ kind: 'reference', id: wanted })),
    // what is somebody's but for moved visits, or belongs to visits that were moved to somebody
    fc
      .record({ id, is: fc.boolean(), among: fc.uniqueArray(visit, { minLength: 1, maxLength: 2 }) })
      .map(({ id: wanted, ...of }) => ({ kind: 'reference', type: 'Patient', id: wanted, visit: of })),
    fc.constant({ kind: 'reference', url: 'http://x/p1' }),
    tokenTest.map((identifier) => ({ kind: 'reference', identifier })),
  ),
  uri: code.map((wanted): Test => ({ kind: 'uri', value: wanted })),
  composite: fc.tuple(tokenTest, quantityTest).map((parts): CompositeTest => ({ kind: 'composite', parts })),
};

const kindOf = (parameter: Parameter) => (parameter === 'name' || parameter === 'text' ? 'string' : parameter);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...parameters).chain(conditionOn) },
  {
    weight: 1,
    arbitrary: fc
      .record({ negate: fc.boolean(), anyOf: fc.array(dateTest, { minLength: 1, maxLength: 2 }) })
      .map((of): Condition => ({ parameter: '_lastUpdated', kind: 'date', ...of })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        negate: fc.boolean(),
        ids: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 }),
      })
      .map(
        ({ negate, ids }): Condition => ({
          parameter: '_id',
          kind: 'id',
          negate,
          anyOf: ids.map((at) => ({ kind: 'id', id: nameOf(at) })),
        }),
      ),
  },
);

function conditionOn(parameter: Parameter): fc.Arbitrary<Condition> {
  const kind = kindOf(parameter);
  return fc.oneof(
    { weight: 1, arbitrary: fc.boolean().map((missing): Condition => ({ parameter, kind, missing })) },
    {
      weight: 6,
      arbitrary: fc
        .record({
          negate: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
          anyOf: fc.array(tests[parameter], { minLength: 1, maxLength: 3 }),
        })
        .map((of): Condition => ({ parameter, kind, ...of })),
    },
  );
}

const sortKey: fc.Arbitrary<SortKey> = fc.oneof(
  fc.record({ by: fc.constantFrom('date', '_lastUpdated', '_id'), descending: fc.boolean() }),
  fc.record({
    by: fc.constant('parameter' as const),
    parameter: fc.constantFrom('date', 'name', 'token', 'number', 'reference'),
    descending: fc.boolean(),
  }),
);

const query: fc.Arbitrary<SearchQuery> = fc.record({
  type: fc.constant('Observation'),
  version: fc.constantFrom('R4', 'STU3', 'DSTU2'),
  where: fc.array(condition, { maxLength: 3 }),
  sort: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<SortKey[]>([{ by: 'date', descending: true }], [{ by: 'date', descending: false }]),
    },
    { weight: 2, arbitrary: fc.array(sortKey, { maxLength: 2 }) },
  ),
  count: fc.constantFrom(1, 3, 100),
});

const nameOf = (at: number): string => `o${String(at).padStart(2, '0')}`;

/** Every store answers a search as the reference in the FHIR room does: members, order, pages and total. */
export function searchSuite(name: string, make: () => Promise<{ port: ResourcePort; end: () => Promise<void> }>): void {
  describe(`search: ${name}`, () => {
    test('equals the reference for random values and queries', { timeout: 120_000 }, async () => {
      const { port, end } = await make();
      const revisions = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { maxLength: 20 }),
          fc.array(query, { minLength: 12, maxLength: 12 }),
          async (made, queries) => {
            const rows = made.map((one, at): SearchRow => ({ ...one, id: nameOf(at) }));
            await store(port, revisions, rows);
            for (const one of queries) await compare(port, rows, one);
          },
        ),
        { numRuns: 60 },
      );
      await end();
    });
  });
}

/** Writes the rows over what the last round left; what it had more is hidden. */
async function store(port: ResourcePort, revisions: Map<string, number>, rows: readonly SearchRow[]): Promise<void> {
  const ids = new Set([...rows.map((one) => one.id), ...revisions.keys()]);
  const writes = [...ids].map((one) => {
    const of = rows.find((candidate) => candidate.id === one);
    const revision = (revisions.get(one) ?? 0) + 1;
    revisions.set(one, revision);
    const document = stored({ type: 'Observation', id: one, revision, version: revision });
    return of === undefined
      ? writeOf({ ...document, resource: null })
      : writeOf({ ...document, lastUpdated: of.lastUpdated }, { values: of.values, sortDate: of.date });
  });
  assert.ok((await port.write(north, writes)).every(Boolean));
}

async function compare(port: ResourcePort, rows: readonly SearchRow[], asked: SearchQuery): Promise<void> {
  const expected = rows.filter((one) => matches(asked, one)).sort((a, b) => compareRows(asked, a, b));
  const seen: string[] = [];
  let page = asked;
  for (;;) {
    const answer = await port.search(north, page, limits);
    assert.equal(answer.total, expected.length);
    const rest = expected.filter((one) => isAfterCursor(page, one)).slice(0, page.count);
    assert.deepEqual(
      answer.documents.map((document) => document.id),
      rest.map((one) => one.id),
    );
    seen.push(...answer.documents.map((document) => document.id));
    if (answer.next === undefined) break;
    page = { ...page, after: JSON.parse(answer.next) };
  }
  assert.equal(seen.length, expected.length);
}
