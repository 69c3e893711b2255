import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRebuildPlan } from '../../src/app/rebuild-plan.js';
import { fault } from '../../src/core/errors.js';
import { silentLog } from '../../src/core/log.js';
import type { ReplayJob, ReplayRequest } from '../../src/engine/replay-job.js';
import { newTally } from '../../src/engine/replay-parts.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { newTenantRecord } from '../../src/store/tenant-record.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const tenants = ['11111111-2222-4333-8444-555555555555', '22222222-2222-4333-8444-555555555555'];

/** Replays that end when they are told to; a new one stands for the thread of the next run. */
class Replays {
  readonly jobs: { readonly tenant: string; state: ReplayJob['state'] }[] = [];
  busy = false;

  async refresh(): Promise<void> {}

  async startReplay(request: ReplayRequest): Promise<ReplayJob> {
    if (this.busy || this.jobs.some(({ state }) => state === 'running')) throw fault('conflict', 'another one runs');
    this.jobs.push({ tenant: request.kind === 'tenant' ? request.tenant : '', state: 'running' });
    return this.replay(String(this.jobs.length - 1));
  }

  async replay(id: string): Promise<ReplayJob> {
    const { state } = this.jobs[Number(id)] ?? {};
    if (state === undefined) throw fault('not-found', 'no such replay');
    return { id, state, dry: false, startedAt: 0, endedAt: undefined, error: undefined, tally: newTally() };
  }

  end(state: ReplayJob['state']): void {
    for (const job of this.jobs) if (job.state === 'running') job.state = state;
  }
}

test('tenants are rebuilt one after the other, also by the next run, and again after a failure', async (t) => {
  const registry = openEmbeddedRegistry(join(temporaryFolder(t), 'registry.db'));
  t.after(() => registry.close());
  for (const id of tenants) await registry.putTenant(newTenantRecord(new Uint8Array(32), { id, name: id }, 1));
  let now = 0;
  const open = (transform: Replays) =>
    openRebuildPlan({
      registry,
      transform: () => transform,
      clock: { now: () => now, monotonic: () => now },
      log: silentLog,
    });

  const first = new Replays();
  const plan = open(first);
  await plan.step();
  assert.equal(first.jobs.length, 0, 'nothing is planned');
  await plan.note();
  first.busy = true;
  await plan.step();
  first.busy = false;
  for (let again = 0; again < 3; again++) await plan.step();
  assert.equal(first.jobs.length, 1, 'one at a time');
  first.end('done');
  await plan.step();
  await plan.step();
  assert.deepEqual(first.jobs.map(({ tenant }) => tenant).sort(), tenants);

  const second = new Replays();
  const next = open(second);
  await next.step();
  assert.deepEqual(
    second.jobs,
    [{ tenant: first.jobs[1]?.tenant, state: 'running' }],
    'what was under way is run again',
  );
  second.end('failed');
  await next.step();
  await next.step();
  assert.equal(second.jobs.length, 1, 'not at once');
  now += 60_000;
  await next.step();
  assert.equal(second.jobs.length, 2);
  second.end('done');
  for (let again = 0; again < 3; again++) await next.step();
  assert.equal(second.jobs.length, 2, 'the plan is empty');
  const third = new Replays();
  await open(third).step();
  assert.equal(third.jobs.length, 0);
});
