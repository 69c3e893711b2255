/** What processes tell each other of replays: one at a time, taken over when its process is gone, and every message that is applied beside it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { openMongoReplayBoard } from '../../../src/store/mongodb/replay-board.js';
import { north, south } from '../../conformance/archive-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';
import { pause } from '../../support/pause.js';

const mongo = await mongoOf('replay board: MongoDB');
const client = mongo === undefined ? undefined : connectMongo(mongo.url);
after(async () => {
  await client?.close();
  await mongo?.end();
});

const nothing = new Uint8Array(0);
const of = (id: string, run = 1, tenant: string | null = north) => ({ id, run, tenant, generation: 7 });
const progress = (id: string, state = 'running') => ({ job: { id, state }, differences: nothing });

if (mongo !== undefined && client !== undefined) {
  test('one replay at a time over all processes, shown and stopped by any of them', async () => {
    const db = client.db(mongo.database());
    const [one, other] = [await openMongoReplayBoard(db), await openMongoReplayBoard(db)];
    const began = await Promise.all([
      one.begin(of('a'), progress('a')),
      other.begin(of('b', 2, south), progress('b')),
      one.begin(of('c'), progress('c')),
    ]);
    assert.equal(began.filter((has) => has === undefined).length, 1, 'one of them has the place');
    const id = ['a', 'b', 'c'][began.indexOf(undefined)] ?? assert.fail();
    assert.deepEqual(new Set(began), new Set([undefined, id]), 'the others hear which');
    const differences = new Uint8Array([1, 2, 3]);
    assert.equal(await one.goOn(id, { job: { id, state: 'running', seen: 5 }, differences }), 'go');
    for (const board of [one, other]) {
      assert.deepEqual(await board.list(9), [{ job: { id, state: 'running', seen: 5 }, alive: true }]);
      const kept = await board.get(id);
      assert.deepEqual(kept?.job, { id, state: 'running', seen: 5 });
      assert.deepEqual([...(kept?.differences ?? [])], [1, 2, 3]);
    }
    assert.equal(await one.get('none'), undefined);
    await other.stop(id);
    assert.equal(await one.goOn(id, progress(id)), 'stop');
    await one.end(id, progress(id, 'stopped'));
    assert.deepEqual(await other.list(9), [{ job: { id, state: 'stopped' }, alive: false }]);
    assert.equal(await other.begin(of('d'), progress('d')), undefined);
    await db.dropDatabase();
  });

  test('who applies messages learns of a replay of the tenant, and the replay of the messages, each once', async () => {
    const db = client.db(mongo.database());
    const board = await openMongoReplayBoard(db);
    assert.deepEqual(await board.look(north), { epoch: 0, replay: undefined, generation: 0 });
    await board.begin(of('a'), progress('a'));
    assert.deepEqual(await board.look(north), { epoch: 1, replay: { id: 'a', run: 1 }, generation: 7 });
    assert.deepEqual(await board.look(south), { epoch: 1, replay: undefined, generation: 7 });
    const messages = [1, 2].map((number) => ({ run: 3, number, keys: ['k'] }));
    await board.tell('a', messages.slice(0, 1));
    await board.tell('a', messages.slice(1));
    const told = [...(await board.told('a', 9))].sort((one, two) => one.number - two.number);
    assert.deepEqual(told, messages);
    assert.deepEqual(await board.told('a', 8), []);
    await board.end('a', progress('a', 'done'));
    assert.deepEqual(await board.look(north), { epoch: 1, replay: undefined, generation: 9 });
    await board.begin(of('b', 1, null), progress('b'));
    assert.deepEqual((await board.look(south)).replay, { id: 'b', run: 1 }, 'one that names no tenant may touch any');
    await db.dropDatabase();
  });

  test('a replay whose process is gone is shown as ended and loses its place to the next', async () => {
    const db = client.db(mongo.database());
    const [dead, other] = [await openMongoReplayBoard(db, 1), await openMongoReplayBoard(db)];
    assert.equal(await dead.begin(of('a'), progress('a')), undefined);
    // its millisecond is over when the server's clock has moved on
    while ((await other.get('a'))?.alive === true) await pause();
    assert.equal(await other.begin(of('b', 2), progress('b')), undefined);
    await assert.rejects(dead.told('a', 7), { code: 'conflict' });
    assert.equal(await dead.goOn('a', progress('a')), 'lost');
    await dead.end('a', progress('a', 'failed'));
    assert.deepEqual((await other.look(north)).replay, { id: 'b', run: 2 }, 'what the first says late ends nothing');
    assert.deepEqual(
      (await other.list(9)).map(({ job, alive }) => [job['id'], alive]),
      [
        ['b', true],
        ['a', false],
      ],
    );
    await db.dropDatabase();
  });
}
