import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/store/embedded/open-database.js';
import { resourceFormat, resourceSchema } from '../../../src/store/embedded/resource-schema.js';
import { openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { prepareSearch } from '../../../src/store/embedded/search-run.js';
import { TenantFiles } from '../../../src/store/embedded/tenant-files.js';
import { north } from '../../conformance/archive-suite.js';
import { limits, queryFor, stored, writeOf } from '../../conformance/resource-suite.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

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

test('a tenant’s file of the first format is read and written', async (t) => {
  const folder = temporaryFolder(t);
  const added = ", moved TEXT NOT NULL DEFAULT ''";
  assert.equal(resourceFormat, 3, 'a later format brings its own case');
  const [counted = ''] = /CREATE TABLE shown_count [^;]+;/.exec(resourceSchema) ?? [];
  assert.ok(resourceSchema.includes(added) && counted !== '');
  const old = openDatabase(join(folder, `${north}.db`), {
    kind: 'resources',
    format: 1,
    schema: resourceSchema.replace(added, '').replace(counted, ''),
  });
  old.run(
    'INSERT INTO document (type, id, revision, version, last_updated, sort_key, shown, patient, key_rest, stands_for,' +
      " members, source, hash, resource, state) VALUES ('Patient', 'p1', 1, 1, 5, 0, 1, '', '', '', '[]', '1-1', 'h', ?, '{}')",
    JSON.stringify({ resourceType: 'Patient', id: 'p1', gender: 'female' }),
  );
  old.close();
  const port = openEmbeddedResources(folder);
  t.after(() => port.close());
  const [read] = await port.read(north, 'Patient', ['p1']);
  assert.deepEqual([read?.resource?.['gender'], read?.moved, read?.revision], ['female', [], 1]);
  assert.equal((await port.search(north, queryFor({ type: 'Patient', sort: [] }), limits)).total, 1);
  const moved = stored({ revision: 2, version: 2, moved: ['p2'] });
  assert.deepEqual(await port.write(north, [writeOf(moved)]), [true]);
  assert.deepEqual((await port.read(north, 'Patient', ['p1']))[0]?.moved, ['p2']);
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
