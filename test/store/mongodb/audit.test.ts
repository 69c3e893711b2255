import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AuditPort } from '../../../src/store/audit-port.js';
import { openMongoAudit } from '../../../src/store/mongodb/audit.js';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { auditEvent, auditSuite } from '../../conformance/audit-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';

const key = Buffer.alloc(32, 7);
const mongo = await mongoOf('audit: MongoDB');
const client = mongo === undefined ? undefined : connectMongo(mongo.url);
after(async () => {
  await client?.close();
  await mongo?.end();
});

if (mongo !== undefined && client !== undefined) {
  auditSuite('MongoDB', async () => {
    const db = client.db(mongo.database());
    const opened: AuditPort[] = [];
    const next = async (): Promise<AuditPort> => {
      const port = await openMongoAudit(db, { run: opened.length + 1, key });
      opened.push(port);
      return port;
    };
    const records = db.collection<{ run: number; number: number; body: string }>('auditRecords');
    return {
      port: await next(),
      nextRun: next,
      async tamper(run, number) {
        const { body = '' } = (await records.findOne({ run, number })) ?? {};
        await records.updateOne({ run, number }, { $set: { body: body.replace('granted', 'denied') } });
      },
      async cutLast(run) {
        await records.findOneAndDelete({ run }, { sort: { number: -1 } });
      },
      async dropRun(run) {
        await records.deleteMany({ run });
        await db.collection<{ _id: number }>('auditHeads').deleteOne({ _id: run });
      },
      async end() {
        for (const port of opened) await port.close();
        await db.dropDatabase();
      },
    };
  });

  test('a head that was set back with its records shows once it was anchored', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoAudit(db, { run: 1, key });
    const heads = db.collection<{ _id: number }>('auditHeads');
    await port.append([auditEvent(), auditEvent()]);
    const kept = await heads.findOne({ _id: 1 });
    await port.append([auditEvent()]);
    await port.close();
    const again = await openMongoAudit(db, { run: 2, key });
    assert.deepEqual(await again.verify(), []);
    await db.collection<{ _id: string }>('auditRecords').deleteOne({ _id: '1-3' });
    await heads.replaceOne({ _id: 1 }, { number: 2, ...kept });
    assert.deepEqual(await again.verify(), [{ run: 1, number: 3 }]);
    await again.close();
    await db.dropDatabase();
  });

  test('an anchor that was changed or taken away shows', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoAudit(db, { run: 1, key });
    await port.append([auditEvent()]);
    const anchors = db.collection<{ _id: number }>('auditAnchors');
    await anchors.updateOne({ _id: 0 }, { $set: { ends: [] } });
    assert.deepEqual(await port.verify(), [{ run: 0, number: 0 }]);
    await anchors.drop();
    assert.deepEqual(await port.verify(), [{ run: 0, number: 0 }]);
    await port.close();
    await db.dropDatabase();
  });

  test('records of a process that died before their head was set are believed', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoAudit(db, { run: 1, key });
    const heads = db.collection<{ _id: number }>('auditHeads');
    await port.append([auditEvent()]);
    const kept = (await heads.findOne({ _id: 1 })) ?? assert.fail();
    await port.append([auditEvent()]);
    await heads.replaceOne({ _id: 1 }, kept);
    assert.deepEqual(await port.verify(), []);
    await port.close();
    await db.dropDatabase();
  });

  test('without its server it says audit-unavailable', async () => {
    const gone = connectMongo('mongodb://127.0.0.1:9/', 200);
    await assert.rejects(openMongoAudit(gone.db('none'), { run: 1, key }), { code: 'audit-unavailable' });
    await gone.close();
  });

  test('an audit of a newer format is refused', async () => {
    const db = client.db(mongo.database());
    const port = await openMongoAudit(db, { run: 1, key });
    await port.close();
    await db.collection<{ _id: string }>('formats').updateOne({ _id: 'audit' }, { $set: { format: 2 } });
    await assert.rejects(openMongoAudit(db, { run: 2, key }), {
      code: 'format-too-new',
      message: /audit has format 2 and this program reads up to 1/,
    });
    await db.dropDatabase();
  });
}
