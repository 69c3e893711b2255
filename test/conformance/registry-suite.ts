import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type {
  ClientRecord,
  ProcessRecord,
  RegistryPort,
  SigningKeyRecord,
  TenantRecord,
} from '../../src/store/registry-port.js';

export interface RegistryUnderTest {
  readonly port: RegistryPort;
  /** A second connection to the same registry, as another process would have. */
  readonly other: () => Promise<RegistryPort>;
  readonly end: () => Promise<void>;
}

const tenant: TenantRecord = {
  id: '3f0c1f5a-0000-4000-8000-000000000001',
  name: 'North',
  createdAt: 1000,
  kind: 'own',
  settings: { zone: 'Europe/Berlin', authorities: [{ id: 'NORTH' }] },
  sealedIdKey: 'a',
  sealedDataKey: 'b',
  partitions: 32,
  fromConfiguration: false,
};
const client: ClientRecord = {
  id: 'app',
  name: 'App',
  createdAt: 1,
  tenants: [tenant.id],
  scopes: ['system/*.read'],
  secrets: [{ id: 's1', hash: 'h', createdAt: 1, expiresAt: null, revokedAt: null }],
  jwks: null,
  generation: 0,
  disabledAt: null,
};
const signingKey: SigningKeyRecord = {
  kid: 'k1',
  algorithm: 'ES256',
  publicJwk: { kty: 'EC' },
  sealedPrivateJwk: 'sealed',
  createdAt: 1,
  activeFrom: 2,
  retiredAt: null,
};

const process: ProcessRecord = {
  run: 3,
  role: 'intake',
  host: 'north-1',
  pid: 17,
  version: '0.1.0',
  startedAt: 5,
  ready: true,
  listeners: [{ name: 'adt', host: '0.0.0.0', port: 2575, connections: 2 }],
  figures: { settled: { $applied: 1, 'a.b': 2 } },
};

