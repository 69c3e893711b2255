import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type UpgradeJobParts, UpgradeJobs } from '../../src/app/upgrade-jobs.js';
import { upgradeState } from '../../src/app/upgrade-notes.js';
import { fault } from '../../src/core/errors.js';
import { silentLog } from '../../src/core/log.js';
import { isUpgradeDue, type UpgradeJob } from '../../src/engine/upgrade-job.js';
import type { SearchValue } from '../../src/fhir/search-values.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import type { ProcessRecord } from '../../src/store/registry-port.js';
import type { ShownDocument } from '../../src/store/resource-port.js';
import { north, south } from '../conformance/archive-suite.js';
import { stored, writeOf } from '../conformance/resource-suite.js';
import { pause } from '../support/pause.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const coded = (code: string): SearchValue => ({ parameter: 'code', versions: 7, kind: 'token', system: null, code });

const process: ProcessRecord = {
  ...{ run: 77, role: 'transform', host: 'a', pid: 5, version: '0.1', startedAt: 0, ready: true },
  ...{ listeners: [], figures: {} },
};

async function open(t: TestContext) {
  const folder = temporaryFolder(t);
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  const resources = openEmbeddedResources(join(folder, 'tenants'));
  const others: (ProcessRecord & { silentFor: number })[] = [];
  const clock = { at: 1000 };
  const all: UpgradeJobs[] = [];
  t.after(async () => {
    for (const jobs of all) await jobs.close();
    await resources.close();
    await registry.close();
  });
  for (const id of [north, south]) {
    await registry.putTenant({
      ...{ id, name: id, createdAt: 1, kind: 'own', settings: {}, sealedIdKey: '', sealedDataKey: '', partitions: 1 },
      fromConfiguration: false,
    });
  }
  /** Documents as a program of this edition writes them. */
  const write = async (tenant: string, count: number, edition: number, type = 'Observation'): Promise<void> => {
    const documents = Array.from({ length: count }, (_, at) => stored({ type, id: `d${at}` }));
    await resources.write(
      tenant,
      documents.map((document) => writeOf(document, { values: [coded(`by ${edition}`)], edition })),
    );
  };
  const programOf = (edition: number, over: Partial<UpgradeJobParts> = {}): UpgradeJobs => {
    const jobs = new UpgradeJobs({
      registry: {
        setting: (name) => registry.setting(name),
        putSetting: (name, value) => registry.putSetting(name, value),
        lease: (...args) => registry.lease(...args),
        snapshot: () => registry.snapshot(),
        processes: async () => others,
      },
      ...{ resources, run: all.length + 1, log: silentLog, shared: false },
      clock: { now: () => clock.at, monotonic: () => clock.at },
      code: { edition, indexOf: () => ({ values: [coded(`by ${edition}`)], sortDate: null }) },
      queueFormat: async () => undefined,
      turn: (work) => work(),
      rest: async () => undefined,
      ...over,
    });
    all.push(jobs);
    return jobs;
  };
  const editions = async (tenant: string): Promise<Record<string, number>> =>
    Object.fromEntries(
      ((await resources.editions(tenant))?.documents ?? []).map(({ edition, documents }) => [edition, documents]),
    );
  return { registry, resources, others, clock, write, programOf, editions };
}

/** The job when it has come to one of these states; steps are made as a process makes them. */
async function comesTo(jobs: UpgradeJobs, ...states: UpgradeJob['state'][]): Promise<UpgradeJob> {
  for (;;) {
    await jobs.step();
    const { job } = await jobs.state();
    if (job !== undefined && states.includes(job.state)) return job;
    await pause();
  }
}

const sums = ({ tenants }: UpgradeJob) => ({
  documents: tenants.reduce((sum, { documents }) => sum + documents, 0),
  done: tenants.reduce((sum, { done }) => sum + done, 0),
  refused: tenants.reduce((sum, { refused }) => sum + refused, 0),
});

