/**
 * Two programs of different editions over one MongoDB and one Redis, as while an installation is upgraded process by process: the older one
 * extracts otherwise and writes documents in an older form, before, while and after the newer one indexes them again. What searches find
 * in the end is what they find in a store that the newer program made alone.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import type { Collection } from 'mongodb';
import { type UpgradeJobParts, UpgradeJobs } from '../../src/app/upgrade-jobs.js';
import { demoZone } from '../../src/cli/demo-messages.js';
import { programFolder } from '../../src/cli/program-version.js';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import { processBatch } from '../../src/engine/process-batch.js';
import { searchIndexOf } from '../../src/engine/search-index.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import type { UpgradeJob } from '../../src/engine/upgrade-job.js';
import { parseSearch } from '../../src/fhir/search-parse.js';
import type { SearchQuery } from '../../src/fhir/search-query.js';
import { type SearchValue, searchEdition } from '../../src/fhir/search-values.js';
import { fhirVersions, typeInVersion, versionBit } from '../../src/fhir/version.js';
import { BullmqQueue } from '../../src/queue/bullmq/queue.js';
import type { WorkBatch } from '../../src/queue/queue-port.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../../src/store/mongodb/registry.js';
import { openMongoResources } from '../../src/store/mongodb/resources.js';
import type { ReindexPort } from '../../src/store/reindex-port.js';
import type { ResourcePort, ShownDocument } from '../../src/store/resource-port.js';
import { north } from '../conformance/archive-suite.js';
import { queriesFor } from '../facade/value-searches.js';
import { demoMessages } from '../support/apply-demo.js';
import { mongoFor } from '../support/mongodb-server.js';
import { pause } from '../support/pause.js';
import { redisFor } from '../support/redis-server.js';

type Store = ResourcePort & ReindexPort;

// the servers end after what uses them
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** What an older program found a document by: it knew less, and compared names as they are written. */
function older(values: readonly SearchValue[]): SearchValue[] {
  return values
    .filter(({ parameter }) => parameter !== 'code' && parameter !== 'patient')
    .map((value) => (value.kind === 'string' ? { ...value, folded: value.exact } : value));
}

/** The store as an older program writes to it. */
function olderStore(store: Store): Store {
  return {
    ...store,
    write: (tenant, writes) =>
      store.write(
        tenant,
        writes.map((write) =>
          write.values === undefined ? write : { ...write, values: older(write.values), edition: 0, sortDate: null },
        ),
      ),
  };
}

const settings = { ...plainTenantSettings, zone: demoZone };
const context = {
  settings,
  mapper: mapperOver(compileFiles(readMappingFiles(join(programFolder, 'mappings'), 'mappings/')), 1),
  names: tenantNames(new Uint8Array(32).fill(7), settings),
};

const messages = demoMessages(11, 25)
  .slice(0, 50)
  .map((text, index) => ({
    sequence: { arrival: Date.UTC(2026, 10, 3) + index, run: 1, number: index + 1 },
    ...{ tenant: north, kind: 'message' as const, listener: 'main', peer: '', sender: '', type: '', sentAt: '' },
    ...{ controlId: '', partition: index % 4, flags: [], size: 0, payload: Buffer.from(text) },
  }));

/** The engine of a program over its store. */
function engineOver(resources: ResourcePort) {
  return ({ sequences }: Pick<WorkBatch, 'sequences'>) =>
    processBatch(
      {
        archive: {
          read: async (wanted) =>
            messages.filter(({ sequence }) => wanted.some((one) => one.number === sequence.number)),
          settle: async (outcomes) => {
            for (const { state, reason } of outcomes) assert.equal(`${state} ${reason}`, 'applied ');
          },
        },
        ...{ resources, tenant: () => context, profile: () => ({ authority: {}, snapshot: [] }) },
        ...{ clock: systemClock, log: silentLog },
      },
      { tenant: north, partition: 0, sequences },
    );
}

