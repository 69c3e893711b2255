/**
 * From the socket to the settled message over MongoDB and Redis: a whole installation takes ADT^A08 over 20 connections, of which
 * every one changes Patient and Encounter, or none does. Beside it a bare script that makes the same writes of equal size, with the same indexes
 * and write concern, through the same driver. Both servers run on the same machine. Needs `mongod` and `redis-server` on the path, or the servers
 * that WARDLINE_TEST_MONGODB and WARDLINE_TEST_REDIS name. `node dist/bench/mongodb.js [--messages N] [--quick] [--json FILE]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { connectMongo } from '../src/store/mongodb/connection.js';
import { type BareFigures, bareWrites, samplesOf } from './support/bare-mongodb.js';
import { type FeedFigures, measureFeed, patients, startFed, tenant, updates } from './support/change-feed.js';
import { openBench } from './support/figures.js';
import { type RealServers, realServers } from './support/real-servers.js';

const bench = openBench(1, ['messages']);
const count = bench.number('messages', 6000, 1500);
const prefix = `b${randomBytes(6).toString('hex')}`;

interface Written {
  readonly documents: number;
  readonly versions: number;
}

/** How often documents were written so far, and how many versions there are. */
async function written(client: MongoClient): Promise<Written> {
  const sums = { $group: { _id: null, documents: { $sum: '$revision' }, versions: { $sum: '$version' } } };
  const resources = client.db(`${prefix}-${tenant}`).collection('resources');
  const [found] = await resources.aggregate<Written>([sums]).toArray();
  return found ?? { documents: 0, versions: 0 };
}

interface Fed extends FeedFigures, Written {}

async function measure(servers: RealServers, client: MongoClient): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
  const masterKey = join(folder, 'master.key');
  writeFileSync(masterKey, randomBytes(32).toString('base64'), { mode: 0o600 });
  const stores = {
    masterKey: { file: masterKey },
    mongodb: { url: servers.mongodb, prefix },
    redis: { url: servers.redis, prefix },
  };
  const system = await startFed(folder, stores);
  try {
    const fed = async (messages: readonly string[]): Promise<Fed> => {
      const before = await written(client);
      const figures = await measureFeed(system, messages);
      const after = await written(client);
      const documents = (after.documents - before.documents) / messages.length;
      return { ...figures, documents, versions: (after.versions - before.versions) / messages.length };
    };
    const same = (): number => 0;
    await fed(updates(2000, same));
    const first = await samplesOf(client, prefix, tenant);
    const changing = await fed(updates(count, (at) => at + 1));
    const samples = [first, await samplesOf(client, prefix, tenant)] as const;
    const reference = await bareWrites(client.db(`${prefix}bare`), samples, changing);
    await fed(updates(patients, same));
    const unchanged = await fed(updates(count, same));
    tell('A08s that change Patient and Encounter', changing, reference, 0.5);
    tell('A08s that change nothing', unchanged, reference, 1);
    bench.add({
      ...{ name: 'A08s that change nothing, to those that change', value: unchanged.perSecond, unit: '/s' },
      reference: { name: 'those that change', value: changing.perSecond },
      goal: { of: 'ratio', atLeast: 2 },
    });
  } finally {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(name: string, fed: Fed, reference: BareFigures, atLeast: number): void {
  bench.add({
    ...{ name, value: fed.perSecond, unit: '/s' },
    reference: { name: "a bare script's changing writes", value: reference.perSecond },
    goal: { of: 'ratio', atLeast },
  });
  bench.add({
    ...{ name: `${name}: processor time, without servers`, value: fed.processor, unit: 'µs' },
    reference: { name: "the bare script's", value: reference.processor },
  });
  bench.add({ name: `${name}: recognised as repeated`, value: fed.repeated * 100, unit: '%' });
  bench.add({ name: `${name}: documents for each`, value: fed.documents, unit: '' });
  bench.add({ name: `${name}: versions for each`, value: fed.versions, unit: '' });
}

const servers = await realServers();
if (servers !== undefined) {
  const client = connectMongo(servers.mongodb);
  try {
    await measure(servers, client);
  } finally {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
    await client.close();
    await servers.end();
  }
}
bench.finish();
