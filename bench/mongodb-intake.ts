/**
 * Intake over MongoDB and Redis: messages acknowledged a second at 1 and 20 connections that wait for each acknowledgement, beside
 * the same listener over files and a bare insertMany of as many documents, which a majority has journalled. Then the 99th percentile of an
 * acknowledgement at half of that load. Needs servers, as `mongodb.ts`.
 * `node dist/bench/mongodb-intake.js [--seconds N] [--quick] [--json FILE]`
 */
import { randomBytes } from 'node:crypto';
import { Binary } from 'mongodb';
import { archiveCollections, indexArchive, type StoredMessage } from '../src/store/mongodb/archive-documents.js';
import { connectMongo } from '../src/store/mongodb/connection.js';
import { median, openBench, quantile } from './support/figures.js';
import { embeddedIntake, mongoIntake } from './support/intake-listener.js';
import { type RealServers, realServers } from './support/real-servers.js';
import { openSender } from './support/sender.js';
import type { Load, Sent } from './support/sender-thread.js';

const bench = openBench(4);
const rounds = 6;
const database = `b${randomBytes(6).toString('hex')}`;

/** Rates of rounds by turns, and waits of all rounds. */
class Measured {
  readonly #rates: number[] = [];
  readonly #took: number[] = [];

  add({ perSecond, took }: Sent): void {
    this.#rates.push(perSecond);
    this.#took.push(...took);
  }

  get perSecond(): number {
    return median(this.#rates);
  }

  get p99(): number {
    return quantile(
      this.#took.toSorted((a, b) => a - b),
      0.99,
    );
  }
}

/** Inserts documents like those of the archive one insertMany after the other. */
async function openBare({ mongodb }: RealServers) {
  const client = connectMongo(mongodb);
  const archive = archiveCollections(client.db(`${database}bare`));
  await indexArchive(archive);
  let ids = 0;
  const like = (): StoredMessage => ({
    ...{ _id: ++ids, tenant: 'bench', kind: 'message', arrival: Date.now(), listener: 'bench', peer: '127.0.0.1' },
    ...{ sender: 'HIS|NORTH', type: 'ADT^A08^ADT_A01', sentAt: '20260301101500', controlId: `B${ids}`, partition: 1 },
    ...{
      flags: [],
      once: 'm 2592000000 689',
      size: 500,
      digest: new Binary(randomBytes(16)),
      payload: new Binary(randomBytes(420)),
    },
  });
  return {
    async insert(documents: number, seconds: number): Promise<Sent> {
      const took: number[] = [];
      const begin = performance.now();
      for (let now = begin; now < begin + seconds * 1000; now = performance.now()) {
        await archive.messages.insertMany(Array.from({ length: documents }, like));
        took.push(performance.now() - now);
      }
      return { perSecond: (took.length * documents * 1000) / (performance.now() - begin), took };
    },
    async close() {
      const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
      for (const { name } of databases) if (name.startsWith(database)) await client.db(name).dropDatabase();
      await client.close();
    },
  };
}

/** Measures `of` by turns, so that what else the machine does meets all of them; the first round warms up. */
async function byTurns<Name extends string>(
  of: Readonly<Record<Name, (seconds: number) => Promise<Sent>>>,
): Promise<Record<Name, Measured>> {
  const entries = Object.entries(of) as [Name, (seconds: number) => Promise<Sent>][];
  const measured = Object.fromEntries(entries.map(([name]) => [name, new Measured()])) as Record<Name, Measured>;
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of entries) {
      const sent = await measure(bench.seconds / rounds);
      if (round > 0) measured[name].add(sent);
    }
  }
  return measured;
}

async function measure(servers: RealServers): Promise<void> {
  const bare = await openBare(servers);
  const sender = openSender();
  const running = { mongodb: await mongoIntake(servers, database), embedded: await embeddedIntake('fsync') };
  const load = (name: keyof typeof running, more: Pick<Load, 'connections' | 'rate'>) => (seconds: number) =>
    sender.send({ port: running[name].port, underWay: 1, seconds, ...more });
  try {
    for (const connections of [1, 20]) {
      const full = await byTurns({
        mongodb: load('mongodb', { connections }),
        embedded: load('embedded', { connections }),
        bare: (seconds) => bare.insert(connections, seconds),
      });
      const value = full.mongodb.perSecond;
      const name = `${connections} waiting`;
      bench.add({
        ...{ name: `${name}: over MongoDB and Redis`, value, unit: '/s' },
        reference: { name: `insertMany of ${connections}, majority`, value: full.bare.perSecond },
      });
      bench.add({
        ...{ name: `${name}: the same`, value, unit: '/s' },
        reference: { name: 'the same listener over files', value: full.embedded.perSecond },
      });
      const half = await byTurns({
        mongodb: load('mongodb', { connections, rate: value / 2 }),
        bare: (seconds) => bare.insert(1, seconds),
      });
      const atMost = Math.max(20, 3 * half.bare.p99);
      bench.add({
        ...{ name: `${name}: p99 of an acknowledgement at half load`, value: half.mongodb.p99, unit: 'ms' },
        reference: { name: 'an insert of one, majority, p99', value: half.bare.p99 },
        goal: { of: 'value', atMost },
      });
    }
  } finally {
    for (const one of Object.values(running)) await one.stop();
    await sender.end();
    await bare.close();
  }
}

const servers = await realServers();
if (servers !== undefined) {
  try {
    await measure(servers);
  } finally {
    await servers.end();
  }
}
bench.finish();
