/** A data folder of an older program: it is read as it is, answers searches, is brought up, and equals one made anew. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openOfflineUpgrade } from '../../src/app/upgrade-offline.js';
import { searchIndexOf } from '../../src/engine/search-index.js';
import type { SearchQuery } from '../../src/fhir/search-query.js';
import { searchEdition } from '../../src/fhir/search-values.js';
import { openDatabase } from '../../src/store/embedded/open-database.js';
import { openOutgoingTenant } from '../../src/store/embedded/outgoing-documents.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { resourceFormat, resourceSchema } from '../../src/store/embedded/resource-schema.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import type { StoredDocument } from '../../src/store/resource-port.js';
import { north } from '../conformance/archive-suite.js';
import { writeOlderTenant } from '../support/older-tenant.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** An installation whose tenant has a file of format 3. */
async function olderFolder(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t);
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  await registry.putTenant({
    ...{ id: north, name: 'North', createdAt: 1, kind: 'own', settings: {}, sealedIdKey: '', sealedDataKey: '' },
    ...{ partitions: 1, fromConfiguration: false },
  });
  await registry.close();
  writeOlderTenant(join(folder, 'tenants'), north);
  return folder;
}

/** The same documents, written by this program. */
async function madeAnew(t: TestContext, documents: readonly StoredDocument[]): Promise<string> {
  const folder = join(temporaryFolder(t), 'tenants');
  const resources = openEmbeddedResources(folder);
  const flags = await resources.write(
    north,
    documents.map((document) => ({
      ...{ expected: 0, folded: [], between: [], newVersion: false, mappingVersion: 1 },
      document: { ...document, touches: [] },
      ...searchIndexOf(document),
    })),
  );
  const touched = await resources.touch(
    north,
    documents.flatMap(({ touches }) => touches),
  );
  assert.ok([...flags, ...touched].every(Boolean) && touched.length > 0);
  await resources.close();
  return folder;
}

/** All that is stored of documents and that they are found by: names instead of numbers. */
function contents(folder: string) {
  const outgoing = openOutgoingTenant(folder, north) ?? assert.fail('no file');
  const documents = [...outgoing.documents.after()].map(({ size: _size, ...one }) => one);
  const versions = [...outgoing.versions.after()].map(({ size: _size, ...one }) => one);
  outgoing.close();
  const db = openDatabase(join(folder, `${north}.db`), {
    ...{ kind: 'resources', format: resourceFormat, schema: resourceSchema, readOnly: true },
  });
  const rows = (table: string, columns: string): string[] =>
    db
      .all(
        `SELECT parameter.name, document.type || '/' || document.id AS document, ${columns}, versions FROM ${table}` +
          ' JOIN document USING (doc) JOIN parameter ON parameter.code = parameter',
      )
      .map((row) => JSON.stringify(row))
      .sort();
  const index = {
    token: rows('token_index', 'token_index.code, system'),
    string: rows('string_index', 'part, text'),
    date: rows('date_index', 'low, high'),
    number: rows('number_index', 'low, high'),
    reference: rows('reference_index', 'target, reference_index.sort_key, reference_index.type'),
    uri: rows('uri_index', 'value'),
    order: db.all('SELECT type, id, sort_date, sort_key, shown FROM document ORDER BY type, id'),
  };
  db.close();
  return { documents, versions, index };
}

const searches: readonly Pick<SearchQuery, 'type' | 'where'>[] = [
  { type: 'Patient', where: [] },
  {
    type: 'Patient',
    where: [
      {
        ...{ parameter: 'gender', kind: 'token', negate: false },
        anyOf: [{ kind: 'token', code: 'female' }],
      },
    ],
  },
  {
    type: 'Observation',
    where: [
      {
        ...{ parameter: 'status', kind: 'token', negate: false },
        anyOf: [{ kind: 'token', code: 'final' }],
      },
    ],
  },
];

async function answers(folder: string): Promise<unknown[]> {
  const resources = openEmbeddedResources(folder);
  try {
    const found: unknown[] = [];
    for (const search of searches) {
      for (const version of ['R4', 'DSTU2'] as const) {
        const query = { ...search, version, sort: [{ by: '_id', descending: false }], count: 200 } as const;
        const page = await resources.search(north, query, { budget: 60_000, total: true });
        assert.ok(page.documents.length > 0, search.type);
        found.push([
          page.total,
          page.documents.map(({ type, id, version: of, lastUpdated }) => [type, id, of, lastUpdated]),
        ]);
      }
    }
    return found;
  } finally {
    await resources.close();
  }
}

test('a folder of format 3 answers searches, is upgraded without a system, and equals one made anew', async (t) => {
  const folder = await olderFolder(t);
  const upgrade = openOfflineUpgrade({ dataFolder: folder });
  t.after(() => upgrade.close());
  const plan = await upgrade.plan();
  const [tenant] = plan.tenants;
  assert.deepEqual(tenant?.documents, [{ edition: 0, documents: 119 }]);
  // looked at as it is
  assert.deepEqual(tenant?.format, { found: 3, known: resourceFormat });
  assert.deepEqual((await upgrade.plan()).tenants[0]?.format.found, 3);
  assert.throws(() => openOfflineUpgrade({ dataFolder: folder }), { code: 'data-folder-locked' });

  const tenants = join(folder, 'tenants');
  const before = { ...contents(tenants), answers: await answers(tenants) };
  const told: string[] = [];
  const job = await upgrade.run(
    ({ state }) => told.push(state),
    () => false,
  );
  assert.deepEqual([job.state, job.edition], ['done', searchEdition]);
  assert.deepEqual(job.tenants, [{ tenant: north, documents: 119, done: 119, refused: 0 }]);
  assert.equal(told.at(-1), 'done');
  assert.deepEqual((await upgrade.plan()).tenants[0]?.documents, [{ edition: searchEdition, documents: 119 }]);
  await upgrade.close();

  const after = { ...contents(tenants), answers: await answers(tenants) };
  assert.deepEqual(after.versions, before.versions);
  assert.deepEqual(
    after.documents.map(({ document }) => document),
    before.documents.map(({ document }) => document),
  );
  assert.deepEqual(after.answers, before.answers);
  const fresh = await madeAnew(
    t,
    after.documents.map(({ document }) => document),
  );
  const { documents, index } = contents(fresh);
  assert.deepEqual(after.index, index);
  assert.ok(after.index.string.length > 1000);
  // what shows nothing has no values to be of an edition
  const found = ({ document }: { document: StoredDocument }): boolean =>
    document.resource !== null && document.standsFor === '';
  assert.deepEqual(after.documents.filter(found), documents.filter(found));
  assert.deepEqual(await answers(fresh), after.answers);
});

test('one that is stopped goes on at its place, and a folder without an installation has none', async (t) => {
  const folder = await olderFolder(t);
  const first = openOfflineUpgrade({ dataFolder: folder });
  const stopped = await first.run(
    () => undefined,
    () => true,
  );
  await first.close();
  assert.ok(stopped.state === 'stopped' || stopped.state === 'done');
  const second = openOfflineUpgrade({ dataFolder: folder });
  t.after(() => second.close());
  const job = await second.run(
    () => undefined,
    () => false,
  );
  assert.equal(job.state, 'done');
  assert.deepEqual((await second.state()).editions, [searchEdition]);
  const nowhere = temporaryFolder(t);
  assert.throws(() => openOfflineUpgrade({ dataFolder: nowhere }), { code: 'not-found' });
});
