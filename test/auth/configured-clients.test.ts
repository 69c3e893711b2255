import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addSecret,
  deleteClient,
  putConfiguredClient,
  releaseUnconfigured,
  revokeSecret,
  revokeTokens,
  rotateSecret,
  setClientEnabled,
  setClientKeys,
  setGrants,
} from '../../src/auth/clients.js';
import { north, openAuth } from './open-auth.js';

const stated = { id: 'app', name: 'App', tenants: [north], scopes: ['system/*.read'] };

test('a configured client is put once, follows its file, and keeps secrets made at run time', async (t) => {
  const auth = await openAuth(t);
  const { registry, clock } = auth;
  const status = async (secret: string): Promise<number> => {
    await auth.copy.refresh();
    const fields = { grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: north };
    return (await auth.token(new URLSearchParams(fields).toString())).status;
  };
  const [first, second] = ['first'.padEnd(40, '-'), 'second'.padEnd(40, '-')];
  await putConfiguredClient(registry, clock, { ...stated, secret: first });
  assert.equal(await status(first), 200);
  const generation = await registry.generation();
  await putConfiguredClient(registry, clock, { ...stated, secret: first });
  assert.equal(await registry.generation(), generation, 'nothing changed, nothing written');
  const { secret: added } = await addSecret(registry, clock, 'app');
  await putConfiguredClient(registry, clock, { ...stated, secret: second });
  assert.deepEqual([await status(first), await status(second), await status(added)], [401, 200, 200]);
  await putConfiguredClient(registry, clock, stated);
  assert.deepEqual([await status(second), await status(added)], [401, 200]);
  await putConfiguredClient(registry, clock, { ...stated, secret: second });
  assert.equal(await status(second), 200, 'the file names it again');
  const secrets = (await registry.snapshot()).clients.find(({ id }) => id === 'app')?.secrets ?? [];
  await revokeSecret(registry, clock, 'app', secrets.findLast(({ revokedAt }) => revokedAt === null)?.id ?? '');
  assert.equal(await status(second), 401);
  await putConfiguredClient(registry, clock, { ...stated, secret: second });
  assert.deepEqual([await status(second), await status(added)], [401, 200], 'a restart does not bring it back');
  const unknown = putConfiguredClient(registry, clock, { ...stated, tenants: ['x'] });
  await assert.rejects(unknown, { code: 'invalid-request' });
});

test('what the file states of a client is read-only; shutting it out is not, and lasts', async (t) => {
  const { registry, clock } = await openAuth(t);
  const secret = 'stated'.padEnd(40, '-');
  const put = () => putConfiguredClient(registry, clock, { ...stated, secret });
  const now = async () => (await registry.snapshot()).clients.find(({ id }) => id === 'app');
  await put();
  const before = await now();
  for (const refused of [
    () => deleteClient(registry, 'app'),
    () => setGrants(registry, 'app', { scopes: ['system/Patient.rs'] }),
    () => setClientKeys(registry, 'app', null),
  ]) {
    await assert.rejects(refused, { code: 'conflict', message: /app is named by the configuration file/ });
  }
  assert.deepEqual(await now(), before);
  await revokeTokens(registry, 'app');
  await setClientEnabled(registry, clock, 'app', false);
  await put();
  assert.notEqual((await now())?.disabledAt, null);
});

test('no rotation makes the secret of the file come back with the next start', async (t) => {
  const { registry, clock } = await openAuth(t);
  const secret = 'stated'.padEnd(40, '-');
  const put = () => putConfiguredClient(registry, clock, { ...stated, secret });
  await put();
  for (let turn = 0; turn < 3; turn++) {
    await rotateSecret(registry, clock, 'app', 0);
    await put();
    const [client] = (await registry.snapshot()).clients.filter(({ id }) => id === 'app');
    const live = client?.secrets.filter(({ revokedAt }) => revokedAt === null) ?? [];
    assert.deepEqual([client?.secrets.length, live.length], [2 + Math.min(turn, 1), 1], `rotation ${turn + 1}`);
  }
});

test('a client that the file names no more stays, and may be changed and deleted again', async (t) => {
  const { registry, clock } = await openAuth(t);
  await putConfiguredClient(registry, clock, stated);
  await releaseUnconfigured(registry, new Set(['app']));
  await assert.rejects(deleteClient(registry, 'app'), { code: 'conflict' });
  await releaseUnconfigured(registry, new Set());
  const narrowed = await setGrants(registry, 'app', { scopes: ['system/Patient.rs'] });
  assert.deepEqual(narrowed.tenants, [north]);
  await deleteClient(registry, 'app');
  await assert.rejects(deleteClient(registry, 'app'), { code: 'not-found' });
});
