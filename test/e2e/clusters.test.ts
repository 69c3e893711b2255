/** A tenant names a cluster of its own: its resources are there and nowhere else. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../src/core/config.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { mongoFor, ownReplicaSet } from '../support/mongodb-server.js';
import { redisFor } from '../support/redis-server.js';
import { runWardline, sample, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// the servers end after the systems that the tests stop
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

test('resources of a tenant with a cluster of its own lie there, all others in that of the installation', {
  timeout: 600_000,
}, async (t) => {
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [main, far, redis] = [await mongoFor(scope), await ownReplicaSet(scope, 1), await redisFor(scope)];
  if (main === undefined || far === undefined || redis === undefined) return;
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const folder = temporaryFolder(t);
  const file = join(folder, 'master.key');
  const urlFile = join(folder, 'far.url');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  writeFileSync(urlFile, `${far.url}\n`);
  const clients = [connectMongo(main.url), connectMongo(far.url)] as const;
  const databases = async (at: 0 | 1): Promise<string[]> => {
    const found = await clients[at].db().admin().listDatabases({ nameOnly: true });
    return found.databases.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  };
  ends.unshift(async () => {
    for (const name of await databases(0)) await clients[0].db(name).dropDatabase();
    for (const client of clients) await client.close();
  });
  const shared = {
    masterKey: { file },
    mongodb: { url: main.url, prefix, clusters: { far: { urlFile } } },
    redis: { url: redis.url, prefix },
  };
  const { north, south, admin, settled } = await runWardline(t, { cluster: 'far' }, shared);
  for (const hospital of [north, south]) assert.match(await hospital.send(sample('adt-a01.hl7')), /MSA.[AC]A/);
  await settled();
  for (const hospital of [north, south])
    assert.equal((await (await hospital.fhir('R4')).get('/Patient')).body.total, 1, 'each is searched where it is');
  assert.deepEqual((await databases(0)).sort(), [prefix, `${prefix}-${south.tenant}`].sort());
  assert.deepEqual(await databases(1), [`${prefix}-${north.tenant}`]);

  await assert.rejects(admin.call('POST', '/tenants', { name: 'East', cluster: 'nowhere' }), /no cluster nowhere/);
  const made = await admin.call<{ settings: object }>('POST', '/tenants', { name: 'East', cluster: 'far' });
  assert.deepEqual(made.settings, { cluster: 'far' });
  // a tenant does not move by its configuration: its resources would stay behind
  await assert.rejects(runWardline(t, {}, shared), { code: 'conflict', message: /cluster of tenant .* is fixed/ });
});

test('a cluster that is not stated, and one without a URL, are told with their place', (t) => {
  const folder = temporaryFolder(t);
  const { file } = writeConfiguration(
    folder,
    { cluster: 'far' },
    {
      masterKey: { env: 'KEY' },
      mongodb: { url: 'mongodb://127.0.0.1:1', clusters: { near: {} } },
      redis: { url: 'redis://127.0.0.1:1' },
    },
  );
  assert.throws(
    () => loadConfig({ file, env: {} }),
    (error: Error) => {
      assert.match(error.message, /mongodb\.clusters\.near.*needs either url or urlFile/s);
      assert.match(error.message, /tenants.*cluster.*no cluster far in mongodb\.clusters/s);
      return true;
    },
  );
});
