import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../../src/core/json.js';
import { type Database, openDatabase } from '../../../src/store/embedded/open-database.js';
import { openOutgoingTenant } from '../../../src/store/embedded/outgoing-documents.js';
import { resourceFormat, resourceSchema } from '../../../src/store/embedded/resource-schema.js';
import { type EmbeddedResources, openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import type { ResourceVersion } from '../../../src/store/resource-port.js';
import { north } from '../../conformance/archive-suite.js';
import { stored, writeOf } from '../../conformance/resource-suite.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const registers = [
  'birthDate',
  'gender',
  'name\u001fHIS|NORTH\u001fPID[Patient]/PID-5',
  '~present\u001fHIS|NORTH\u001fPID',
];

function opened(t: TestContext): { folder: string; port: EmbeddedResources; db: Database } {
  const folder = temporaryFolder(t);
  const port = openEmbeddedResources(folder);
  t.after(() => port.close());
  // makes the file
  port.read(north, 'Patient', []).catch(() => undefined);
  const db = openDatabase(join(folder, `${north}.db`), {
    ...{ kind: 'resources', format: resourceFormat, schema: resourceSchema },
    durability: 'normal',
  });
  t.after(() => db.close());
  return { folder, port, db };
}

/** A Patient in a version of its own; of version 4 nothing is there. */
function versionOf(version: number): JsonObject | null {
  return version === 4
    ? null
    : { resourceType: 'Patient', id: 'p1', active: version % 2 === 0, language: `v${version}` };
}

test('each version is read as it was written; the newest stands in its document alone, until there is another', async (t) => {
  const { folder, port, db } = opened(t);
  const outgoing = openOutgoingTenant(folder, north) ?? assert.fail();
  t.after(() => outgoing.close());
  const texts = (): unknown[] => db.all('SELECT resource FROM history ORDER BY seq').map(({ resource }) => resource);
  let revision = 0;
  const write = async (version: number, between: readonly ResourceVersion[] = [], newVersion = true): Promise<void> => {
    revision++;
    const resource = versionOf(version);
    const document = stored({ revision, version, resource, hash: resource === null ? '' : `h${version}` });
    assert.deepEqual(await port.write(north, [writeOf(document, { between, newVersion })]), [true]);
  };
  const assertAll = async (last: number): Promise<void> => {
    const numbers = Array.from({ length: last }, (_, at) => at + 1);
    const expected = numbers.map((version) => ({
      ...{ type: 'Patient', id: 'p1', version, lastUpdated: 1000 + version, source: '1-1', mappingVersion: 1 },
      resource: versionOf(version),
    }));
    assert.deepEqual(
      await Promise.all(numbers.map((version) => port.version(north, 'Patient', 'p1', version))),
      expected,
    );
    const page = await port.history(north, { type: 'Patient', id: 'p1' }, { count: 50 });
    assert.deepEqual(page.versions, expected.toReversed());
    assert.deepEqual(
      [...outgoing.versions.after(undefined)].map(({ version }) => version),
      expected,
    );
  };
  await write(1);
  assert.deepEqual(texts(), ['']);
  await assertAll(1);
  await write(1, [], false);
  assert.deepEqual(texts(), [''], 'only hidden state changed');
  await assertAll(1);
  const [between = assert.fail()] = [stored({ version: 2, resource: versionOf(2) })].map((document) => ({
    ...document,
    mappingVersion: 1,
  }));
  await write(3, [between]);
  assert.deepEqual(texts(), [',"active":false,"language":"v1"}', ',"active":true,"language":"v2"}', '']);
  await assertAll(3);
  await write(4);
  assert.deepEqual(texts().slice(2), [',"active":false,"language":"v3"}', null]);
  await assertAll(4);
  await write(5);
  assert.deepEqual(texts().slice(3), [null, '']);
  await assertAll(5);
});

test('a version whose text is gone with its document is damage, not a deletion', async (t) => {
  const { port, db } = opened(t);
  await port.write(north, [writeOf(stored())]);
  db.run('DELETE FROM document');
  await assert.rejects(port.version(north, 'Patient', 'p1', 1), { code: 'store-corrupt' });
});

test('a resource is read as it was written, whatever its members and their order', async (t) => {
  const { port } = opened(t);
  const resources: JsonObject[] = [
    { resourceType: 'Patient', id: 'p1' },
    { resourceType: 'Patient', id: 'p1', gender: 'female' },
    { id: 'p1', resourceType: 'Patient' },
    { resourceType: 'Patient' },
    { resourceType: 'Patient', id: 'p10' },
    { resourceType: 'Patient', id: 'p1', '"': '\u2028"}' },
  ];
  for (const [at, resource] of resources.entries()) {
    const document = stored({ revision: at + 1, version: at + 1, resource, hash: `h${at}` });
    assert.deepEqual(await port.write(north, [writeOf(document)]), [true]);
  }
  for (const [at, resource] of resources.entries()) {
    assert.equal(
      JSON.stringify((await port.version(north, 'Patient', 'p1', at + 1))?.resource),
      JSON.stringify(resource),
    );
  }
});

test('a list that recurs in states is stored once, and every state is read as it was written', async (t) => {
  const { folder, port, db } = opened(t);
  const states: JsonObject[] = [
    { f: 1, k: 0, s: [[50, 1, 2, 3, 4, 5]], r: registers, x: {} },
    { f: 1, k: 0, s: [[20, 1, 2, 3, 4, 5]], r: [...registers], x: { language: [0, 'de'] } },
    { f: 1, k: 0, s: [], r: ['gender'], x: {} },
    { registers: { gender: [50, 1] } },
    { f: 1, k: 0, s: [], r: [...registers, '~gone'], x: {} },
  ];
  const documents = states.map((state, at) => stored({ id: `p${at}`, state, patient: 'p0', keyRest: 'k' }));
  assert.ok(
    (
      await port.write(
        north,
        documents.map((document) => writeOf(document)),
      )
    ).every(Boolean),
  );
  assert.deepEqual(
    db.all('SELECT text FROM shared_text').map(({ text }) => JSON.parse(String(text)) as unknown),
    [registers, [...registers, '~gone']],
  );
  const anew = openEmbeddedResources(folder);
  t.after(() => anew.close());
  const ids = documents.map(({ id }) => id);
  assert.equal(
    JSON.stringify((await anew.read(north, 'Patient', ids)).map(({ state }) => state)),
    JSON.stringify(states),
  );
  assert.deepEqual(await anew.readAll(north, undefined, 9), documents);
  assert.deepEqual(await anew.readByPatient(north, 'Patient', 'p0'), documents);
  assert.deepEqual(await anew.readByKeyRest(north, 'Patient', ['p0'], ['k']), documents);
  const outgoing = openOutgoingTenant(folder, north) ?? assert.fail();
  t.after(() => outgoing.close());
  assert.deepEqual(
    [...outgoing.documents.after(undefined)].map(({ document }) => document),
    documents,
  );
});