async function open(t: TestContext) {
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [mongodb, redis] = [await mongoFor(scope), await redisFor(scope)];
  if (mongodb === undefined || redis === undefined) return undefined;
  const client = connectMongo(mongodb.url);
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const opened: { close(): Promise<unknown> }[] = [];
  ends.unshift(async () => {
    for (const one of opened.reverse()) await one.close();
    for (const name of [prefix, `${prefix}-${north}`, `${prefix}n-${north}`]) await client.db(name).dropDatabase();
    await client.close();
  });
  const storeOf = (name: string): Store => {
    const store = openMongoResources({ clientOf: () => client, prefix: name });
    opened.push(store);
    return store;
  };
  const queueOf = (): BullmqQueue => {
    const queue = new BullmqQueue({ url: redis.url, prefix, firstDelay: 5, longestDelay: 50 });
    opened.push(queue);
    return queue;
  };
  const registry = await openMongoRegistry(client.db(prefix));
  await registry.putTenant({
    ...{ id: north, name: 'North', createdAt: 1, kind: 'own', settings: {}, sealedIdKey: '', sealedDataKey: '' },
    ...{ partitions: 4, fromConfiguration: false },
  });
  const records = (name: string) => client.db(`${name}-${north}`).collection<FoundBy>('resources');
  return { prefix, storeOf, queueOf, registry, records, opened };
}

async function allOf(store: Store): Promise<ShownDocument[]> {
  const documents = await store.readAll(north, undefined, 10_000);
  return documents.filter(({ resource }) => resource !== null);
}

/** Searches by values of these documents in all versions, and each type whole: a part of them, spread over all. */
function searchesFor(documents: readonly ShownDocument[]): Map<string, SearchQuery> {
  const queries = new Map<string, SearchQuery>();
  for (const document of documents) {
    const { type } = document;
    const { values } = searchIndexOf(document);
    for (const version of fhirVersions) {
      const asked = values.filter(
        ({ versions, parameter }) => (versions & versionBit[version]) !== 0 && isAsked(parameter),
      );
      for (const search of ['', ...asked.flatMap((value) => queriesFor(version, value))]) {
        const parameters = [...new URLSearchParams(search)].map(([name, value]) => [name, value] as const);
        const { query } = parseSearch(version, typeInVersion(version, type), parameters, {
          ...{ bases: [], now: Date.UTC(2026, 10, 5), defaultCount: 500, largestCount: 500 },
        });
        // when a document was written is another time in each store
        queries.set(`${version} ${type}?${search}`, { ...query, sort: [{ by: '_id', descending: false }] });
      }
    }
  }
  return new Map([...queries].filter((_, at) => at % 7 === 0));
}

/** Which message a document was last changed by depends on the order in which they were applied. */
function isAsked(parameter: string): boolean {
  return !parameter.startsWith(':') && parameter !== '_source';
}

async function answersOf(store: Store, queries: Iterable<SearchQuery>): Promise<string[][]> {
  const pages = [...queries].map((query) => store.search(north, query, { budget: 60_000, total: false }));
  return (await Promise.all(pages)).map(({ documents }) => documents.map(({ id }) => id));
}

type FoundBy = { readonly _id: string; readonly values?: Record<string, unknown> };

/** All that documents are found by, as the database has it. */
async function indexOf(records: Collection<FoundBy>): Promise<FoundBy[]> {
  const fields = { values: 1, refs: 1, tokens: 1, texts: 1, dates: 1, edition: 1, sortDate: 1, shown: 1 };
  const all = await records.find({ shown: 1 }, { projection: fields, sort: { _id: 1 } }).toArray();
  return all.map(({ values: { _source: _, ...values } = {}, ...rest }) => ({ ...rest, values }));
}