test('all documents of all tenants are indexed again, and what a message writes meanwhile stays', async (t) => {
  const { resources, write, programOf, editions } = await open(t);
  await write(north, 130, 1);
  await write(south, 20, 1);
  await write(south, 5, 2, 'Condition');
  let turns = 0;
  const jobs = programOf(2, {
    async turn(work) {
      turns++;
      const result = await work();
      if (turns !== 1) return result;
      const live = { ...stored({ type: 'Observation', id: 'd120' }), revision: 2, version: 2, hash: 'h2' };
      assert.deepEqual(await resources.write(north, [writeOf(live, { values: [coded('live')], edition: 2 })]), [true]);
      return result;
    },
  });
  await jobs.begin();
  assert.ok(isUpgradeDue(await jobs.state()));
  const plan = await jobs.plan();
  assert.deepEqual(
    plan.tenants.map(({ id, documents }) => [id, documents]),
    [
      [north, [{ edition: 1, documents: 130 }]],
      [
        south,
        [
          { edition: 1, documents: 20 },
          { edition: 2, documents: 5 },
        ],
      ],
    ],
  );
  await jobs.start();
  const job = await comesTo(jobs, 'done');
  assert.deepEqual(sums(job), { documents: 149, done: 149, refused: 0 });
  assert.deepEqual([await editions(north), await editions(south)], [{ 2: 130 }, { 2: 25 }]);
  const { documents } = await resources.search(
    north,
    {
      ...{ type: 'Observation', version: 'R4', sort: [], count: 10 },
      where: [{ parameter: 'code', kind: 'token', negate: false, anyOf: [{ kind: 'token', code: 'live' }] }],
    },
    { budget: 60_000, total: false },
  );
  assert.deepEqual(
    documents.map(({ id, version }) => [id, version]),
    [['d120', 2]],
  );
  assert.ok(!isUpgradeDue(await jobs.state()));
});

test('another process goes on where one left, and a stopped one goes on when it is started again', async (t) => {
  const { resources, write, programOf, editions } = await open(t);
  await write(north, 400, 1);
  const written: string[] = [];
  const counting = Object.assign(
    { ...resources },
    {
      reindex: (tenant: string, documents: Parameters<typeof resources.reindex>[1]) => {
        written.push(...documents.map(({ id }) => id));
        return resources.reindex(tenant, documents);
      },
    },
  );
  let rested = 0;
  let atRest: () => Promise<void> = async () => undefined;
  const parts: Partial<UpgradeJobParts> = {
    resources: counting,
    rest: async () => {
      rested++;
      await atRest();
    },
  };
  const first = programOf(2, parts);
  await first.begin();
  let left: Promise<void> | undefined;
  atRest = async () => {
    if (rested === 2) left = first.close();
  };
  await first.start();
  while (left === undefined) await pause();
  await left;
  assert.equal((await first.state()).job?.state, 'running');
  assert.equal(written.length, 100);

  const second = programOf(2, parts);
  await second.begin();
  let stopping: Promise<UpgradeJob> | undefined;
  atRest = async () => {
    if (rested === 4) stopping = second.stop();
    // the wish is read by the next step
    if (rested >= 4) await pause();
  };
  await second.step();
  while (stopping === undefined) await pause();
  assert.equal((await stopping).state, 'stopped');
  atRest = async () => undefined;
  const before = written.length;
  assert.ok(before < 400, `${before}`);
  await second.step();
  assert.equal(written.length, before);
  await second.start();
  const job = await comesTo(second, 'done');
  assert.deepEqual(sums(job), { documents: 400, done: 400, refused: 0 });
  assert.equal(written.length, 400);
  assert.deepEqual(await editions(north), { 2: 400 });
});

test('it ends when no process of another edition runs any more, with what that has written meanwhile', async (t) => {
  const { others, write, programOf, editions } = await open(t);
  await write(north, 10, 1);
  others.push({ ...process, edition: 1, silentFor: 100 });
  const facade = { ...process, role: 'facade', silentFor: 0 };
  others.push(facade, { ...process, run: 78, silentFor: 120_000 });
  const jobs = programOf(2);
  await jobs.begin();
  await jobs.start();
  const waits = await comesTo(jobs, 'waiting');
  assert.deepEqual(waits.waitsFor, ['the transform process 5 on a runs version 0.1']);
  assert.deepEqual(await editions(north), { 2: 10 });
  await write(north, 7, 1, 'Condition');
  await write(south, 3, 1);
  others.splice(0, 1);
  const job = await comesTo(jobs, 'done');
  assert.deepEqual(sums(job), { documents: 20, done: 20, refused: 0 });
  assert.deepEqual([await editions(north), await editions(south)], [{ 2: 17 }, { 2: 3 }]);
});

