import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistryCopy } from '../../src/auth/registry-copy.js';
import type { RegistrySnapshot } from '../../src/store/registry-port.js';
import { HandClock, openAuth } from './open-auth.js';

const empty: RegistrySnapshot = { generation: 1, tenants: [], clients: [], signingKeys: [], mappingVersion: 0 };

/** A registry whose reads end when the test says so. */
function heldRegistry() {
  const waiting: ((fail?: Error) => void)[] = [];
  const answer = <T>(value: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push((fail) => (fail === undefined ? resolve(value()) : reject(fail)));
    });
  const state = { generation: 1 };
  return {
    state,
    waiting,
    snapshot: () => answer(() => ({ ...empty, generation: state.generation })),
    generation: () => answer(() => state.generation),
  };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a copy is believed for a second from the start of its read', async (t) => {
  const clock = new HandClock();
  const registry = heldRegistry();
  const copy = openRegistryCopy(registry, clock, { interval: 1_000_000 });
  t.after(() => copy.close());
  const first = copy.current();
  clock.time += 900;
  registry.waiting.shift()?.();
  assert.equal((await first).generation, 1);
  await copy.current();
  registry.state.generation = 2;
  clock.time += 100;
  const second = copy.current();
  assert.equal(registry.waiting.length, 1, 'a slow read counts from its start');
  registry.waiting.shift()?.();
  await settled();
  registry.waiting.shift()?.();
  assert.equal((await second).generation, 2);
});

test('a read that began too early is not taken for a fresh one', async (t) => {
  const clock = new HandClock();
  const registry = heldRegistry();
  const copy = openRegistryCopy(registry, clock, { interval: 1_000_000 });
  t.after(() => copy.close());
  const first = copy.current();
  clock.time += 1500;
  const second = copy.current();
  registry.waiting.shift()?.();
  await first;
  await settled();
  assert.equal(registry.waiting.length, 1);
  registry.waiting.shift()?.();
  await second;
});

test('without an answer in time, or with a broken registry, nothing is authorized', async (t) => {
  const registry = heldRegistry();
  const copy = openRegistryCopy(registry, new HandClock(), { interval: 1_000_000, patience: 5 });
  t.after(() => copy.close());
  await assert.rejects(copy.current(), { code: 'stale-registry' });
  const next = copy.current();
  registry.waiting.shift()?.(new Error('down'));
  await assert.rejects(next, { code: 'stale-registry' });
});

test('a refresh shows what was just written', async (t) => {
  const { copy, registry } = await openAuth(t);
  const before = (await copy.current()).tenants;
  await registry.putTenant({ ...(before[0] ?? assert.fail()), name: 'Renamed' });
  assert.equal((await copy.refresh()).tenants[0]?.name, 'Renamed');
});
