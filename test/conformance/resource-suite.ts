import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../src/core/json.js';
import type { SearchQuery } from '../../src/fhir/search-query.js';
import type { SearchValue } from '../../src/fhir/search-values.js';
import type { Reindexed, ReindexPort } from '../../src/store/reindex-port.js';
import type {
  DocumentWrite,
  ResourcePort,
  ResourceReader,
  SearchPage,
  ShownDocument,
  StoredDocument,
  Touch,
} from '../../src/store/resource-port.js';
import { north, south } from './archive-suite.js';

export interface ResourcesUnderTest {
  readonly port: ResourcePort & ReindexPort;
  /** What another thread or process reads by; may be the port itself. */
  readonly reader: Omit<ResourceReader, 'close'>;
  readonly end: () => Promise<void>;
}

export function stored(over: Partial<StoredDocument> = {}): StoredDocument {
  const { type = 'Patient', id = 'p1', version = 1 } = over;
  return {
    type,
    id,
    revision: 1,
    state: { registers: { gender: [50, 1] } },
    resource: { resourceType: type, gender: 'female' },
    hash: 'h1',
    version,
    lastUpdated: 1000 + version,
    source: '1-1',
    members: [],
    standsFor: '',
    moved: [],
    patient: '',
    keyRest: '',
    touches: [],
    ...over,
  };
}

/** What readers are promised of a document. */
function shownOf(document: ShownDocument | StoredDocument): ShownDocument {
  const { state: _state, touches: _touches, ...shown } = { state: null, touches: null, ...document };
  return shown;
}

/** A write of a document over the revision before it, as a new version. */
export function writeOf(document: StoredDocument, over: Partial<DocumentWrite> = {}): DocumentWrite {
  return {
    expected: document.revision - 1,
    document,
    folded: [],
    between: [],
    values: [],
    sortDate: null,
    newVersion: true,
    mappingVersion: 1,
    ...over,
  };
}

export const queryFor = (over: Partial<SearchQuery> = {}): SearchQuery => ({
  type: 'Observation',
  version: 'R4',
  where: [],
  sort: [{ by: 'date', descending: true }],
  count: 10,
  ...over,
});

export const limits = { budget: 10_000, total: true };

const touchOf = (over: Partial<Touch> = {}): Touch => ({
  type: 'Patient',
  id: 'p1',
  revision: 1,
  registers: '["gender"]',
  stamp: [50, 1, 1, 1, 1, 1],
  ...over,
});

const refersTo = (parameter: string, type: string, id: string): SearchValue => ({
  parameter,
  versions: 7,
  kind: 'reference',
  type,
  id,
  url: null,
  identifier: null,
});

const token = (parameter: string, code: string, system: string | null = null, versions = 7): SearchValue => ({
  parameter,
  versions,
  kind: 'token',
  system,
  code,
});