/** What every registry must do. */
export function registrySuite(name: string, make: () => Promise<RegistryUnderTest>): void {
  describe(`registry: ${name}`, () => {
    const open: RegistryUnderTest[] = [];
    const fresh = async (): Promise<RegistryUnderTest> => {
      const made = await make();
      open.push(made);
      return made;
    };
    after(async () => {
      for (const made of open) await made.end();
    });

    test('starts empty', async () => {
      const { port } = await fresh();
      assert.deepEqual(await port.snapshot(), {
        generation: 0,
        tenants: [],
        clients: [],
        signingKeys: [],
        mappingVersion: 0,
      });
    });

    test('gives back what was put, to another process at once', async () => {
      const { port, other } = await fresh();
      const second = await other();
      await port.putTenant(tenant);
      assert.equal(await port.putClient(null, client), true);
      await port.putSigningKey(signingKey);
      const seen = await second.snapshot();
      assert.deepEqual(seen.tenants, [tenant]);
      assert.deepEqual(seen.clients, [client]);
      assert.deepEqual(seen.signingKeys, [signingKey]);
      assert.equal(seen.generation, await second.generation());
      await second.close();
    });

    test('the generation grows with every change and with nothing else', async () => {
      const { port } = await fresh();
      const seen: number[] = [await port.generation()];
      const changes = [
        () => port.putTenant(tenant),
        () => port.putTenant({ ...tenant, name: 'North and South' }),
        () => port.putClient(null, client),
        () => port.putSigningKey(signingKey),
        () => port.deleteSigningKey('k1'),
        () => port.publishMapping('hash', { 'a.yaml': 'x' }, 5),
        () => port.deleteClient('app'),
      ];
      for (const change of changes) {
        await change();
        seen.push(await port.generation());
      }
      assert.equal(new Set(seen).size, changes.length + 1);
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b),
      );
      await port.snapshot();
      assert.equal(await port.deleteClient('app'), false);
      assert.equal(await port.putClient(client, client), false);
      assert.equal(await port.publishMapping('hash', { 'a.yaml': 'x' }, 9), 1);
      assert.equal(await port.generation(), seen.at(-1));
    });

    test('a client is written only over what the writer has seen', async () => {
      const { port } = await fresh();
      assert.equal(await port.putClient(null, client), true);
      assert.equal(await port.putClient(null, client), false);
      const renamed = { ...client, name: 'Renamed' };
      assert.equal(await port.putClient(client, renamed), true);
      assert.equal(await port.putClient(client, { ...client, generation: 1 }), false);
      assert.deepEqual((await port.snapshot()).clients, [renamed]);
    });

    test('what a tenant is made of stays', async () => {
      const { port } = await fresh();
      await port.putTenant(tenant);
      await assert.rejects(port.putTenant({ ...tenant, partitions: 64 }), { code: 'conflict' });
      assert.deepEqual((await port.snapshot()).tenants, [tenant]);
    });

    test('mapping sets are numbered from 1, the live one keeps its number, an earlier one gets a new one', async () => {
      const { port } = await fresh();
      assert.equal(await port.publishMapping('h1', { 'b.yaml': '2', 'a.yaml': '1' }, 10), 1);
      assert.equal(await port.publishMapping('h2', { 'a.yaml': '3' }, 20), 2);
      assert.equal(await port.publishMapping('h2', { 'a.yaml': '3' }, 25), 2);
      assert.equal(await port.publishMapping('h1', { 'a.yaml': '1', 'b.yaml': '2' }, 30), 3);
      assert.equal(await port.publishMapping('h1', { 'a.yaml': '1', 'b.yaml': '2' }, 35), 3);
      assert.deepEqual(await port.mapping(1), {
        number: 1,
        hash: 'h1',
        publishedAt: 10,
        files: { 'a.yaml': '1', 'b.yaml': '2' },
      });
      assert.deepEqual((await port.mapping(3))?.files, { 'a.yaml': '1', 'b.yaml': '2' });
      assert.equal(await port.mapping(4), undefined);
      assert.equal((await port.snapshot()).mappingVersion, 3);
      const newest = [
        { number: 3, hash: 'h1', publishedAt: 30 },
        { number: 2, hash: 'h2', publishedAt: 20 },
      ];
      assert.deepEqual(await port.mappings(2), newest);
    });

    test('runs are numbered upwards over all processes', async () => {
      const { port, other } = await fresh();
      const second = await other();
      assert.deepEqual([await port.openRun(1), await second.openRun(2), await port.openRun(3)], [1, 2, 3]);
      await second.close();
    });

    test('settings are kept', async () => {
      const { port } = await fresh();
      assert.equal(await port.setting('demo'), undefined);
      await port.putSetting('demo', 'x');
      await port.putSetting('demo', 'y');
      assert.equal(await port.setting('demo'), 'y');
    });

    test('an id is used once until it expires, over all processes', async () => {
      const { port, other } = await fresh();
      const second = await other();
      const later = Date.now() + 60_000;
      assert.equal(await port.useOnce('jti', later), true);
      assert.equal(await second.useOnce('jti', later), false);
      assert.equal(await port.useOnce('old', Date.now() - 1000), true);
      assert.equal(await port.useOnce('old', later), true);
      await second.close();
    });

    test('what one process does at a time stays with whoever has it', async () => {
      const { port } = await fresh();
      assert.equal(await port.lease('sweep', 'a', 60_000), true);
      assert.equal(await port.lease('sweep', 'a', 60_000), true);
      assert.equal(await port.lease('prune', 'b', 60_000), true);
      assert.equal(await port.lease('sweep', 'a', 0), true);
      assert.equal(await port.lease('sweep', 'b', 60_000), true);
    });

    test('processes say that they live, until they end', async () => {
      const { port } = await fresh();
      assert.deepEqual(await port.processes(), []);
      await port.sayAlive({ ...process, ready: false });
      await port.sayAlive(process);
      const [{ silentFor, ...said } = { silentFor: Number.NaN }] = await port.processes();
      assert.deepEqual(said, process);
      assert.ok(silentFor >= 0 && silentFor < 600_000, String(silentFor));
      await port.sayGone(process.run);
      assert.deepEqual(await port.processes(), []);
    });
  });
}
