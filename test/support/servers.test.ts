/** That tests which need MongoDB and Redis run against real ones, and that these can be ended and started again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { mongoFor, ownReplicaSet } from './mongodb-server.js';
import { ownRedis, redisFor } from './redis-server.js';
import { eventually } from './server-process.js';

test('a MongoDB takes majority writes that are journalled', async (t) => {
  const servers = await mongoFor(t);
  if (servers === undefined) return;
  const client = new MongoClient(servers.url);
  const name = `wardline-test-${process.pid}`;
  const notes = client.db(name).collection('notes', { writeConcern: { w: 'majority', journal: true } });
  const { acknowledged } = await notes.insertOne({ said: 'yes' });
  assert.equal(acknowledged, true);
  assert.equal(await notes.countDocuments(), 1);
  await client.db(name).dropDatabase();
  await client.close();
});

test('a replica set of three goes on when its primary is killed', async (t) => {
  const servers = await ownReplicaSet(t, 3);
  if (servers === undefined) return;
  const client = new MongoClient(servers.url, { serverSelectionTimeoutMS: 30_000 });
  const notes = client.db('test').collection('notes', { writeConcern: { w: 'majority', journal: true } });
  await notes.insertOne({ at: 1 });
  const { me } = await client.db('admin').command({ hello: 1 });
  const primary = servers.nodes.find(({ port }) => me === `127.0.0.1:${port}`) ?? assert.fail('no node is the primary');
  const [other] = servers.nodes.filter((node) => node !== primary);
  await primary.end('SIGKILL');
  await eventually(() => notes.insertOne({ at: 2 }), other ?? assert.fail(), 60_000);
  assert.deepEqual(await notes.distinct('at'), [1, 2]);
  await client.close();
});

test('a Redis keeps what it took when it is killed and started again', async (t) => {
  const server = await ownRedis(t);
  if (server?.process === undefined) return;
  const client = new Redis(server.url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  t.after(() => client.disconnect());
  await client.config('SET', 'appendfsync', 'always');
  await client.set('said', 'yes');
  await server.process.end('SIGKILL');
  server.process.start();
  assert.equal(await client.get('said'), 'yes');
});

test('a Redis answers', async (t) => {
  const server = await redisFor(t);
  if (server === undefined) return;
  const client = new Redis(server.url);
  t.after(() => client.disconnect());
  assert.equal(await client.ping(), 'PONG');
});
