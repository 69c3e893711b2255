import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Db, MongoClient } from 'mongodb';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../../../src/store/mongodb/registry.js';
import { newTenantRecord } from '../../../src/store/tenant-record.js';
import { registrySuite } from '../../conformance/registry-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';
import { pause } from '../../support/pause.js';

const mongo = await mongoOf('registry: MongoDB');
const clients: MongoClient[] = [];
after(async () => {
  for (const client of clients) await client.close();
  await mongo?.end();
});

/** A database that nobody else has, by a connection of its own. */
function connected(name: string): Db {
  const client = connectMongo(mongo?.url ?? '');
  clients.push(client);
  return client.db(name);
}

if (mongo !== undefined) {
  registrySuite('MongoDB', async () => {
    const name = mongo.database();
    const db = connected(name);
    return {
      port: await openMongoRegistry(db),
      other: () => openMongoRegistry(connected(name)),
      end: async () => {
        await db.dropDatabase();
      },
    };
  });

  test('many processes change one registry: no change is lost, each has a generation of its own', async () => {
    const name = mongo.database();
    const registries = await Promise.all(Array.from({ length: 5 }, () => openMongoRegistry(connected(name))));
    const wishes = Array.from({ length: 20 }, (_, at) => newTenantRecord(new Uint8Array(32), { name: `T${at}` }, at));
    await Promise.all(wishes.map((tenant, at) => registries[at % 5]?.putTenant(tenant)));
    const runs = await Promise.all(registries.map((registry) => registry.openRun(0)));
    const { tenants, generation } = (await registries[0]?.snapshot()) ?? assert.fail();
    assert.deepEqual(new Set(tenants.map(({ id }) => id)), new Set(wishes.map(({ id }) => id)));
    assert.equal(generation, wishes.length);
    assert.deepEqual(new Set(runs), new Set([1, 2, 3, 4, 5]));
    await connected(name).dropDatabase();
  });

  test('a change whose process died is carried over by the next one, and late ones carry nothing over what is newer', async () => {
    const name = mongo.database();
    const db = connected(name);
    const registry = await openMongoRegistry(db);
    const tenant = newTenantRecord(new Uint8Array(32), { name: 'Before' }, 1);
    await registry.putTenant(tenant);
    const body = { ...tenant, name: 'After' };
    const pending = [{ kind: 'tenant', id: tenant.id, body, generation: 2 }];
    const head = db.collection<{ _id: string }>('head');
    await head.updateOne({ _id: 'head' }, { $set: { generation: 2, pending } });
    assert.deepEqual((await registry.snapshot()).tenants, [body]);
    await registry.putTenant(tenant);
    // as one that slept since it read the head
    await head.updateOne({ _id: 'head' }, { $set: { pending } });
    assert.deepEqual((await registry.snapshot()).tenants, [tenant]);
    await db.dropDatabase();
  });

  test('of many processes that ask for the same work one has it, and when its time is over another takes it', async () => {
    const name = mongo.database();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const registries = await Promise.all(names.map(() => openMongoRegistry(connected(name))));
    const ask = (milliseconds: number): Promise<boolean[]> =>
      Promise.all(registries.map((registry, at) => registry.lease('sweep', names[at] ?? '', milliseconds)));
    const first = await ask(600_000);
    assert.equal(first.filter(Boolean).length, 1);
    assert.deepEqual(await ask(600_000), first);
    const holder = first.indexOf(true);
    assert.equal(await registries[holder]?.lease('sweep', names[holder] ?? '', 1), true);
    const [next, owner] = [registries[(holder + 1) % 5], names[(holder + 1) % 5] ?? ''];
    while (!(await next?.lease('sweep', owner, 600_000))) await pause();
    assert.equal((await ask(600_000)).indexOf(true), (holder + 1) % 5);
    await connected(name).dropDatabase();
  });

  test('a registry of a newer format is refused', async () => {
    const db = connected(mongo.database());
    await openMongoRegistry(db);
    await db.collection<{ _id: string }>('head').updateOne({ _id: 'head' }, { $set: { format: 2 } });
    await assert.rejects(openMongoRegistry(db), { code: 'format-too-new' });
    await db.dropDatabase();
  });
}
