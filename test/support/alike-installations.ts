/** An embedded installation and one in MongoDB that it was moved to: their stores answer alike, port by port. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { archiveKeys } from '../../src/app/archive-keys.js';
import { deriveKey } from '../../src/core/seal.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import type { AuditPort } from '../../src/store/audit-port.js';
import { openArchiveLedger } from '../../src/store/embedded/archive-ledger.js';
import { openEmbeddedAudit } from '../../src/store/embedded/audit.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { openMongoLedger } from '../../src/store/mongodb/archive.js';
import { openMongoAudit } from '../../src/store/mongodb/audit.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../../src/store/mongodb/registry.js';
import { openMongoResources } from '../../src/store/mongodb/resources.js';
import type { RegistryPort } from '../../src/store/registry-port.js';
import type { ResourcePort, ResourceVersion, StoredDocument } from '../../src/store/resource-port.js';
import type { TestScope } from './needs.js';
import { temporaryFolder } from './temporary-folder.js';

/** What is asked one by one is asked of one in so many. */
const some = 13;

interface Stores {
  readonly registry: RegistryPort;
  readonly resources: ResourcePort;
  readonly archive: Omit<ArchivePort, 'append' | 'prune' | 'recount' | 'trim' | 'freeBytes'>;
  readonly audit: AuditPort;
}

/** Looks at all that is in both. Both park what was forgotten when they are asked what is unsettled, so that no comparison follows. */
export async function assertAlike(
  t: Pick<TestScope, 'after'>,
  { folder, url, prefix }: { readonly folder: string; readonly url: string; readonly prefix: string },
): Promise<void> {
  const copy = join(temporaryFolder(t), 'data');
  cpSync(folder, copy, { recursive: true });
  const client = connectMongo(url);
  try {
    await compareAll(copy, client, prefix);
  } finally {
    await client.close();
  }
}

async function compareAll(copy: string, client: MongoClient, prefix: string): Promise<void> {
  const old = openEmbeddedRegistry(join(copy, 'registry.db'));
  const master = await openMasterKey(old, { folder: copy });
  const snapshot = await old.snapshot();
  const keys = archiveKeys(master);
  keys.update(snapshot);
  const run = await old.openRun(0);
  const db = client.db(prefix);
  const both: readonly [Stores, Stores] = [
    {
      registry: old,
      resources: openEmbeddedResources(join(copy, 'tenants')),
      archive: openArchiveLedger(join(copy, 'archive'), { run, keyOf: keys.keyOf }),
      audit: openEmbeddedAudit(join(copy, 'audit.db'), { run, key: deriveKey(master, 'audit') }),
    },
    {
      registry: await openMongoRegistry(db),
      resources: openMongoResources({ clientOf: () => client, prefix }),
      archive: await openMongoLedger(db, keys.keyOf),
      audit: await openMongoAudit(db, { run, key: deriveKey(master, 'audit') }),
    },
  ];
  assert.equal(await both[1].registry.openRun(0), run, 'runs go on where they were');
  for (const { id } of snapshot.tenants) {
    const count = await sameResources(both, id);
    assert.ok(count > 0, `no documents of ${id}`);
  }
  await sameRegistry(both);
  await sameAudit(both);
  await sameArchive(both, [null, ...snapshot.tenants.map(({ id }) => id)]);
  for (const { registry, resources, archive, audit } of both) {
    await resources.close();
    await archive.close();
    await audit.close();
    await registry.close();
  }
}

async function same<T>(both: readonly [Stores, Stores], ask: (stores: Stores) => Promise<T>, what: string): Promise<T> {
  const [before, after] = [await ask(both[0]), await ask(both[1])];
  assert.deepEqual(after, before, what);
  return before;
}

async function sameResources(both: readonly [Stores, Stores], tenant: string): Promise<number> {
  const documents = await same(both, ({ resources }) => allDocuments(resources, tenant), 'documents');
  const versions = await same(both, ({ resources }) => allVersions(resources, tenant), 'versions');
  for (const { type, id, version } of versions.filter((_, at) => at % some === 0))
    await same(both, ({ resources }) => resources.version(tenant, type, id, version), `${type}/${id}/${version}`);
  for (const { type, id, patient, keyRest } of documents.filter((_, at) => at % some === 0)) {
    await same(both, ({ resources }) => resources.history(tenant, { type, id }, { count: 3 }).then(untilNext), id);
    if (patient !== '') {
      await same(both, ({ resources }) => resources.readByPatient(tenant, type, patient), id);
      await same(both, ({ resources }) => resources.readByKeyRest(tenant, type, [patient], [keyRest]), id);
    }
  }
  return documents.length;
}

