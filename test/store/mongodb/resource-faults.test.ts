/** What the store does when its server, its data or its neighbours are not as it would like them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MongoClient, MongoServerError, MongoWriteConcernError } from 'mongodb';
import { Fault } from '../../../src/core/errors.js';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { historyIndexes, resourceIndexes } from '../../../src/store/mongodb/indexes.js';
import { mongoFault } from '../../../src/store/mongodb/mongo-errors.js';
import { openMongoResources } from '../../../src/store/mongodb/resources.js';
import { TenantDatabases } from '../../../src/store/mongodb/tenant-databases.js';
import type { Touch } from '../../../src/store/resource-port.js';
import { north, south } from '../../conformance/archive-suite.js';
import { limits, queryFor, stored, writeOf } from '../../conformance/resource-suite.js';
import { mongoOf, ownReplicaSet } from '../../support/mongodb-server.js';
import { eventually } from '../../support/server-process.js';
import { freshResources } from './mongo-resources.js';

const mongo = await mongoOf('faults: MongoDB');
after(() => mongo?.end());

/** A client for the length of one test. */
async function withClient(work: (client: MongoClient) => Promise<void>, options = {}): Promise<void> {
  if (mongo === undefined) return;
  const client = new MongoClient(mongo.url, options);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

const female = (id: string) =>
  writeOf(stored({ id }), {
    values: [{ parameter: 'identifier', versions: 7, kind: 'token', system: 'urn:mrn', code: id }],
  });

if (mongo !== undefined) {
  test('every write is confirmed by a majority’s journals, whatever the client says', async () => {
    await withClient(
      async (client) => {
        const fresh = freshResources(client);
        const concerns: unknown[] = [];
        client.on('commandStarted', ({ commandName, command }) => {
          if (['insert', 'update', 'delete', 'findAndModify'].includes(commandName))
            concerns.push(command['writeConcern']);
        });
        await fresh.port.write(north, [writeOf(stored())]);
        await fresh.port.write(north, [writeOf(stored({ revision: 2, version: 2 }))]);
        await fresh.port.touch(north, [{ ...touch, revision: 2 }]);
        assert.ok(concerns.length >= 5, `${concerns.length} writes`);
        for (const concern of concerns) assert.deepEqual(concern, { w: 'majority', j: true });
        await fresh.end();
      },
      { monitorCommands: true, w: 1 },
    );
  });

  test('what is read is what a majority holds, and a search tells the database its budget', async () => {
    await withClient(
      async (client) => {
        const fresh = freshResources(client);
        await fresh.port.write(north, [female('p1'), female('p2')]);
        const reads: { readConcern?: { level: string }; maxTimeMS?: number }[] = [];
        client.on('commandStarted', ({ commandName, command }) => {
          if (['find', 'count', 'aggregate', 'distinct'].includes(commandName)) reads.push(command);
        });
        await fresh.port.read(north, 'Patient', ['p1']);
        await fresh.port.history(north, {}, { count: 1 });
        await fresh.port.write(north, [writeOf(stored({ revision: 2, version: 2 }))]);
        const before = reads.length;
        for (const by of ['family', undefined]) {
          const sort = by === undefined ? [] : ([{ by: 'parameter', parameter: by, descending: false }] as const);
          await fresh.port.search(north, queryFor({ type: 'Patient', count: 1, sort }), { budget: 4000, total: true });
        }
        assert.ok(before > 6 && reads.length > before + 4, `${before} and ${reads.length} reads`);
        for (const { readConcern } of reads) assert.equal(readConcern?.level, 'majority');
        for (const { maxTimeMS = 0 } of reads.slice(before)) assert.ok(maxTimeMS > 0 && maxTimeMS <= 4000);
        await fresh.end();
      },
      { monitorCommands: true, readConcern: { level: 'local' } },
    );
  });

  test('a search that the database gives up is too costly', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      await fresh.port.write(north, [writeOf(stored())]);
      const slow = { $where: 'sleep(500) || true' };
      const found = client.db(`${fresh.prefix}-${north}`).collection('resources').find(slow, { maxTimeMS: 20 });
      const error: unknown = await found.toArray().catch((thrown: unknown) => thrown);
      assert.equal(mongoFault(error, 'north').code, 'too-costly');
      await fresh.end();
    });
  });

  test('a connection that breaks while it is written to is a server that cannot be reached', () => {
    const broken: readonly (readonly [Error, string])[] = [
      [Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write', errno: -32 }), 'transient'],
      [Object.assign(new Error('after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' }), 'transient'],
      [new TypeError('of our own'), 'permanent'],
      [Object.assign(new RangeError('of BSON'), { code: 'ERR_OUT_OF_RANGE' }), 'permanent'],
    ];
    for (const [error, nature] of broken) assert.equal(mongoFault(error, 'the database').nature, nature, error.message);
  });

  test('a call without an answer is given up, and may be made again', async (t) => {
    if (mongo === undefined) return;
    const client = connectMongo(mongo.url, 15_000, 250);
    t.after(() => client.close());
    await withClient(async (other) => {
      const fresh = freshResources(other);
      await fresh.port.write(north, [writeOf(stored())]);
      const found = client.db(`${fresh.prefix}-${north}`).collection('resources');
      const slow = { $where: 'sleep(2500) || true' };
      const error: unknown = await found.findOne(slow).catch((thrown: unknown) => thrown);
      assert.equal(mongoFault(error, 'north').code, 'store-unavailable');
      await fresh.end();
    });
  });

  test('a server without space is told as such, in whatever way it says so', () => {
    const errmsg = 'you are over your space quota, using 512 MB of 512 MB';
    const cases: readonly (readonly [unknown, string])[] = [
      [new MongoServerError({ code: 14031, errmsg: 'no space' }), 'disk-full'],
      [new MongoServerError({ code: 12501, errmsg: 'quota' }), 'disk-full'],
      [new MongoServerError({ code: 8000, errmsg }), 'disk-full'],
      [new MongoServerError({ code: 8000, errmsg: 'bad auth' }), 'store-unavailable'],
      [new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 14031, errmsg } }), 'disk-full'],
      [new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg } }), 'store-unavailable'],
    ];
    for (const [error, code] of cases) {
      const told = mongoFault(error, 'the database');
      assert.equal(told.code, code);
      assert.doesNotMatch(told.message, /512/);
    }
  });

  test('a shell shows FHIR, by type and id, and the indexes that are declared', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      const resource = { resourceType: 'Patient', name: [{ family: 'Chau', given: ['Bert'] }], active: true };
      await fresh.port.write(north, [writeOf(stored({ resource }))]);
      const db = client.db(`${fresh.prefix}-${north}`);
      const found = await db.collection<{ _id: string; resource: unknown }>('resources').findOne({ _id: 'Patient/p1' });
      assert.deepEqual(found?.resource, resource);
      const names = async (collection: string): Promise<string[]> =>
        (await db.collection(collection).listIndexes().toArray()).map(({ name }) => String(name)).sort();
      assert.deepEqual(await names('resources'), ['_id_', ...Object.keys(resourceIndexes)].sort());
      assert.deepEqual(await names('history'), ['_id_', ...Object.keys(historyIndexes)].sort());
      await fresh.end();
    });
  });

  test('a search is answered while its index is missing, and the index is made anew', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      await fresh.port.write(north, [female('p1'), female('p2')]);
      const resources = client.db(`${fresh.prefix}-${north}`).collection('resources');
      await resources.dropIndex('tokens');
      const where = [
        { parameter: 'identifier', kind: 'token', negate: false, anyOf: [{ kind: 'token', code: 'p2' }] },
      ] as const;
      assert.equal((await fresh.port.search(north, queryFor({ type: 'Patient', where }), limits)).total, 1);
      const other = openMongoResources({ clientOf: () => client, prefix: fresh.prefix });
      assert.equal((await other.search(north, queryFor({ type: 'Patient', where }), limits)).total, 1);
      const deadline = performance.now() + 20_000;
      while (!(await resources.indexExists('tokens'))) assert.ok(performance.now() < deadline, 'the index comes back');
      await other.close();
      await fresh.end();
    });
  });

  test('a format that is newer, unknown or missing is refused', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      await fresh.port.write(north, [writeOf(stored())]);
      const meta = client.db(`${fresh.prefix}-${north}`).collection<{ _id: string }>('meta');
      const refused = async (code: string): Promise<void> => {
        const port = openMongoResources({ clientOf: () => client, prefix: fresh.prefix });
        await assert.rejects(port.read(north, 'Patient', ['p1']), { code });
        await assert.rejects(port.write(north, [writeOf(stored({ id: 'p2' }))]), { code });
        await port.close();
      };
      for (const [format, code] of [
        [2, 'store-unavailable'],
        ['1', 'store-corrupt'],
        [0, 'store-corrupt'],
      ] as const) {
        await meta.updateOne({ _id: 'resources' }, { $set: { format } });
        await refused(code);
      }
      await meta.deleteOne({ _id: 'resources' });
      await client
        .db(`${fresh.prefix}-${north}`)
        .collection('resources')
        .updateOne({}, { $unset: { format: 1 } });
      await refused('store-corrupt');
      await fresh.end();
    });
  });

  test('a tenant that was dropped while another process wrote has what that wrote', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      await fresh.port.write(north, [writeOf(stored())]);
      await client.db(`${fresh.prefix}-${north}`).dropDatabase();
      assert.deepEqual(await fresh.port.write(north, [writeOf(stored({ id: 'p2' }))]), [true]);
      const other = openMongoResources({ clientOf: () => client, prefix: fresh.prefix });
      assert.equal((await other.read(north, 'Patient', ['p1', 'p2'])).length, 1);
      assert.equal((await other.search(north, queryFor({ type: 'Patient' }), limits)).total, 1);
      await other.close();
      await fresh.end();
    });
  });

  test('a tenant is found by its id alone, and may have a cluster of its own', async () => {
    await withClient(async (client) => {
      await withClient(async (own) => {
        const clients = new Map([[south, own]]);
        const fresh = freshResources(client, { clientOf: (tenant) => clients.get(tenant) ?? client });
        await fresh.port.write(north, [writeOf(stored())]);
        await own.close();
        assert.equal((await fresh.port.read(north, 'Patient', ['p1'])).length, 1);
        await fresh.port.dropTenant(north);
      });
      const fresh = freshResources(client);
      for (const wrong of ['', 'admin', 'North', '../x', `${north}.x`, '$where', 'a'.repeat(60)].filter(
        (id) => id !== 'admin',
      )) {
        await assert.rejects(fresh.port.read(wrong, 'Patient', ['p1']), { code: 'internal' });
        await assert.rejects(fresh.port.dropTenant(wrong), { code: 'internal' });
      }
      await fresh.end();
    });
  });

  test('a document that is too large for the database is refused as such', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      const texts = Array.from({ length: 20_000 }, (_, at) => `${at}`.padEnd(1000, 'x'));
      const resource = { resourceType: 'Binary', texts };
      const large = stored({ type: 'Binary', resource });
      await assert.rejects(fresh.port.write(north, [writeOf(large)]), {
        code: 'too-large',
        message: /a Binary .*19\.\d MiB.*no more than 16 MiB/,
      });
      const half = { ...large, resource: { ...resource, texts: texts.slice(0, 10_000) } };
      const [refused, taken] = await Promise.allSettled([
        fresh.port.write(north, [writeOf(large)]),
        fresh.port.write(north, [writeOf(half)]),
      ]);
      assert.deepEqual([refused?.status, taken], ['rejected', { status: 'fulfilled', value: [true] }]);
      assert.deepEqual(await fresh.port.read(north, 'Binary', ['p1']), [half]);
      await fresh.end();
    });
  });

  test('texts beside a document go when no version needs them, and one that is missing is told', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      const of = (version: number, letter: string) => {
        const resource = { resourceType: 'Binary', data: letter.repeat(9 * 1024 * 1024) };
        return writeOf(stored({ type: 'Binary', revision: version, version, resource }));
      };
      await fresh.port.write(north, [of(1, 'a')]);
      await fresh.port.write(north, [of(2, 'b')]);
      const db = client.db(`${fresh.prefix}-${north}`);
      const contents = db.collection<{ _id: string }>('contents');
      const dayAgo = new Date(Date.now() - 25 * 3_600_000);
      await contents.insertOne({ _id: 'of-a-write-that-failed/0000' });
      await contents.updateMany({}, { $set: { at: dayAgo } });
      const databases = new TenantDatabases(() => client, fresh.prefix);
      const opened = await databases.open(north);
      assert.equal(await opened?.contents.tidy(), 1);
      assert.equal(await contents.countDocuments(), 4);
      assert.deepEqual(await fresh.port.version(north, 'Binary', 'p1', 1), {
        ...(await fresh.port.version(north, 'Binary', 'p1', 2)),
        ...{ version: 1, lastUpdated: 1001, resource: of(1, 'a').document.resource },
      });
      await contents.deleteMany({});
      await assert.rejects(fresh.port.read(north, 'Binary', ['p1']), { code: 'store-corrupt' });
      await fresh.end();
    });
  });

  test('writers in each other’s way lose no version and no touch', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      const ports = Array.from({ length: 4 }, () =>
        openMongoResources({ clientOf: () => client, prefix: fresh.prefix }),
      );
      const last = 15;
      await fresh.port.write(north, [
        writeOf(stored({ lastUpdated: 1000, resource: { resourceType: 'Patient', by: 'first' } })),
      ]);
      const written = new Map([[1, 'first']]);
      const folded = new Set<string>();
      const recorded = new Set<string>();
      let refused = 0;
      await Promise.all(
        ports.map(async (port, who) => {
          for (let at = 0; ; at++) {
            const [read] = await port.read(north, 'Patient', ['p1']);
            if (read === undefined || read.version >= last) return;
            const registers = `["${who}-${at}"]`;
            const [isRecorded] = await port.touch(north, [{ ...touch, revision: read.revision, registers }]);
            if (isRecorded === true) recorded.add(registers);
            const next = stored({
              revision: read.revision + 1,
              version: read.version + 1,
              lastUpdated: 1000,
              resource: { resourceType: 'Patient', by: `${who}-${at}` },
            });
            const [now] = at % 2 === 0 ? await port.read(north, 'Patient', ['p1']) : [read];
            const [done] = await port.write(north, [writeOf(next, { folded: now?.touches ?? [] })]);
            if (done !== true) refused++;
            else {
              written.set(next.version, `${who}-${at}`);
              for (const one of now?.touches ?? []) folded.add(one.registers);
            }
          }
        }),
      );
      const [end] = await fresh.port.read(north, 'Patient', ['p1']);
      for (const one of end?.touches ?? []) folded.add(one.registers);
      assert.deepEqual(
        [...recorded].filter((registers) => !folded.has(registers)),
        [],
      );
      assert.ok(refused > 0 && recorded.size > 0, `${refused} refused, ${recorded.size} touches`);
      const { versions, total } = await fresh.port.history(north, { type: 'Patient' }, { count: 100 });
      assert.equal(total, last);
      assert.deepEqual(
        versions.map(({ version, resource }) => [version, resource?.['by']]),
        Array.from({ length: last }, (_, at) => [last - at, written.get(last - at)]),
      );
      for (const port of ports) await port.close();
      await fresh.end();
    });
  });

  test('what a writer left half done does no harm', async () => {
    await withClient(async (client) => {
      const fresh = freshResources(client);
      const between = [2, 3].map((version) => ({
        ...stored({ version, resource: { resourceType: 'Patient', version } }),
        mappingVersion: 1,
      }));
      await fresh.port.write(north, [writeOf(stored())]);
      await fresh.port.write(north, [writeOf(stored({ revision: 2, version: 4 }), { between })]);
      const db = client.db(`${fresh.prefix}-${north}`);
      const history = db.collection<{ _id: string }>('history');
      // a writer copied what the next write will copy, and ended before that
      const copy = await history.findOne({ _id: 'Patient/p1/000000001' });
      const document = await db.collection('resources').findOne({ type: 'Patient' });
      for (const carried of document?.['carried'] ?? []) {
        if (carried.version === 3) continue;
        const resource = carried.resource ?? document?.['resource'];
        await history.insertOne({
          ...copy,
          ...carried,
          _id: `Patient/p1/00000000${carried.version}`,
          at: 1004,
          resource,
        });
      }
      const numbers = async (): Promise<(number | undefined)[]> => {
        const { versions, total } = await fresh.port.history(north, { type: 'Patient', id: 'p1' }, { count: 9 });
        return [total, ...versions.map(({ version }) => version)];
      };
      assert.deepEqual(await numbers(), [4, 4, 3, 2, 1]);
      assert.deepEqual(await fresh.port.write(north, [writeOf(stored({ revision: 3, version: 5 }))]), [true]);
      assert.deepEqual(await numbers(), [5, 5, 4, 3, 2, 1]);
      assert.equal((await fresh.port.history(north, { type: 'Patient' }, { count: 9 })).total, 5);
      await fresh.end();
    });
  });
}

