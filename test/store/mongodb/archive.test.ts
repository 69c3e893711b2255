import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { MongoClient } from 'mongodb';
import type { ArchivePort } from '../../../src/store/archive-port.js';
import { openMongoArchive } from '../../../src/store/mongodb/archive.js';
import { archiveCollections } from '../../../src/store/mongodb/archive-documents.js';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { freeIn } from '../../../src/store/mongodb/free-space.js';
import { archiveSuite, entry, outcome } from '../../conformance/archive-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';

const keyOf = (tenant: string | null): Uint8Array => Buffer.alloc(32, tenant ?? 'none');
const mongo = await mongoOf('archive: MongoDB');
const client = mongo === undefined ? undefined : connectMongo(mongo.url);
after(async () => {
  await client?.close();
  await mongo?.end();
});

if (mongo !== undefined && client !== undefined) {
  archiveSuite('MongoDB', async () => {
    const db = client.db(mongo.database());
    const opened: ArchivePort[] = [];
    const next = async (): Promise<ArchivePort> => {
      const port = await openMongoArchive(db, { run: opened.length + 1, keyOf });
      opened.push(port);
      return port;
    };
    return {
      port: await next(),
      nextRun: next,
      async end() {
        for (const port of opened) await port.close();
        await db.dropDatabase();
      },
    };
  });

  test('holds no payload in the clear, and bytes of another tenant do not open', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    const payload = new TextEncoder().encode('MSH|^~\\&|||||||||SECRETNAME|'.repeat(3));
    const [row] = await port.append([entry({ payload })]);
    const stored = await db.collection('messages').findOne({});
    assert.ok(!JSON.stringify(stored).includes('SECRETNAME'));
    assert.ok(!Buffer.from(stored?.['payload'].buffer).includes('SECRETNAME'));
    await db.collection('messages').updateOne({}, { $set: { tenant: 'another' } });
    await assert.rejects(port.read([row?.sequence ?? assert.fail()]), { code: 'seal-broken' });
    await port.close();
    await db.dropDatabase();
  });

  test('parts of a large message cannot be exchanged, and those of a message that was never written go', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    const parts = db.collection<{ _id: string; bytes: unknown; at: Date }>('messageParts');
    const [one, other] = await port.append([1, 2].map(() => entry({ payload: randomBytes(10 * 1024 * 1024) })));
    const places = [one, other].map((row) => row?.sequence ?? assert.fail());
    const ids = (
      await parts
        .find({}, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .toArray()
    ).map(({ _id }) => _id);
    const dayAgo = new Date(Date.now() - 25 * 3_600_000);
    // one that a process left behind when it died, old and young
    await parts.insertMany([
      { _id: `${2 ** 33}/0000`, bytes: null, at: dayAgo },
      { _id: `${2 ** 33 + 1}/0000`, bytes: null, at: new Date() },
    ]);
    await parts.updateMany({ _id: { $in: ids } }, { $set: { at: dayAgo } });
    assert.equal(await archiveCollections(db).large.tidy(), 1);
    assert.deepEqual(
      (
        await parts
          .find({}, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .toArray()
      ).map(({ _id }) => _id),
      [...ids, `${2 ** 33 + 1}/0000`].sort(),
    );
    assert.equal((await port.read(places)).length, 2);
    const [first, , third] = await parts
      .find({ _id: { $in: ids } })
      .sort({ _id: 1 })
      .toArray();
    await parts.updateOne({ _id: ids[0] ?? '' }, { $set: { bytes: third?.bytes } });
    await assert.rejects(port.read(places), { code: 'seal-broken' });
    await parts.updateOne({ _id: ids[0] ?? '' }, { $set: { bytes: first?.bytes } });
    await parts.deleteOne({ _id: ids[1] ?? '' });
    await assert.rejects(port.read(places), { code: 'store-corrupt' });
    await port.close();
    await db.dropDatabase();
  });

  test('tells how much disk the server has left, and that it does not know where the server hides it', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    const free = await port.freeBytes();
    assert.ok(free !== undefined && free > 0 && Number.isSafeInteger(free), `${free}`);
    const { fsTotalSize } = await db.command({ dbStats: 1 });
    assert.ok(free < fsTotalSize);
    assert.equal(freeIn({ fsTotalSize: 0, fsUsedSize: 0 }), undefined);
    assert.equal(freeIn({ dataSize: 5 }), undefined);
    assert.equal(freeIn({ fsTotalSize: 100, fsUsedSize: 30 }), 70);
    const shards = { one: { fsTotalSize: 100, fsUsedSize: 30 }, other: { fsTotalSize: 100, fsUsedSize: 95 } };
    assert.equal(freeIn({ raw: shards }), 5);
    await port.close();
    await db.dropDatabase();
  });

  test('every message is journalled by a majority before it is told as archived', async () => {
    const watched = new MongoClient(mongo.url, {
      monitorCommands: true,
      writeConcern: { w: 'majority', journal: true },
    });
    const concerns: unknown[] = [];
    watched.on('commandStarted', ({ command }) => {
      const of = command['insert'] ?? command['update'];
      if (of === 'messages' || of === 'messageParts') concerns.push(command['writeConcern']);
    });
    const db = watched.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    await Promise.all([port.append([entry(), entry()]), port.append([entry()])]);
    assert.deepEqual(concerns, [{ w: 'majority', j: true }]);
    await port.append([entry({ payload: randomBytes(9 * 1024 * 1024) })]);
    assert.deepEqual(concerns, Array(4).fill({ w: 'majority', j: true }));
    await port.close();
    await db.dropDatabase();
    await watched.close();
    // what the program itself connects with
    const { writeConcern } = connectMongo(mongo.url).options;
    assert.deepEqual([writeConcern.w, writeConcern.journal], ['majority', true]);
  });

  test('several processes append and settle at the same time, and what is unsettled is exact', async () => {
    const db = client.db(mongo.database());
    const ports = await Promise.all([1, 2, 3].map((run) => openMongoArchive(db, { run, keyOf })));
    const appended = (
      await Promise.all(
        ports.flatMap((port) => Array.from({ length: 20 }, () => port.append([entry(), entry(), entry()]))),
      )
    ).flat();
    const name = ({ run, number }: { run: number; number: number }): string => `${run}-${number}`;
    assert.equal(new Set(appended.map(({ sequence }) => name(sequence))).size, 180);
    const settled = appended.filter((_, at) => at % 3 !== 0);
    await Promise.all([
      ...settled.map((row, at) => ports[at % 3]?.settle([outcome(row)])),
      ...ports.map((port) => port.unsettled(1000)),
    ]);
    const left = new Set(appended.filter((row) => !settled.includes(row)).map(({ sequence }) => name(sequence)));
    for (const port of ports) {
      const unsettled = await port.unsettled(1000);
      assert.deepEqual(new Set(unsettled.map(({ sequence }) => name(sequence))), left);
      assert.equal((await port.counts()).unsettled, 60);
      assert.equal((await port.counts()).applied, 120);
    }
    await db.dropDatabase();
  });

  test('a look costs what is open, not what was archived', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    const rows = await port.append(Array.from({ length: 3000 }, () => entry()));
    await port.settle(rows.slice(0, 2990).map((row) => outcome(row)));
    assert.equal((await port.unsettled(100)).length, 10);
    await db.command({ profile: 2 });
    assert.equal((await port.unsettled(100)).length, 10);
    await db.command({ profile: 0 });
    const examined = await db.collection('system.profile').find({ op: 'query' }).toArray();
    const keys = examined.reduce((sum, { keysExamined }) => sum + Number(keysExamined ?? 0), 0);
    assert.ok(examined.length > 0 && keys < 100, `${keys} keys examined`);
    await port.close();
    await db.dropDatabase();
  });
}