test('what older processes write after the end is found, unless it is what nothing can be made of', async (t) => {
  const { clock, write, programOf, editions } = await open(t);
  await write(north, 3, 1);
  await write(north, 2, 1, 'Condition');
  const indexOf = ({ type }: ShownDocument) => {
    if (type === 'Condition') throw fault('document-unreadable', 'not by this program');
    return { values: [coded('by 2')], sortDate: null };
  };
  const jobs = programOf(2, { shared: true, code: { edition: 2, indexOf } });
  await jobs.begin();
  await jobs.start();
  const first = await comesTo(jobs, 'done');
  assert.deepEqual(sums(first), { documents: 5, done: 3, refused: 2 });
  for (let minutes = 0; minutes < 3; minutes++) {
    clock.at += 61_000;
    await jobs.step();
  }
  assert.equal((await jobs.state()).job?.id, first.id);
  await write(north, 4, 1, 'Procedure');
  clock.at += 61_000;
  await jobs.step();
  const second = await comesTo(jobs, 'done');
  assert.notEqual(second.id, first.id);
  assert.deepEqual(await editions(north), { 1: 2, 2: 7 });
});

test('an upgrade to another edition is no business of a process, but it can be stopped there', async (t) => {
  const { write, programOf, editions } = await open(t);
  await write(north, 3, 1);
  const [older, newer] = [programOf(1), programOf(2)];
  await older.begin();
  await newer.begin();
  assert.deepEqual((await older.state()).editions, [0, 1, 2]);
  await older.start();
  await comesTo(older, 'done');
  assert.deepEqual((await older.state()).editions, [1]);
  await newer.begin();
  assert.ok(isUpgradeDue(await older.state()));
  // going back begins in the same way, with documents of the newer edition
  await newer.start();
  await comesTo(newer, 'done');
  await older.begin();
  const gone = programOf(3);
  await gone.begin();
  await gone.start();
  await gone.close();
  await older.step();
  assert.deepEqual(await editions(north), { 2: 3 });
  await assert.rejects(older.start(), { code: 'conflict' });
  assert.equal((await older.stop()).state, 'stopped');
  await older.start();
  await comesTo(older, 'done');
  assert.deepEqual(await editions(north), { 1: 3 });
});

test('a tenant that cannot be reached is waited for, and others are done; what is wrong with the program ends it', async (t) => {
  const { resources, registry, write, programOf, editions } = await open(t);
  await write(north, 3, 1);
  await write(south, 3, 1);
  let away = true;
  const reached = Object.assign(
    { ...resources },
    {
      otherEditions: async (...args: Parameters<typeof resources.otherEditions>) => {
        if (away && args[0] === north) throw fault('store-unavailable', 'the database is away');
        return resources.otherEditions(...args);
      },
    },
  );
  const jobs = programOf(2, { resources: reached });
  await jobs.begin();
  await jobs.start();
  const waits = await comesTo(jobs, 'waiting');
  assert.deepEqual(waits.waitsFor, [`tenant ${north}: the database is away`]);
  assert.deepEqual([await editions(north), await editions(south)], [{ 1: 3 }, { 2: 3 }]);
  away = false;
  await comesTo(jobs, 'done');
  assert.deepEqual(await editions(north), { 2: 3 });

  const broken = programOf(3, {
    turn: async () => {
      throw fault('internal', 'a fault of ours');
    },
  });
  await broken.begin();
  await broken.start();
  const failed = await comesTo(broken, 'failed');
  assert.equal(failed.error, 'internal: a fault of ours');
  assert.ok(isUpgradeDue(await upgradeState(registry, 3)));
});

test('an installation without documents has nothing to upgrade', async (t) => {
  const { programOf } = await open(t);
  const jobs = programOf(2);
  await jobs.begin();
  assert.deepEqual(await jobs.state(), { edition: 2, editions: [2], job: undefined });
  await assert.rejects(jobs.stop(), { code: 'not-found' });
  const gone = await jobs.start();
  assert.equal(gone.edition, 2);
  assert.deepEqual(sums(await comesTo(jobs, 'done')), { documents: 0, done: 0, refused: 0 });
});