const touch: Touch = { type: 'Patient', id: 'p1', revision: 1, registers: '["gender"]', stamp: [50, 1, 1, 1, 1, 1] };

test('a server that is down is told as such, without a word of a patient, and all goes on when it is back', async (t) => {
  const servers = await ownReplicaSet(t, 1);
  if (servers === undefined) return;
  const [node] = servers.nodes;
  assert.ok(node !== undefined);
  const client = connectMongo(servers.url, 500);
  t.after(() => client.close());
  const fresh = freshResources(client);
  const family = 'Unspeakable';
  const resource = { resourceType: 'Patient', name: [{ family }] };
  await fresh.port.write(north, [writeOf(stored({ resource }))]);
  await node.end('SIGKILL');
  const calls = [
    fresh.port.read(north, 'Patient', ['p1']),
    fresh.port.write(north, [writeOf(stored({ id: 'p2', resource }))]),
    fresh.port.touch(north, [touch]),
    fresh.port.search(north, queryFor({ type: 'Patient' }), { ...limits, budget: 60_000 }),
    fresh.port.history(north, {}, { count: 1 }),
    fresh.port.dropTenant(south),
  ];
  for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
    assert.equal(status, 'rejected');
    assert.ok(reason instanceof Fault);
    assert.deepEqual(
      [reason.code, reason.nature, reason.cause],
      ['store-unavailable', 'transient', undefined],
      reason.message,
    );
    assert.doesNotMatch(reason.message, /Unspeakable|p1|p2/);
  }
  node.start();
  await eventually(() => fresh.port.read(north, 'Patient', ['p1']), node);
  assert.deepEqual(await fresh.port.read(north, 'Patient', ['p1']), [stored({ resource })]);
  await eventually(() => fresh.port.write(north, [writeOf(stored({ id: 'p3' }))]), node);
  await fresh.end();
  await client.close();
});

test('a search of a server that is paused is given up', async (t) => {
  const servers = await ownReplicaSet(t, 1);
  if (servers === undefined) return;
  const [node] = servers.nodes;
  const client = connectMongo(servers.url);
  t.after(() => client.close());
  const fresh = freshResources(client);
  await fresh.port.write(north, [writeOf(stored())]);
  await node?.pause();
  const search = fresh.port.search(north, queryFor({ type: 'Patient' }), { budget: 200, total: true });
  await assert.rejects(search, { code: 'store-unavailable' });
  node?.signal('SIGCONT');
  assert.equal((await fresh.port.search(north, queryFor({ type: 'Patient' }), limits)).total, 1);
  await fresh.end();
  await client.close();
});
