/**
 * What the Patients app waits for: a token and its batch of seven about one patient, over HTTP, with reads in a thread of
 * their own and an audit that is durable before each answer; and names. In stores of two sizes, by turns, with clients in a
 * thread of their own and nothing taken in meanwhile. Stores are read through first, so that they are in memory. `metadata`,
 * which touches no store, is the reference for the machine.
 * Then searches that match all of a type, with their totals.
 * `node dist/bench/facade.js [--store files|mongodb] [--large] [--patients N] [--more N] [--seconds N] [--quick] [--json FILE]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openAttemptLimit } from '../src/auth/attempt-limit.js';
import { createClient } from '../src/auth/clients.js';
import { openRegistryCopy } from '../src/auth/registry-copy.js';
import { maintainSigningKeys, openPrivateKeys } from '../src/auth/signing-keys.js';
import { usualTokenLife } from '../src/auth/token-endpoint.js';
import { openTokenVerifier } from '../src/auth/verify-token.js';
import { systemClock } from '../src/core/clock.js';
import { silentLog } from '../src/core/log.js';
import { createMetrics } from '../src/core/metrics.js';
import { newKey } from '../src/core/seal.js';
import { openEmbeddedRegistry } from '../src/store/embedded/registry.js';
import { newTenantRecord } from '../src/store/tenant-record.js';
import { hasServer } from '../test/support/needs.js';
import type { Answered, Ask, Asking } from './support/app-client-thread.js';
import { median, openBench, quantile } from './support/figures.js';
import { familyName, idOf, namesakes, tenant as tenantId } from './support/hospital.js';
import { cacheFor, type OwnParts, type ServedHospital, serveHospital } from './support/served-hospital.js';

const bench = openBench(8, ['patients', 'more', 'store'], ['large']);
const store = bench.word('store', ['files', 'mongodb']);
const large = bench.is('large');
const sizes = [
  bench.number('patients', 10_000, large ? 10_000 : 1000),
  bench.number('more', large ? 1_000_000 : 100_000, large ? 1_000_000 : 10_000),
] as const;
if (store === 'mongodb') {
  if (!hasServer({ skip: (reason) => console.log(`not measured: ${reason}`) }, 'mongod')) {
    bench.finish();
    process.exit();
  }
  console.log(
    `cache of mongod: ${sizes.map((patients) => `${cacheFor(patients)} GB, ${patients} patients`).join('; ')}`,
  );
}
const rounds = 8;
const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
const clock = systemClock;
const master = newKey();
const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
const tenant = newTenantRecord(master, { name: 'bench', id: tenantId }, clock.now());
await registry.putTenant(tenant);
const { secret } = await createClient(registry, clock, { id: 'app', name: 'app', tenants: [tenant.id] });
await maintainSigningKeys(registry, master, clock);
const copy = openRegistryCopy(registry, clock);
await copy.refresh();
const publicUrl = 'http://127.0.0.1';

const parts: OwnParts = {
  publicUrl,
  verifier: openTokenVerifier(copy, clock, publicUrl),
  token: {
    registry,
    copy,
    clock,
    limit: openAttemptLimit(clock),
    privateKey: openPrivateKeys(master),
    publicUrl,
    tokenLife: usualTokenLife,
  },
  clock,
  log: silentLog,
  metrics: createMetrics(),
  master,
  software: { name: 'Wardline', version: 'bench' },
};

const clients = new Worker(new URL('./support/app-client-thread.js', import.meta.url));

function ask(asking: Asking): Promise<Answered> {
  return new Promise((resolve, reject) => {
    clients.once('error', reject);
    clients.once('message', (answered: Answered) => {
      clients.off('error', reject);
      resolve(answered);
    });
    clients.postMessage(asking);
  });
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const tokenAsk: Ask = {
  path: '/oauth2/token',
  method: 'POST',
  headers: form,
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'app',
    client_secret: secret,
    scope: tenant.id,
  }).toString(),
};
const served: ServedHospital[] = [];
for (const patients of sizes) served.push(await serveHospital(store, patients, folder, parts));
const answer = await fetch(`${publicUrl}:${served[0]?.port}${tokenAsk.path}`, {
  method: 'POST',
  headers: form,
  body: tokenAsk.body ?? '',
});
const { access_token: token } = (await answer.json()) as { access_token: string };
const authorization = `Bearer ${token}`;

function batchOf(patient: string): Ask {
  const urls = [
    `Patient/${patient}`,
    `Observation?patient=${patient}&category=vital-signs&_sort=-date`,
    `Condition?patient=${patient}&_count=10`,
    `Encounter?patient=${patient}&_sort:desc=date&_count=1`,
    `AllergyIntolerance?patient=${patient}`,
    `MedicationRequest?patient=${patient}&_count=10`,
    `Coverage?patient=${patient}`,
  ];
  const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
  return {
    ...{ path: '/fhir/stu3', method: 'POST', headers: { authorization, 'content-type': 'application/json' } },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
  };
}

function namesOf(part: string): Ask {
  return {
    ...{ path: '/fhir/stu3/Patient/_search', method: 'POST', headers: { authorization, ...form } },
    body: new URLSearchParams({ 'family:contains': part, _count: '20' }).toString(),
  };
}

/** Turns over many patients, in an order that does not follow the store's; each round begins with others. */
function turnsOf(patients: number, round: number, make: (patient: number) => readonly Ask[]): Ask[][] {
  return Array.from({ length: 1000 }, (_, turn) => [...make(((turn + round * 1009) * 7919) % patients)]);
}

