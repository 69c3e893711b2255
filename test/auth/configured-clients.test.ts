import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSecret, putConfiguredClient, revokeSecret } from '../../src/auth/clients.js';
import { north, openAuth } from './open-auth.js';

test('a configured client is put once, follows its file, and keeps secrets made at run time', async (t) => {
  const auth = await openAuth(t);
  const { registry, clock } = auth;
  const stated = { id: 'app', name: 'App', tenants: [north], scopes: ['system/*.read'] };
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