/** Places in a history are each store's own. */
function untilNext({ versions, total }: Awaited<ReturnType<ResourcePort['history']>>) {
  return { versions, total };
}

async function allDocuments(resources: ResourcePort, tenant: string): Promise<StoredDocument[]> {
  const all: StoredDocument[] = [];
  for (;;) {
    const page = await resources.readAll(tenant, all.at(-1), 300);
    all.push(...page);
    if (page.length < 300) return all;
  }
}

/** By name: of a millisecond each store has an order of its own. */
async function allVersions(resources: ResourcePort, tenant: string): Promise<ResourceVersion[]> {
  const all: ResourceVersion[] = [];
  let after: string | undefined;
  do {
    const page = await resources.history(tenant, {}, { count: 200, ...(after === undefined ? {} : { after }) });
    all.push(...page.versions);
    after = page.next;
  } while (after !== undefined);
  const name = ({ type, id, version }: ResourceVersion) => `${type}/${id}/${String(version).padStart(9, '0')}`;
  return all.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

async function sameRegistry(both: readonly [Stores, Stores]): Promise<void> {
  const { mappingVersion } = await same(both, ({ registry }) => registry.snapshot(), 'registry');
  assert.ok(mappingVersion > 0);
  await same(both, ({ registry }) => registry.mappings(100), 'mappings');
  await same(both, ({ registry }) => registry.mapping(mappingVersion), 'live mapping');
  assert.ok(await same(both, ({ registry }) => registry.setting('a setting'), 'setting'));
  assert.ok(!(await same(both, ({ registry }) => registry.useOnce('a-used-id', Date.now() + 1e6), 'used id')));
}

async function sameAudit(both: readonly [Stores, Stores]): Promise<void> {
  assert.deepEqual(await same(both, ({ audit }) => audit.verify(), 'chains'), []);
  const records = await same(both, ({ audit }) => audit.list({ limit: 10_000 }), 'audit');
  const patient = records.flatMap(({ patients }) => patients)[0];
  assert.ok(patient !== undefined, 'nobody was shown');
  await same(both, ({ audit }) => audit.list({ patient, limit: 100 }), 'audit of a patient');
}

async function sameArchive(both: readonly [Stores, Stores], tenants: readonly (string | null)[]): Promise<void> {
  assert.equal((await same(both, ({ archive }) => archive.unsettled(100), 'unsettled')).length, 1);
  const states = ['applied', 'filtered', 'unmapped', 'parked', 'unsettled', 'truncated', 'rejected'] as const;
  const counts = await same(both, ({ archive }) => archive.counts(), 'counts');
  for (const state of states) {
    assert.ok(counts[state] > 0, `no ${state} message`);
    await same(both, ({ archive }) => archive.list({ states: [state], limit: 5000 }), state);
  }
  for (const tenant of tenants) {
    await same(both, ({ archive }) => archive.bytes(tenant), 'bytes');
    if (tenant !== null) await same(both, ({ archive }) => archive.counts(tenant), 'counts of a tenant');
  }
  const listed = await same(both, ({ archive }) => archive.list({ limit: 10_000 }), 'messages');
  const key = listed.flatMap(({ outcome }) => outcome?.keys ?? []).find((one) => one.length > 1);
  assert.ok(key !== undefined);
  await same(both, ({ archive }) => archive.list({ key, limit: 100 }), 'messages of a patient');
  for (let at = 0; at < listed.length; at += 200) {
    const asked = listed.slice(at, at + 200).map(({ row }) => row.sequence);
    await same(both, ({ archive }) => archive.read(asked).then((rows) => rows.map(plainBytes)), 'payloads');
  }
}

function plainBytes<T extends { readonly payload: Uint8Array }>({ payload, ...row }: T) {
  return { ...row, payload: Buffer.from(payload).toString('base64') };
}
