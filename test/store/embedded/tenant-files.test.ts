import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type SearchValue, searchEdition } from '../../../src/fhir/search-values.js';
import { openDatabase } from '../../../src/store/embedded/open-database.js';
import { resourceFormat, resourceSchema } from '../../../src/store/embedded/resource-schema.js';
import { openEmbeddedReader, openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { prepareSearch } from '../../../src/store/embedded/search-run.js';
import { TenantFiles } from '../../../src/store/embedded/tenant-files.js';
import { north } from '../../conformance/archive-suite.js';
import { limits, queryFor, stored, writeOf } from '../../conformance/resource-suite.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { olderSchemas } from './older-schemas.js';

const kind = { kind: 'resources', format: resourceFormat, schema: resourceSchema };

test('at most 200 tenants’ files are open; the one unused for longest is closed, and opened again when it is asked for', (t) => {
  const files = new TenantFiles(temporaryFolder(t), false, prepareSearch);
  t.after(() => files.close());
  const name = (at: number): string => `tenant-${at}`;
  const open = Array.from({ length: 200 }, (_, at) => files.get(name(at)) ?? assert.fail());
  const isOpen = (at: number): boolean => {
    try {
      return open[at]?.db.get('SELECT 1 AS one')?.one === 1;
    } catch {
      return false;
    }
  };
  assert.ok(open.every((_, at) => isOpen(at)));
  assert.equal(files.get(name(0)), open[0], 'used again, so that the second is the oldest now');
  files.get(name(200));
  assert.deepEqual([isOpen(0), isOpen(1), isOpen(2)], [true, false, true]);
  assert.equal(files.get(name(1))?.db.get('SELECT 1 AS one')?.one, 1);
  assert.equal(isOpen(2), false);
});

test('each commit of a tenant’s file is on stable storage, by WAL with synchronous=FULL', (t) => {
  const files = new TenantFiles(temporaryFolder(t), false, prepareSearch);
  t.after(() => files.close());
  const { db } = files.get(north) ?? assert.fail();
  assert.equal(db.get('PRAGMA synchronous')?.synchronous, 2);
  assert.equal(db.get('PRAGMA journal_mode')?.journal_mode, 'wal');
});

const bySystem = queryFor({
  type: 'Patient',
  where: [{ parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', system: 's' }] }],
});

for (const [format, schema] of olderSchemas) {
  test(`a tenant’s file of format ${format} is read and written`, async (t) => {
    const folder = temporaryFolder(t);
    assert.equal(olderSchemas.size, resourceFormat - 1, 'a later format brings its own case');
    const old = openDatabase(join(folder, `${north}.db`), { kind: 'resources', format, schema });
    const resource = JSON.stringify({ resourceType: 'Patient', id: 'p1', gender: 'female' });
    old.run(
      'INSERT INTO document (type, id, revision, version, last_updated, sort_key, shown, patient, key_rest, stands_for,' +
        " members, source, hash, resource, state) VALUES ('Patient', 'p1', 1, 1, 5, 0, 1, '', '', '', '', '1-1', 'h', ?, '{}')",
      resource,
    );
    old.run("INSERT INTO history VALUES (NULL, 'Patient', 'p1', 1, 5, '1-1', 1, ?)", resource);
    if (format >= 3) old.run("INSERT INTO shown_count VALUES ('Patient', 1)");
    const values: SearchValue[] = ['a', 'b'].map((code) => ({
      ...{ kind: 'token', system: 's', code },
      ...{ parameter: 'identifier', versions: 7 },
    }));
    old.run("INSERT INTO parameter VALUES (1, 'Patient.identifier')");
    old.run('INSERT INTO search_values VALUES (1, ?)', JSON.stringify(values));
    for (const code of ['a', 'b']) old.run("INSERT INTO token_index VALUES (1, ?, 's', 1, 7)", code);
    old.close();

    // one that reads alone is the first to open it
    const reader = openEmbeddedReader(folder);
    t.after(() => reader.close());
    assert.equal((await reader.search(north, bySystem, limits)).total, 1, 'by values in their older form');
    const port = openEmbeddedResources(folder);
    t.after(() => port.close());
    const [read] = await port.read(north, 'Patient', ['p1']);
    assert.deepEqual([read?.resource?.['gender'], read?.moved, read?.revision], ['female', [], 1]);
    assert.equal((await port.search(north, queryFor({ type: 'Patient', sort: [] }), limits)).total, 1);
    const rows = (): unknown => {
      const db = openDatabase(join(folder, `${north}.db`), { ...kind, readOnly: true });
      t.after(() => db.close());
      return [
        db.all('SELECT code FROM token_index ORDER BY code').map(({ code }) => code),
        db.get('SELECT edition FROM search_values WHERE doc = 1')?.edition,
      ];
    };
    assert.deepEqual(rows(), [['a', 'b'], 0]);
    const moved = stored({ revision: 2, version: 2, moved: ['p2'] });
    assert.deepEqual(await port.write(north, [writeOf(moved, { values: values.slice(1) })]), [true]);
    assert.deepEqual((await port.read(north, 'Patient', ['p1']))[0]?.moved, ['p2']);
    assert.deepEqual(rows(), [['b'], searchEdition]);
    assert.equal((await port.search(north, bySystem, limits)).total, 1);
    assert.equal((await port.version(north, 'Patient', 'p1', 1))?.resource?.['gender'], 'female');
    assert.deepEqual(
      (await port.history(north, { type: 'Patient', id: 'p1' }, { count: 9 })).versions.map(({ version }) => version),
      [2, 1],
    );
  });
}

test('values that are the same are those of the newest edition once they are written again', async (t) => {
  const folder = temporaryFolder(t);
  const port = openEmbeddedResources(folder);
  t.after(() => port.close());
  const db = openDatabase(join(folder, `${north}.db`), kind);
  t.after(() => db.close());
  const edition = (): unknown => db.get('SELECT edition FROM search_values')?.edition;
  const values: SearchValue[] = [{ kind: 'token', system: 's', code: 'a', parameter: 'identifier', versions: 7 }];
  await port.write(north, [writeOf(stored({ revision: 1 }), { values })]);
  assert.equal(edition(), searchEdition);
  db.run('UPDATE search_values SET edition = 0');
  const other = openEmbeddedResources(folder);
  t.after(() => other.close());
  const { values: _none, ...hidden } = writeOf(stored({ revision: 2 }));
  assert.deepEqual(await other.write(north, [hidden]), [true]);
  assert.equal(edition(), 0, 'only hidden state changed');
  assert.deepEqual(await other.write(north, [writeOf(stored({ revision: 3 }), { values })]), [true]);
  assert.equal(edition(), searchEdition);
  await other.write(north, [writeOf(stored({ id: 'p2', revision: 1 }), { values: [] })]);
  assert.equal(db.get('SELECT count(*) AS rows FROM search_values WHERE edition = ?', searchEdition)?.rows, 2);
});

test('a search that an index does not bound is stopped when its time is over, in the middle of its rows', async (t) => {
  const port = openEmbeddedResources(temporaryFolder(t));
  t.after(() => port.close());
  for (let done = 0; done < 20_000; done += 2000) {
    const writes = Array.from({ length: 2000 }, (_, at) =>
      writeOf(stored({ type: 'Observation', id: `o${done + at}` }), {
        sortDate: done + at,
        values: [{ parameter: 'code', versions: 7, kind: 'token', system: 's', code: `c${at % 7}` }],
      }),
    );
    assert.ok((await port.write(north, writes)).every(Boolean));
  }
  const query = queryFor({
    where: [{ parameter: 'code', kind: 'token', negate: true, anyOf: [{ kind: 'token', code: 'none' }] }],
    sort: [{ by: 'parameter', parameter: 'code', descending: false }],
  });
  const timed = async (budget: number): Promise<number> => {
    const started = performance.now();
    await port.search(north, query, { budget, total: true }).catch((error: { code?: string }) => {
      assert.equal(error.code, 'too-costly');
    });
    return performance.now() - started;
  };
  const whole = await timed(600_000);
  const cut = await timed(whole / 10);
  assert.ok(cut < whole / 2, `${cut} ms of ${whole} ms`);
  await assert.rejects(port.search(north, query, { budget: whole / 10, total: true }), { code: 'too-costly' });
});
