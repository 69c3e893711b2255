/**
 * Replays over MongoDB while several transform threads, as in processes of their own, apply what comes in: what is rebuilt is what a fresh rebuild
 * of the archive is, so that a second one, when nothing comes in any more, finds nothing to do.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../../src/store/mongodb/registry.js';
import type { RegistryPort } from '../../src/store/registry-port.js';
import { hospitalHistory } from '../support/hospital-history.js';
import { mongoFor } from '../support/mongodb-server.js';
import { pause } from '../support/pause.js';
import { Random } from '../support/random.js';
import { redisFor } from '../support/redis-server.js';
import { type RunningWardline, runWardline } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Job {
  readonly id: string;
  readonly state: string;
  readonly error?: string;
  readonly messages: { readonly read: number };
  readonly documents: Readonly<Record<'created' | 'changed' | 'removed' | 'restamped', number>>;
}

// the servers end after the systems that the tests stop
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

const gender = '  - { id: PID-8, from: PID-8, to: gender, table: HL70001.administrative-gender }\n';
const patientRules = 'mappings/segments/pid.patient.yaml';

/** Makes the shipped mapping files live, with or without the gender of patients, and waits for nobody to know it. */
async function publish(registry: RegistryPort, withGender: boolean): Promise<void> {
  const files = (await registry.mapping(1))?.files ?? {};
  const shipped = files[patientRules] ?? '';
  assert.ok(shipped.includes(gender));
  const rules = withGender ? shipped : shipped.replace(gender, '');
  await registry.publishMapping(randomBytes(8).toString('hex'), { ...files, [patientRules]: rules }, Date.now());
}

async function ended(system: RunningWardline, id: string): Promise<Job> {
  for (;;) {
    const job = await system.admin.call<Job>('GET', `/replays/${id}`);
    if (job.state !== 'running') return job;
    await pause();
  }
}

async function twoSystems(t: TestContext) {
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [mongodb, redis] = [await mongoFor(scope), await redisFor(scope)];
  if (mongodb === undefined || redis === undefined) return undefined;
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const file = join(temporaryFolder(t), 'master.key');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  const client = connectMongo(mongodb.url);
  ends.unshift(async () => {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
    await client.close();
  });
  const shared = { masterKey: { file }, mongodb: { url: mongodb.url, prefix }, redis: { url: redis.url, prefix } };
  const one = await runWardline(t, {}, shared);
  const other = await runWardline(t, {}, shared);
  return { one, other, registry: await openMongoRegistry(client.db(prefix)) };
}

test('a replay and live batches of two processes end as a fresh rebuild does', { timeout: 600_000 }, async (t) => {
  const systems = await twoSystems(t);
  if (systems === undefined) return;
  const { one, other, registry } = systems;
  const history = hospitalHistory(new Random(91), 'NORTH', 60).map(({ text }) => text);
  const send = async (system: RunningWardline, count: number): Promise<void> => {
    for (const text of history.splice(0, count)) assert.match(await system.north.send(text), /MSA\|[AC]A/);
  };
  await Promise.all([send(one, 10), send(other, 10)]);
  await one.settled();
  const all = { tenant: one.north.tenant, all: true };
  for (const round of [0, 1]) {
    const [replaying, beside] = round === 0 ? [one, other] : [other, one];
    await publish(registry, round === 1);
    const live = Promise.all([send(one, 10), send(other, 10)]);
    const { id } = await replaying.admin.call<Job>('POST', '/replays', all);
    // refused while the first one runs; on a quick machine that may be over by then
    const second = await beside.admin.call<Job>('POST', '/replays', all).catch((error: Error) => error.message);
    if (typeof second === 'string') assert.match(second, /runs; wait for it/);
    else assert.equal((await ended(beside, second.id)).state, 'done');
    const seen = await beside.admin.call<{ replays: Job[] }>('GET', '/replays');
    assert.ok(
      seen.replays.some((one) => one.id === id),
      'the other process shows it',
    );
    const job = await ended(beside, id);
    assert.equal(job.state, 'done', job.error);
    await live;
    await one.settled();
    const { differences } = await beside.admin.call<{ differences: unknown[] }>('GET', `/replays/${id}/differences`);
    assert.ok(differences.length > 0, 'it was changed by the rule, and the other process shows how');
    const again = await ended(beside, (await beside.admin.call<Job>('POST', '/replays', all)).id);
    const { created, changed, removed, restamped } = again.documents;
    assert.deepEqual(
      { state: again.state, created, changed, removed, restamped },
      { state: 'done', created: 0, changed: 0, removed: 0, restamped: 0 },
      `round ${round}: the second rebuild finds nothing to do`,
    );
    t.diagnostic(`round ${round}: ${job.messages.read} messages rebuilt, ${again.messages.read} when all had come in`);
  }
  const stopped = await one.admin.call<Job>('POST', '/replays', all);
  assert.match((await other.admin.call<Job>('POST', `/replays/${stopped.id}/stop`)).state, /stopped|done/);
});