/** What matches all of a type, or most of it. */
const wideSearches: readonly (readonly [name: string, search: string])[] = [
  ['all Observations', 'Observation?'],
  ['all Patients', 'Patient?'],
  ['Observations by status', 'Observation?status=final'],
  ['Observations by code', 'Observation?code=8867-4'],
  ['Observations by date', 'Observation?date=ge2000'],
  ['Observations by status, category and code', 'Observation?status=final&category=vital-signs&code=8867-4'],
  ['Observations by quantity', 'Observation?value-quantity=ge1'],
  ['Patients by name', 'Patient?given=given'],
];

function wideAsk(search: string): Ask {
  return { path: `/fhir/stu3/${search}&_count=20`, method: 'GET', headers: { authorization } };
}

/** What a search says of its total, in words. */
async function totalOf(port: number, search: string): Promise<string> {
  const { path, headers } = wideAsk(search);
  const answered = await fetch(`${publicUrl}:${port}${path}`, { headers });
  const { total, entry } = (await answered.json()) as { total?: number; entry?: { search?: { mode?: string } }[] };
  const told = entry?.some(({ search }) => search?.mode === 'outcome') === true;
  if (answered.status !== 200) return `refused with ${answered.status}`;
  return total === undefined ? 'left out' : `${total}${told ? ', estimated' : ''}`;
}

interface Case {
  readonly name: string;
  readonly turn: (patient: number) => readonly Ask[];
  /** The app waits for it: its 99th percentile is limited. */
  readonly waited?: true;
  /** It finds equally much in both stores. */
  readonly equal?: true;
  /** It matches all of a type: it is to answer within a second. */
  readonly wide?: true;
}

const surname = (patient: number): string => familyName(Math.floor(patient / namesakes)).toLowerCase();
const both = (patient: number): Ask[] => [tokenAsk, batchOf(idOf(1, patient))];
const cases: readonly Case[] = [
  { name: 'metadata', turn: () => [{ path: '/fhir/stu3/metadata', method: 'GET', headers: {} }] },
  { name: 'a token', turn: () => [tokenAsk] },
  { name: 'a token and the batch of seven', turn: both, waited: true, equal: true },
  { name: 'contains, eight letters', turn: (patient) => [namesOf(surname(patient))], waited: true, equal: true },
  { name: 'contains, three letters', turn: (patient) => [namesOf(surname(patient).slice(1, 4))] },
  { name: 'contains, one letter', turn: (patient) => [namesOf(surname(patient).slice(0, 1))] },
  ...wideSearches.map(([name, search]): Case => ({ name, wide: true, turn: () => [wideAsk(search)] })),
];

/** The same in both stores by turns, so that what else the machine does meets both; the first round warms up. */
async function measured(
  turn: Case['turn'],
  load: Pick<Asking, 'clients'>,
  rates?: readonly number[],
): Promise<Answered[]> {
  const took = served.map((): number[] => []);
  const perSecond = served.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, { port, patients }] of served.entries()) {
      const turns = turnsOf(patients, round, turn);
      const rate = rates?.[at];
      const slice = { port, turns, ...load, seconds: bench.seconds / rounds };
      const answered = await ask(rate === undefined ? slice : { ...slice, rate });
      if (round === 0) continue;
      took[at]?.push(...answered.took);
      perSecond[at]?.push(answered.perSecond);
    }
  }
  return took.map((all, at) => ({ took: all.sort((a, b) => a - b), perSecond: median(perSecond[at] ?? []) }));
}

function report({ name, waited, equal, wide }: Omit<Case, 'turn'>, [few, many]: readonly Answered[]): void {
  for (const share of [0.5, 0.99]) {
    const percentile = `p${share * 100}`;
    const [a, b] = [quantile(few?.took ?? [], share), quantile(many?.took ?? [], share)];
    const atMost = wide === true ? 1000 : waited === true && share === 0.99 ? 25 : undefined;
    const limit = atMost === undefined ? {} : { goal: { of: 'value', atMost } as const };
    bench.add({ name: `${name}, ${sizes[0]} patients, ${percentile}`, value: a, unit: 'ms', ...limit });
    bench.add({ name: `${name}, ${sizes[1]} patients, ${percentile}`, value: b, unit: 'ms', ...limit });
    if (equal !== true) continue;
    bench.add({
      ...{ name: `${name}, ${percentile} by size`, value: b, unit: 'ms' },
      reference: { name: `${sizes[0]} patients`, value: a },
      goal: { of: 'ratio', atMost: 1.5 },
    });
  }
}

for (const { port, patients } of served) {
  for (const [name, search] of wideSearches)
    console.log(`${patients} patients, ${name}: total ${await totalOf(port, search)}`);
}
for (const one of cases) report(one, await measured(one.turn, { clients: 1 }));
const full = await measured(both, { clients: 8 });
for (const [at, { perSecond }] of full.entries()) {
  bench.add({ name: `token and batch, eight clients, ${sizes[at]} patients`, value: perSecond, unit: '/s' });
}
report({ name: 'token and batch, eight clients', equal: true }, full);
const half = await measured(
  both,
  { clients: 8 },
  full.map(({ perSecond }) => perSecond / 2),
);
report({ name: 'token and batch, eight clients, half load', waited: true, equal: true }, half);

await clients.terminate();
for (const one of served) await one.close();
await copy.close();
await registry.close();
rmSync(folder, { recursive: true, force: true });
bench.finish();