/** What every resource store must do. */
export function resourceSuite(name: string, make: () => Promise<ResourcesUnderTest>): void {
  describe(`resources: ${name}`, () => {
    const open: ResourcesUnderTest[] = [];
    const fresh = async (): Promise<ResourcesUnderTest> => {
      const made = await make();
      open.push(made);
      return made;
    };
    after(async () => {
      for (const made of open) await made.end();
    });

    test('gives back a document whole, and to readers what it shows', async () => {
      const { port, reader } = await fresh();
      const document = stored({ members: ['p1', 'p2'], patient: 'p9', keyRest: 'rest', source: '3-7' });
      assert.deepEqual(await port.write(north, [writeOf(document)]), [true]);
      assert.deepEqual(await port.read(north, 'Patient', ['p1']), [document]);
      for (const from of [port, reader]) {
        const found = await from.read(north, 'Patient', ['p1', 'none']);
        assert.deepEqual(found.map(shownOf), [shownOf(document)]);
        assert.deepEqual(await from.read(north, 'Person', ['p1']), []);
        assert.deepEqual(await from.read(south, 'Patient', ['p1']), []);
      }
    });

    test('writes only over the revision expected, and the other writes stand', async () => {
      const { port } = await fresh();
      await port.write(north, [writeOf(stored())]);
      const second = stored({ revision: 2, version: 2, hash: 'h2' });
      const flags = await port.write(north, [
        writeOf(stored()),
        writeOf(second),
        writeOf(second),
        writeOf(stored({ id: 'p2', revision: 2 })),
        writeOf(stored({ id: 'p3' })),
      ]);
      assert.deepEqual(flags, [false, true, false, false, true]);
      assert.deepEqual(await port.read(north, 'Patient', ['p1', 'p2', 'p3']), [second, stored({ id: 'p3' })]);
    });

    test('of concurrent writers of one document one wins', async () => {
      const { port } = await fresh();
      const flags = await Promise.all(['a', 'b', 'c'].map((hash) => port.write(north, [writeOf(stored({ hash }))])));
      assert.equal(flags.flat().filter(Boolean).length, 1);
    });

    test('finds documents by patient, and by the rest of their key', async () => {
      const { port } = await fresh();
      const item = (id: string, patient: string, keyRest: string): StoredDocument =>
        stored({ type: 'Condition', id, patient, keyRest });
      const documents = [item('a', 'p1', 'x'), item('b', 'p1', 'y'), item('c', 'p2', 'x'), item('d', '', '')];
      await port.write(
        north,
        documents.map((document) => writeOf(document)),
      );
      const ids = (found: readonly StoredDocument[]): string[] => found.map((document) => document.id).sort();
      assert.deepEqual(ids(await port.readByPatient(north, 'Condition', 'p1')), ['a', 'b']);
      assert.deepEqual(ids(await port.readByPatient(north, 'Condition', '')), []);
      assert.deepEqual(ids(await port.readByPatient(north, 'Coverage', 'p1')), []);
      assert.deepEqual(ids(await port.readByKeyRest(north, 'Condition', ['p1', 'p2', 'p3'], ['x'])), ['a', 'c']);
      assert.deepEqual(ids(await port.readByKeyRest(north, 'Condition', ['p1'], ['x', 'y', 'z'])), ['a', 'b']);
    });

    test('reads all documents in order of type and id, page by page, those that show nothing included', async () => {
      const { port } = await fresh();
      const ids = ['p2', 'c1', 'p1', 'c2', 'p3'];
      const documents = ids.map((id) =>
        stored({
          type: id.startsWith('c') ? 'Condition' : 'Patient',
          id,
          ...(id === 'p1' ? { resource: null, hash: '' } : {}),
        }),
      );
      await port.write(
        north,
        documents.map((document) => writeOf(document)),
      );
      const read: string[][] = [];
      let after: StoredDocument | undefined;
      do {
        const found = await port.readAll(north, after, 2);
        read.push(found.map(({ id }) => id));
        after = found.at(-1);
      } while (after !== undefined);
      assert.deepEqual(read, [['c1', 'c2'], ['p1', 'p2'], ['p3'], []]);
      assert.deepEqual(await port.readAll(south, undefined, 2), []);
    });

    test('keeps touches of the stored revision, the highest of each set, until the document is written', async () => {
      const { port } = await fresh();
      await port.write(north, [writeOf(stored())]);
      const flags = await port.touch(north, [
        touchOf(),
        touchOf({ stamp: [50, 1, 1, 1, 2, 1] }),
        touchOf({ stamp: [20, 9, 9, 9, 9, 9] }),
        touchOf({ registers: '["name"]' }),
        touchOf({ revision: 2 }),
        touchOf({ id: 'none' }),
      ]);
      assert.deepEqual(flags, [true, true, true, true, false, false]);
      const [read] = await port.read(north, 'Patient', ['p1']);
      assert.deepEqual(read?.touches, [touchOf({ stamp: [50, 1, 1, 1, 2, 1] }), touchOf({ registers: '["name"]' })]);
      const second = stored({ revision: 2 });
      assert.deepEqual(
        await port.write(north, [writeOf(second, { newVersion: false, folded: read?.touches.slice(1) ?? [] })]),
        [false],
      );
      assert.deepEqual(await port.write(north, [writeOf(second, { newVersion: false, folded: read?.touches ?? [] })]), [
        true,
      ]);
      assert.deepEqual((await port.read(north, 'Patient', ['p1']))[0]?.touches, []);
    });

    test('a write that only moves hidden state makes no version and leaves what is found', async () => {
      const { port } = await fresh();
      await port.write(north, [writeOf(stored(), { values: [token('gender', 'female')] })]);
      const {
        values: _values,
        sortDate: _sortDate,
        ...hidden
      } = writeOf(stored({ revision: 2, state: { moved: true } }));
      assert.deepEqual(await port.write(north, [{ ...hidden, newVersion: false }]), [true]);
      const where = [
        { parameter: 'gender', kind: 'token', negate: false, anyOf: [{ kind: 'token', code: 'female' }] },
      ] as const;
      const page = await port.search(north, queryFor({ type: 'Patient', where }), limits);
      assert.deepEqual(page.documents.map(shownOf), [shownOf(stored({ revision: 2 }))]);
      assert.equal((await port.history(north, { type: 'Patient', id: 'p1' }, { count: 9 })).total, 1);
    });

    test('keeps every version, those made between two writes too, and deletions', async () => {
      const { port, reader } = await fresh();
      await port.write(north, [writeOf(stored())]);
      const between = { ...versionOf(stored({ version: 2 })), resource: { resourceType: 'Patient', gender: 'male' } };
      const third = stored({ revision: 2, version: 3, resource: null, hash: '' });
      await port.write(north, [writeOf(third, { between: [between], mappingVersion: 4 })]);
      assert.deepEqual(await reader.version(north, 'Patient', 'p1', 1), versionOf(stored()));
      assert.deepEqual(await reader.version(north, 'Patient', 'p1', 2), between);
      assert.deepEqual(await reader.version(north, 'Patient', 'p1', 3), { ...versionOf(third), mappingVersion: 4 });
      assert.equal(await reader.version(north, 'Patient', 'p1', 4), undefined);
      assert.equal(await reader.version(north, 'Patient', 'p2', 1), undefined);
    });

    test('keeps and serves documents however long their texts are, in every version', async () => {
      const { port, reader } = await fresh();
      const scan = (letter: string, size: number): JsonObject => ({
        resourceType: 'DocumentReference',
        status: 'current',
        content: [{ attachment: { contentType: 'application/pdf', data: letter.repeat(size * mib) } }],
        description: 'a scan',
      });
      const of = (over: Partial<StoredDocument>): StoredDocument =>
        stored({ type: 'DocumentReference', id: 'd1', state: { registers: { long: noise(3 * mib) } }, ...over });
      const first = of({ resource: scan('a', 20) });
      assert.deepEqual(await port.write(north, [writeOf(first)]), [true]);
      const between = { ...versionOf(of({ version: 2 })), resource: scan('b', 9) };
      // the third repeats the text of the first
      const third = of({ revision: 2, version: 3, resource: { ...scan('a', 20), status: 'superseded' } });
      assert.deepEqual(await port.write(north, [writeOf(third, { between: [between] })]), [true]);
      // only what stands behind it changes
      const moved = { ...third, revision: 3, state: { registers: { long: noise(3 * mib) } } };
      assert.deepEqual(await port.write(north, [writeOf(moved, { newVersion: false })]), [true]);
      const small = of({ revision: 4, version: 4, resource: { resourceType: 'DocumentReference' }, state: {} });
      assertSame(await port.read(north, 'DocumentReference', ['d1']), [moved]);
      assertSame(await port.readAll(north, undefined, 5), [moved]);
      assertSame((await reader.read(north, 'DocumentReference', ['d1'])).map(shownOf), [shownOf(moved)]);
      const found = await reader.search(north, queryFor({ type: 'DocumentReference' }), limits);
      assertSame(found.documents.map(shownOf), [shownOf(moved)]);
      assert.deepEqual(await port.write(north, [writeOf(small)]), [true]);
      assertSame(await port.read(north, 'DocumentReference', ['d1']), [small]);
      const versions = [versionOf(small), versionOf(third), between, versionOf(first)];
      for (const version of versions)
        assertSame(await reader.version(north, 'DocumentReference', 'd1', version.version), version);
      const history = await reader.history(north, { type: 'DocumentReference', id: 'd1' }, { count: 9 });
      assertSame(history.versions, versions);
    });

    test('gives history newest first, by document, type and tenant, in pages', async () => {
      const { port } = await fresh();
      await port.write(north, [
        writeOf(stored()),
        writeOf(stored({ id: 'p2' })),
        writeOf(stored({ type: 'Encounter', id: 'e1' })),
      ]);
      for (const version of [2, 3]) await port.write(north, [writeOf(stored({ revision: version, version }))]);
      const all = await walk(port, {});
      assert.deepEqual(all, ['Patient/p1/3', 'Patient/p1/2', 'Encounter/e1/1', 'Patient/p2/1', 'Patient/p1/1']);
      assert.deepEqual(
        await walk(port, { type: 'Patient' }),
        all.filter((place) => place.startsWith('Patient')),
      );
      assert.deepEqual(await walk(port, { type: 'Patient', id: 'p1' }), [
        'Patient/p1/3',
        'Patient/p1/2',
        'Patient/p1/1',
      ]);
      assert.deepEqual(await walk(port, { type: 'Patient', since: 1002 }), ['Patient/p1/3', 'Patient/p1/2']);
      assert.deepEqual(await walk(port, { type: 'Group' }), []);
    });

    test('what shows nothing or stands for another is found by its id alone', async () => {
      const { port } = await fresh();
      const values = [token('gender', 'female')];
      await port.write(north, [
        writeOf(stored(), { values }),
        writeOf(stored({ id: 'p2', standsFor: 'p1' }), { values }),
        writeOf(stored({ id: 'p3', resource: null, hash: '' }), { values }),
      ]);
      const found = async (where: SearchQuery['where']): Promise<string[]> => {
        const page = await port.search(north, queryFor({ type: 'Patient', where, sort: [] }), limits);
        assert.equal(page.total, page.documents.length);
        return page.documents.map((document) => document.id);
      };
      assert.deepEqual(await found([]), ['p1']);
      assert.deepEqual(await found([{ parameter: 'gender', kind: 'token', missing: false }]), ['p1']);
      assert.deepEqual(await found([{ parameter: 'gender', kind: 'token', missing: true }]), []);
      const anyOf = ['p1', 'p2', 'p3'].map((id) => ({ kind: 'id', id }) as const);
      assert.deepEqual(await found([{ parameter: '_id', kind: 'id', negate: false, anyOf }]), ['p1', 'p2']);
      await port.write(north, [writeOf(stored({ revision: 2, version: 2, standsFor: 'p2' }), { newVersion: false })]);
      assert.deepEqual(await found([{ parameter: 'gender', kind: 'token', missing: false }]), []);
    });

    test('keeps to whom a visit was moved and whose it was, and finds it by them when only that changed', async () => {
      const { port } = await fresh();
      const visit = stored({ type: 'Encounter', id: 'v1', moved: ['p2', 'p1'] });
      const values = [refersTo(':moved', 'Patient', 'p2'), refersTo(':moved', 'Patient', 'p1')];
      await port.write(north, [writeOf(visit, { values })]);
      const found = async (patient: string): Promise<readonly (readonly string[])[]> => {
        const where = [
          {
            parameter: ':moved',
            kind: 'reference',
            negate: false,
            anyOf: [{ kind: 'reference', type: 'Patient', id: patient }],
          },
        ] as const;
        const { documents } = await port.search(north, queryFor({ type: 'Encounter', where, sort: [] }), limits);
        return documents.map(({ moved }) => moved);
      };
      assert.deepEqual(await found('p1'), [['p2', 'p1']]);
      assert.deepEqual((await port.read(north, 'Encounter', ['v1']))[0]?.moved, ['p2', 'p1']);
      const again = { ...visit, revision: 2, moved: ['p3', 'p1'] };
      const newer = [refersTo(':moved', 'Patient', 'p3'), refersTo(':moved', 'Patient', 'p1')];
      await port.write(north, [writeOf(again, { values: newer, newVersion: false })]);
      assert.deepEqual([await found('p1'), await found('p2'), await found('p3')], [[['p3', 'p1']], [], [['p3', 'p1']]]);
    });

    test('lists a patient’s data newest first, over a class of ids, in pages', async () => {
      const { port } = await fresh();
      const writes = Array.from({ length: 25 }, (_, at) =>
        writeOf(stored({ type: 'Observation', id: `o${String(at).padStart(2, '0')}` }), {
          sortDate: (at * 7) % 10,
          values: [
            refersTo('patient', 'Patient', at % 3 === 0 ? 'p1' : at % 3 === 1 ? 'p2' : 'p3'),
            token('category', at % 2 === 0 ? 'vital-signs' : 'laboratory', 'urn:category'),
          ],
        }),
      );
      await port.write(north, writes);
      const where = [
        {
          parameter: 'patient',
          kind: 'reference',
          negate: false,
          anyOf: [
            { kind: 'reference', type: 'Patient', id: 'p1' },
            { kind: 'reference', type: 'Patient', id: 'p2' },
          ],
        },
        { parameter: 'category', kind: 'token', negate: false, anyOf: [{ kind: 'token', code: 'vital-signs' }] },
      ] as const;
      const expected = writes
        .map((write, at) => ({ id: write.document.id, date: write.sortDate ?? 0, at }))
        .filter(({ at }) => at % 3 !== 2 && at % 2 === 0)
        .sort((a, b) => b.date - a.date || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
      const seen: string[] = [];
      let query = queryFor({ where, count: 4 });
      for (;;) {
        const page = await port.search(north, query, limits);
        assert.equal(page.total, expected.length);
        seen.push(...page.documents.map((document) => document.id));
        if (page.next === undefined) break;
        query = { ...query, after: JSON.parse(page.next) };
      }
      assert.deepEqual(seen, expected);
      const alone = await port.search(north, queryFor({ where, count: 0 }), limits);
      assert.deepEqual([alone.documents, alone.total], [[], expected.length]);
      const untold = await port.search(north, queryFor({ where, count: 1 }), { ...limits, total: false });
      assert.equal(untold.total, undefined);
    });

    test('follows a document whose values and date change', async () => {
      const { port } = await fresh();
      const observation = (over: Partial<StoredDocument>): StoredDocument =>
        stored({ type: 'Observation', id: 'o1', ...over });
      const count = async (code: string): Promise<number | undefined> => {
        const where = [{ parameter: 'code', kind: 'token', negate: false, anyOf: [{ kind: 'token', code }] }] as const;
        return (await port.search(north, queryFor({ where }), limits)).total;
      };
      await port.write(north, [writeOf(observation({}), { values: [token('code', 'a'), token('code', 'b')] })]);
      assert.deepEqual([await count('a'), await count('b'), await count('c')], [1, 1, 0]);
      const moved = observation({ revision: 2, version: 2 });
      await port.write(north, [writeOf(moved, { values: [token('code', 'b'), token('code', 'c')], sortDate: 5 })]);
      assert.deepEqual([await count('a'), await count('b'), await count('c')], [0, 1, 1]);
      const gone = observation({ revision: 3, version: 3, resource: null, hash: '' });
      await port.write(north, [writeOf(gone, { values: [] })]);
      assert.deepEqual([await count('a'), await count('b'), await count('c')], [0, 0, 0]);
    });

    test('the total of a whole type follows documents that come, change, stand aside, go and come back', async () => {
      const { port } = await fresh();
      const total = async (type: string): Promise<number | undefined> =>
        (await port.search(north, queryFor({ type, count: 0 }), limits)).total;
      const observation = (revision: number, over: Partial<StoredDocument> = {}): DocumentWrite =>
        writeOf(stored({ type: 'Observation', id: 'o1', revision, version: revision, ...over }));
      const gone = { resource: null, hash: '' };
      assert.equal(await total('Observation'), 0);
      await port.write(north, [
        writeOf(stored({ type: 'Observation', id: 'o2' })),
        writeOf(stored({ type: 'Patient', id: 'p2' })),
        writeOf(stored({ type: 'Observation', id: 'o3', ...gone })),
      ]);
      const steps: readonly (readonly [Partial<StoredDocument>, number])[] = [
        [{}, 2],
        [{}, 2],
        [{ standsFor: 'o2' }, 1],
        [{}, 2],
        [gone, 1],
        [{ standsFor: 'o2' }, 1],
        [gone, 1],
        [{}, 2],
      ];
      for (const [at, [over, expected]] of steps.entries()) {
        assert.deepEqual(await port.write(north, [observation(at + 1, over)]), [true]);
        assert.equal(await total('Observation'), expected, `step ${at}`);
        // refused, so that nothing is counted
        assert.deepEqual(await port.write(north, [observation(at + 1, over)]), [false]);
        assert.equal(await total('Observation'), expected, `step ${at}, again`);
      }
      assert.deepEqual([await total('Patient'), await total('Encounter')], [1, 0]);
    });

    test('a total that may not take long is estimated where it has to be, and the page stands', async () => {
      const { port } = await fresh();
      const documents = Array.from({ length: 2500 }, (_, at) =>
        writeOf(stored({ type: 'Observation', id: `o${at}` }), {
          values: [
            token('status', 'final'),
            token('code', at % 2 === 0 ? 'even' : 'odd'),
            ...(at < 3 ? [token('method', 'rare')] : []),
          ],
        }),
      );
      for (let from = 0; from < documents.length; from += 500) {
        await port.write(north, documents.slice(from, from + 500));
      }
      const soon = { budget: 60_000, total: true, countBudget: 0 };
      const found = async (parameter: string, code: string, count = 10): Promise<SearchPage> => {
        const where = [{ parameter, kind: 'token', negate: false, anyOf: [{ kind: 'token', code }] }] as const;
        const page = await port.search(north, queryFor({ where, count }), soon);
        assert.equal(page.documents.length, Math.min(count, page.total ?? count));
        return page;
      };
      assert.equal((await found('status', 'final')).total, 2500);
      assert.equal((await found('status', 'final', 0)).total, 2500);
      const { total: even = 0, next } = await found('code', 'even');
      assert.ok(even > 1000 && even < 1500, `about half of all, not ${even}`);
      assert.notEqual(next, undefined);
      // too few to be estimated: counted, or not known
      assert.ok([3, undefined].includes((await found('method', 'rare', 2)).total));
      // a page that holds all matches counts them
      assert.deepEqual(await found('method', 'rare').then(({ total, estimated }) => [total, estimated]), [
        3,
        undefined,
      ]);
      assert.equal((await port.search(north, queryFor(), soon)).total, 2500);
      assert.equal((await port.search(north, queryFor(), { ...soon, total: false })).total, undefined);
    });

    test('a search sees only what its version shows', async () => {
      const { port } = await fresh();
      await port.write(north, [
        writeOf(stored({ type: 'Observation' }), {
          values: [token('status', 'new', null, 1), token('status', 'old', null, 6)],
        }),
      ]);
      const found = async (version: SearchQuery['version'], code: string): Promise<number> => {
        const where = [
          { parameter: 'status', kind: 'token', negate: false, anyOf: [{ kind: 'token', code }] },
        ] as const;
        return (await port.search(north, queryFor({ version, where }), limits)).documents.length;
      };
      assert.deepEqual(
        [await found('R4', 'new'), await found('R4', 'old'), await found('DSTU2', 'new'), await found('DSTU2', 'old')],
        [1, 0, 0, 1],
      );
    });

    test('a search that runs out of its time is given up', async () => {
      const { port } = await fresh();
      await port.write(north, [writeOf(stored({ type: 'Observation' }))]);
      await assert.rejects(port.search(north, queryFor(), { budget: -1, total: true }), { code: 'too-costly' });
      assert.equal((await port.search(north, queryFor(), limits)).total, 1);
    });

    test('a dropped tenant has nothing, and others keep theirs', async () => {
      const { port, reader } = await fresh();
      for (const tenant of [north, south]) await port.write(tenant, [writeOf(stored())]);
      assert.equal((await reader.read(north, 'Patient', ['p1'])).length, 1);
      await port.dropTenant(north);
      assert.deepEqual(await port.read(north, 'Patient', ['p1']), []);
      assert.deepEqual(await reader.read(north, 'Patient', ['p1']), []);
      assert.equal((await port.read(south, 'Patient', ['p1'])).length, 1);
      assert.deepEqual(await port.write(north, [writeOf(stored())]), [true]);
      assert.equal((await reader.read(north, 'Patient', ['p1'])).length, 1);
    });

    test('finds what was indexed by another edition, and indexes it again without a change of the document', async () => {
      const { port, reader } = await fresh();
      assert.equal(await port.editions(north), undefined);
      const of = (id: string, code: string) => ({
        document: stored({
          type: 'Observation',
          id,
          patient: 'p',
          keyRest: id,
          resource: { resourceType: 'Observation', id },
        }),
        values: [token('code', code), refersTo('subject', 'Patient', 'p')],
      });
      const [one, two, three] = [of('o1', 'old'), of('o2', 'old'), of('o3', 'new')];
      const hidden = stored({ type: 'Observation', id: 'o4', resource: null, hash: '' });
      const aside = stored({ type: 'Observation', id: 'o5', standsFor: 'o1' });
      const documents = (await port.write(north, [
        writeOf(one.document, { ...one, edition: 6, sortDate: 5000 }),
        writeOf(two.document, { ...two, edition: 8 }),
        writeOf(three.document, { ...three, edition: 7 }),
        writeOf(hidden, { edition: 6 }),
        writeOf(aside, { edition: 6 }),
      ])) as readonly boolean[];
      assert.ok(documents.every(Boolean));
      const touch = touchOf({ type: 'Observation', id: 'o1' });
      assert.deepEqual(await port.touch(north, [touch]), [true]);
      const counted = await port.editions(north);
      assert.deepEqual(
        counted?.documents,
        [6, 7, 8].map((edition) => ({ edition, documents: 1 })),
      );
      assert.equal(counted?.format.found, counted?.format.known);

      await port.prepareEdition(north, 7);
      const others = async (after?: string) => {
        const page = await port.otherEditions(north, 7, after, 1);
        return { ids: page.documents.map(({ id }) => id), next: page.next };
      };
      const first = await others();
      assert.deepEqual(first.ids, ['o1']);
      assert.deepEqual((await others(first.next)).ids, ['o2']);
      assert.deepEqual(await port.otherEditions(south, 7, undefined, 5), { documents: [], next: undefined });

      const again = (over: Partial<Reindexed>): Reindexed => ({
        ...{ type: 'Observation', id: 'o1', revision: 1, sortDate: 7000, edition: 7 },
        values: [token('code', 'new'), refersTo('subject', 'Patient', 'q')],
        ...over,
      });
      const before = await port.read(north, 'Observation', ['o1']);
      const history = await port.history(north, { type: 'Observation' }, { count: 50 });
      assert.deepEqual(
        await port.reindex(north, [
          again({}),
          again({ id: 'o2', revision: 2 }),
          again({ id: 'o4' }),
          again({ id: 'none' }),
        ]),
        ['done', 'changed', 'changed', 'changed'],
      );
      assert.deepEqual(await port.read(north, 'Observation', ['o1']), before);
      assert.deepEqual(before, [{ ...one.document, touches: [touch] }]);
      assert.deepEqual(await port.history(north, { type: 'Observation' }, { count: 50 }), history);
      assert.deepEqual((await others()).ids, ['o2']);
      const found = async (where: SearchQuery['where']) =>
        (await reader.search(north, queryFor({ where }), limits)).documents.map(({ id }) => id);
      const coded = (code: string) =>
        ({ parameter: 'code', kind: 'token', negate: false, anyOf: [{ kind: 'token', code }] }) as const;
      assert.deepEqual(await found([coded('new')]), ['o1', 'o3']);
      assert.deepEqual(await found([coded('old')]), ['o2']);
    });

    test('a write after it keeps what it was indexed by, and one with older values is found again', async () => {
      const { port } = await fresh();
      const document = stored({ type: 'Observation', id: 'o1' });
      await port.write(north, [writeOf(document, { values: [token('code', 'a')], edition: 6 })]);
      await port.prepareEdition(north, 7);
      const done = {
        type: 'Observation',
        id: 'o1',
        revision: 1,
        sortDate: null,
        edition: 7,
        values: [token('code', 'b')],
      };
      assert.deepEqual(await port.reindex(north, [done]), ['done']);
      const kept: DocumentWrite = { ...writeOf({ ...document, revision: 2 }), newVersion: false };
      const { values: _values, sortDate: _sortDate, ...hidden } = kept;
      assert.deepEqual(await port.write(north, [hidden]), [true]);
      assert.deepEqual((await port.otherEditions(north, 7, undefined, 5)).documents, []);
      const third = { ...document, revision: 3, version: 2, hash: 'h2' };
      assert.deepEqual(await port.write(north, [writeOf(third, { values: [token('code', 'a')], edition: 6 })]), [true]);
      assert.deepEqual(
        (await port.otherEditions(north, 7, undefined, 5)).documents.map(({ revision }) => revision),
        [3],
      );
      assert.deepEqual(await port.reindex(north, [done]), ['changed']);
      assert.deepEqual(await port.reindex(north, [{ ...done, revision: 3 }]), ['done']);
      assert.deepEqual((await port.editions(north))?.documents, [{ edition: 7, documents: 1 }]);
    });
  });
}

const mib = 1024 * 1024;

/** Text that compression makes no shorter than three quarters. */
function noise(bytes: number): string {
  return randomBytes(bytes).toString('base64');
}

/** Equality of what is too long to be printed. */
function assertSame(actual: unknown, expected: unknown): void {
  assert.ok(isDeepStrictEqual(actual, expected), 'differs, or was cut');
}

function versionOf({ type, id, version, lastUpdated, source, resource }: StoredDocument) {
  return { type, id, version, lastUpdated, source, resource, mappingVersion: 1 };
}

async function walk(port: ResourcePort, of: Parameters<ResourcePort['history']>[1]): Promise<string[]> {
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await port.history(north, of, { count: 2, ...(after === undefined ? {} : { after }) });
    seen.push(...page.versions.map(({ type, id, version }) => `${type}/${id}/${version}`));
    after = page.next;
    if (after === undefined) assert.equal(page.total, seen.length);
  } while (after !== undefined);
  return seen;
}
