import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { extractSearchValues } from '../../../src/fhir/extract-search-values.js';
import type { SearchAtom, SearchValue } from '../../../src/fhir/search-values.js';
import { type Database, openDatabase } from '../../../src/store/embedded/open-database.js';
import { resourceFormat, resourceSchema } from '../../../src/store/embedded/resource-schema.js';
import { SharedTexts } from '../../../src/store/embedded/shared-texts.js';
import { parseShape, parseValues, printValues } from '../../../src/store/embedded/stored-values.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

function emptyFile(t: TestContext): Database {
  const db = openDatabase(join(temporaryFolder(t), 'tenant.db'), {
    ...{ kind: 'resources', format: resourceFormat, schema: resourceSchema },
    durability: 'off',
  });
  t.after(() => db.close());
  return db;
}

const text = fc.oneof(
  fc.constantFrom('', 'Müller', 'Anna', 'WEG 1', 'weg 1', 'İ', '"', '\u0000\u001f', '\ud800', '+', '-', '😀b', 'ſ'),
  fc.string({ unit: 'binary' }),
);
/** `deepEqual` tells prototypes apart. */
const plain = { noNullPrototype: true } as const;
const orNone = fc.option(text);
const number = fc.oneof(
  fc.double({ noNaN: true }).map((value) => value + 0),
  fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 5e-324, 1e21, -8.64e15, 8.64e15),
);
const time = fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.constantFrom(-8.64e15, 8.64e15, 0));
const date = fc.oneof(
  fc.record({ from: time, to: time }, plain),
  fc
    .tuple(time, fc.constantFrom(0, 1, 1000, 60_000, 86_400_000, 3_600_000))
    .map(([from, length]) => ({ from, to: from + length })),
);
const pair = fc.oneof(
  fc.record({ low: number, high: number }, plain),
  number.map((value) => ({ low: value, high: value })),
);
const foldable = fc.oneof(
  fc.record({ folded: text, exact: text }, plain),
  text.map((exact) => ({ exact, folded: exact.toLowerCase() })),
);
const atom: fc.Arbitrary<SearchAtom> = fc.oneof(
  fc.record({ kind: fc.constant('token' as const), system: orNone, code: orNone }, plain),
  fc.tuple(foldable, fc.boolean()).map(([texts, grams]) => ({ kind: 'string' as const, ...texts, grams })),
  date.map((range) => ({ kind: 'date' as const, ...range })),
  pair.map((range) => ({ kind: 'number' as const, ...range })),
  fc
    .tuple(pair, fc.record({ system: orNone, code: orNone, unit: orNone }, plain))
    .map(([range, unit]) => ({ kind: 'quantity' as const, ...range, ...unit })),
  fc.record(
    {
      kind: fc.constant('reference' as const),
      type: orNone,
      id: orNone,
      url: orNone,
      identifier: fc.option(fc.record({ system: orNone, code: text }, plain)),
    },
    plain,
  ),
  fc
    .oneof(text, fc.constantFrom('urn:wardline:message:1-17', 'urn:oid:1.2.3', 'urn:', 'urn:a:', 'http://x:1/y'))
    .map((value) => ({ kind: 'uri' as const, value })),
);
const value: fc.Arbitrary<SearchValue> = fc
  .tuple(
    fc.oneof(fc.constantFrom('code', ':moved', 'name'), text),
    fc.integer({ min: 1, max: 7 }),
    fc.oneof({ weight: 4, arbitrary: atom }, { weight: 1, arbitrary: fc.tuple(atom, atom) }),
  )
  .map(([parameter, versions, content]): SearchValue => {
    if (!('kind' in content)) return { kind: 'composite', parts: content, parameter, versions };
    return { ...content, parameter, versions };
  });
/** Some of them twice, under other names, as a resource's are. */
const values = fc
  .array(value, { maxLength: 8 })
  .map((some) => [
    ...some,
    ...some.slice(0, 2).map((one): SearchValue => ({ ...one, parameter: 'again', versions: 2 })),
  ]);

test('search values of every kind are read as they were written, whether their shape is shared or not', (t) => {
  const db = emptyFile(t);
  const shared = new SharedTexts(db, parseShape, { texts: 200, longest: 300 });
  // what is remembered is read again from the file by a reader of its own
  const reader = new SharedTexts(db, parseShape);
  let inline = 0;
  fc.assert(
    fc.property(values, (some) => {
      const body = printValues(some, shared);
      if (body.startsWith('[[')) inline++;
      assert.deepEqual(parseValues(body, reader), some);
      assert.deepEqual(
        parseValues(body, reader, new Set(['again', 'name'])),
        some.filter(({ parameter }) => parameter === 'again' || parameter === 'name'),
      );
    }),
    { numRuns: 1000 },
  );
  assert.ok(inline > 0);
  assert.equal(db.get('SELECT max(number) AS last, count(*) AS texts FROM shared_text')?.last, 200);
});

test('values that are in memory are written as those that are not', (t) => {
  const shared = new SharedTexts(emptyFile(t), parseShape);
  fc.assert(
    fc.property(values, (some) => {
      const again = some.map((one) => ({ ...one }));
      assert.equal(printValues(again, shared), printValues(some, shared));
      assert.equal(printValues(some, shared), printValues(some, shared));
    }),
    { numRuns: 200 },
  );
});

test('of an Observation a row holds no more than what is its own, and its shape serves the next', (t) => {
  const db = emptyFile(t);
  const shared = new SharedTexts(db, parseShape);
  const observation = (id: string, measured: number): readonly SearchValue[] =>
    extractSearchValues({
      R4: {
        ...{ resourceType: 'Observation', id: 'o1', status: 'final', subject: { reference: `Patient/${id}` } },
        meta: { source: `urn:wardline:message:1-${measured}` },
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        effectiveDateTime: '2026-01-02T08:00:00Z',
        valueQuantity: { value: measured, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
      },
    });
  const bodies = [observation('p1', 60), observation('p2', 71)].map((one) => printValues(one, shared));
  assert.deepEqual(bodies, [
    '[1,"1-60","8867-4",1767340800000,"p1",60,"/min","final"]',
    '[1,"1-71","8867-4",1767340800000,"p2",71,"/min","final"]',
  ]);
  assert.equal(db.get('SELECT count(*) AS texts FROM shared_text')?.texts, 1);
});

test('a number of no text is a damaged file', (t) => {
  const shared = new SharedTexts(emptyFile(t), parseShape);
  assert.throws(() => parseValues('[7,"a"]', shared), { code: 'store-corrupt' });
});

test('a text that was rolled back is made again', (t) => {
  const db = emptyFile(t);
  const shared = new SharedTexts(db, parseShape);
  const made = (one: string): number | undefined => db.transaction(() => shared.numberOf(one));
  assert.throws(() =>
    db.transaction(() => {
      assert.equal(shared.numberOf('[[],[]]'), 1);
      throw new Error('rolled back');
    }),
  );
  assert.deepEqual([made('other'), made('[[],[]]'), made('[[],[]]'), made('other')], [1, 2, 2, 1]);
  assert.deepEqual(shared.at(2), []);
});