test('searches find the same as in a new store, whatever an older program wrote beside', {
  timeout: 300_000,
}, async (t) => {
  const here = await open(t);
  if (here === undefined) return;
  const { prefix, storeOf, queueOf, registry, records, opened } = here;
  const alive = { host: 'a', pid: 1, startedAt: 0, ready: true, listeners: [], figures: {} };
  const part = (from: number, to: number) => messages.slice(from * messages.length, to * messages.length);
  const feed = async (queue: BullmqQueue, some: typeof messages): Promise<void> => {
    await queue.enqueue(some.map(({ tenant, partition, sequence }) => ({ tenant, partition, sequence })));
    while ((await queue.depth()) > 0) await pause();
  };
  const work = async (engine: ReturnType<typeof engineOver>, batch: WorkBatch): Promise<void> => {
    await engine(batch);
  };

  // an installation of the older program
  await registry.sayAlive({ ...alive, run: 1, role: 'transform', version: '0.1' });
  const oldEngine = engineOver(olderStore(storeOf(prefix)));
  const oldQueue = queueOf();
  await oldQueue.consume((batch) => work(oldEngine, batch), { batchSize: 5, concurrency: 2 });
  await feed(oldQueue, part(0, 0.4));
  // one that knew of no editions
  await records(prefix).updateMany({}, { $unset: { edition: 1 } });

  // the first process of the newer one, beside it
  const store = storeOf(prefix);
  const newQueue = queueOf();
  const code = { edition: searchEdition, indexOf: searchIndexOf };
  const parts: UpgradeJobParts = {
    ...{ registry, resources: store, code, run: 2, clock: systemClock, log: silentLog, shared: true },
    queueFormat: () => newQueue.format(),
    turn: (one) => one(),
    rest: pause,
  };
  const jobs = new UpgradeJobs(parts);
  opened.push(jobs);
  const comesTo = async (...states: UpgradeJob['state'][]): Promise<UpgradeJob> => {
    for (;;) {
      await jobs.step();
      const { job } = await jobs.state();
      if (job !== undefined && states.includes(job.state)) return job;
      await pause();
    }
  };
  await jobs.begin();
  assert.deepEqual((await jobs.state()).editions, [0, searchEdition]);
  await registry.sayAlive({ ...alive, run: 2, role: 'transform', version: '0.2', edition: searchEdition });
  const newEngine = engineOver(store);
  await newQueue.consume((batch) => work(newEngine, batch), { batchSize: 5, concurrency: 2 });
  const versions = async (): Promise<Map<string, string>> =>
    new Map(
      (await allOf(store)).map(({ type, id, version, lastUpdated }) => [`${type}/${id}`, `${version} ${lastUpdated}`]),
    );
  const before = await versions();
  await jobs.start();
  await comesTo('waiting');
  const indexed = await versions();
  assert.deepEqual(indexed, before);
  assert.deepEqual(
    (await store.editions(north))?.documents.map(({ edition }) => edition),
    [searchEdition],
  );
  // both apply messages while a pass may be under way
  const [feeding] = [feed(newQueue, part(0.4, 0.8))];
  await jobs.step();
  await feeding;
  await comesTo('waiting');
  // the older one alone, behind the last pass
  await oldEngine({ sequences: part(0.8, 1).map(({ sequence }) => sequence) });
  const left = (await store.editions(north))?.documents.find(({ edition }) => edition === 0);
  assert.ok(left !== undefined && left.documents > 0, 'the older program wrote nothing');
  await oldQueue.close();
  await registry.sayGone(1);
  const { tenants } = await comesTo('done');
  assert.ok((tenants[0]?.done ?? 0) > left.documents);
  assert.deepEqual(
    (await store.editions(north))?.documents.map(({ edition }) => edition),
    [searchEdition],
  );
  assert.deepEqual((await jobs.state()).editions, [searchEdition]);

  // the newer one alone
  const fresh = storeOf(`${prefix}n`);
  const anew = engineOver(fresh);
  for (let at = 0; at < messages.length; at += 20) {
    await anew({ sequences: messages.slice(at, at + 20).map(({ sequence }) => sequence) });
  }
  const documents = await allOf(fresh);
  const named = (all: readonly ShownDocument[]) =>
    new Map(all.map(({ type, id, resource }) => [`${type}/${id}`, resource]));
  assert.deepEqual(named(await allOf(store)), named(documents));
  assert.deepEqual(await indexOf(records(prefix)), await indexOf(records(`${prefix}n`)));
  // of each type some
  const some = documents.filter((one, at) => documents.findIndex(({ type }) => type === one.type) > at - 2);
  const searches = searchesFor(some);
  const [actual, expected] = await Promise.all([store, fresh].map((one) => answersOf(one, searches.values())));
  for (const [at, search] of [...searches.keys()].entries()) assert.deepEqual(actual?.[at], expected?.[at], search);
  t.diagnostic(`${documents.length} documents, ${searches.size} searches`);
  assert.ok(searches.size > 100 && expected?.every((ids) => ids.length > 0));
});
