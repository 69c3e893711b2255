import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { Binary, MongoClient } from 'mongodb';
import type { ArchivePort } from '../../../src/store/archive-port.js';
import { openMongoArchive } from '../../../src/store/mongodb/archive.js';
import { archiveCollections } from '../../../src/store/mongodb/archive-documents.js';
import { ArchiveRuns } from '../../../src/store/mongodb/archive-runs.js';
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

  test('what several processes take at the same moment is archived once, and each of them learns where', async () => {
    const db = client.db(mongo.database());
    const ports = await Promise.all([1, 2, 3].map((run) => openMongoArchive(db, { run, keyOf })));
    for (let round = 0; round < 20; round++) {
      const same = Array.from({ length: 4 }, () => entry());
      // each has something of its own between them
      const taken = await Promise.all(ports.map((port) => port.append(same.flatMap((message) => [message, entry()]))));
      for (const at of [0, 2, 4, 6]) {
        const places = taken.map((results) => results[at]);
        assert.equal(new Set(places.map((place) => JSON.stringify(place?.sequence))).size, 1);
        assert.deepEqual(places.map((place) => place?.outcome).sort(), ['archived', 'repeat', 'repeat']);
      }
      const others = taken.flatMap((results) => [1, 3, 5, 7].map((at) => results[at]));
      assert.ok(others.every((place) => place?.outcome === 'archived'));
    }
    assert.equal(await db.collection('messages').countDocuments(), 20 * (4 + 3 * 4));
    const [port] = ports;
    assert.equal((await port?.unsettled(1000))?.length, 20 * (4 + 3 * 4));
    for (const each of ports) await each.close();
    await db.dropDatabase();
  });

  test('a process whose clock is an hour behind is not thought to be gone', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    const other = await openMongoArchive(db, { run: 2, keyOf });
    await db.collection('messageRuns').updateMany({}, { $inc: { seen: -3_600_000 } });
    await port.append([entry()]);
    assert.equal((await other.unsettled(10)).length, 1);
    await port.append([entry()]);
    assert.equal((await other.unsettled(10)).length, 2, 'what it writes after that look is found as well');
    await port.close();
    await other.close();
    await db.dropDatabase();
  });

  test('the numbers of a process that is gone are closed; one that only slept opens them again', async () => {
    const db = client.db(mongo.database());
    const collections = archiveCollections(db);
    const [sleeper, looker] = [new ArchiveRuns(collections, 1), new ArchiveRuns(collections, 1)];
    const look = async (): Promise<number> => {
      let rows = 0;
      for await (const _ of looker.unsettled()) rows++;
      return rows;
    };
    const { digest, payload } = { digest: new Binary(randomBytes(12)), payload: new Binary(randomBytes(20)) };
    const write = (number: number) =>
      collections.messages.insertOne({ ...entry(), ...{ _id: 2 ** 32 + number, size: 1, once: '', digest, payload } });
    await sleeper.live(1, 1);
    await look();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await look();
    const [closed] = await collections.runs.find().toArray();
    assert.deepEqual(closed?.open, [], 'it was the same sign of life for longer than it takes');
    await write(1);
    assert.equal(await look(), 0);
    await sleeper.stillLive(1, 1);
    assert.equal(await look(), 1);
    await db.dropDatabase();
  });

  test('a message that two processes settle at the same moment is counted once', async () => {
    const db = client.db(mongo.database());
    const ports = await Promise.all([1, 2, 3].map((run) => openMongoArchive(db, { run, keyOf })));
    const rows = (await ports[0]?.append(Array.from({ length: 60 }, () => entry()))) ?? [];
    await Promise.all(rows.flatMap((row) => ports.map((port) => port.settle([outcome(row)]))));
    assert.equal((await ports[0]?.counts())?.applied, 60);
    for (const port of ports) await port.close();
    await db.dropDatabase();
  });

  test('counts that a process left wrong when it died are put right, those that others change meanwhile stay', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoArchive(db, { run: 1, keyOf });
    const rows = await port.append([1, 2, 3].map((at) => entry({ controlId: `C${at}` })));
    await port.settle(rows.map(({ sequence }) => outcome({ sequence })));
    const right = await port.counts();
    const tallies = db.collection<{ _id: string; rows: number }>('messageTallies');
    await tallies.updateMany({}, { $inc: { rows: 7 } });
    await tallies.insertOne({ _id: `parked ${entry({}).tenant}`, rows: 2 });
    assert.notDeepEqual(await port.counts(), right);
    await port.recount();
    assert.deepEqual(await port.counts(), right);
    await Promise.all([...Array(5).keys()].map(() => port.recount()));
    assert.deepEqual(await port.counts(), right);
    await port.close();
    await db.dropDatabase();
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
