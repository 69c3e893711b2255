import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import {
  addSecret,
  createClient,
  deleteClient,
  revokeSecret,
  revokeTokens,
  rotateSecret,
  setClientEnabled,
  setGrants,
} from '../../src/auth/clients.js';
import { openRegistryCopy } from '../../src/auth/registry-copy.js';
import { openTokenVerifier } from '../../src/auth/verify-token.js';
import { type Auth, north, openAuth, publicUrl, south } from './open-auth.js';

async function tokenOf(auth: Auth, id: string, secret: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
    scope: north,
  });
  const answer = await auth.token(body.toString());
  assert.equal(answer.status, 200);
  return `Bearer ${answer.body['access_token']}`;
}

test('revoking ends tokens already issued, within a second, at another process too', async (t) => {
  const auth = await openAuth(t);
  const copy = openRegistryCopy(auth.registry, auth.clock);
  t.after(() => copy.close());
  const elsewhere = openTokenVerifier(copy, auth.clock, publicUrl);
  const ways: [string, (client: string, secretId: string) => Promise<unknown>][] = [
    ['the secret revoked', (id, secret) => revokeSecret(auth.registry, auth.clock, id, secret)],
    ['rotated without overlap', (id) => rotateSecret(auth.registry, auth.clock, id, 0)],
    ['the client disabled', (id) => setClientEnabled(auth.registry, auth.clock, id, false)],
    ['the client deleted', (id) => deleteClient(auth.registry, id)],
    ['all its tokens revoked', (id) => revokeTokens(auth.registry, id)],
    ['the tenant taken away', (id) => setGrants(auth.registry, id, { tenants: [south] })],
  ];
  for (const [number, [name, revoke]] of ways.entries()) {
    const id = `client-${number}`;
    const made = await createClient(auth.registry, auth.clock, { id, name, tenants: [north] });
    await auth.copy.refresh();
    const token = await tokenOf(auth, id, made.secret);
    await copy.refresh();
    await elsewhere.verify(token);
    await revoke(id, made.secretId);
    auth.clock.time += 1000;
    await assert.rejects(elsewhere.verify(token), { code: 'unauthorized' }, name);
    await assert.rejects(auth.verifier.verify(token), { code: 'unauthorized' }, name);
  }
});

test('secrets overlap, expire, and a disabled client does not bring its tokens back', async (t) => {
  const auth = await openAuth(t);
  const first = await createClient(auth.registry, auth.clock, { id: 'app', name: 'App', tenants: [north] });
  const second = await addSecret(auth.registry, auth.clock, 'app');
  await auth.copy.refresh();
  await tokenOf(auth, 'app', first.secret);
  await tokenOf(auth, 'app', second.secret);

  const third = await rotateSecret(auth.registry, auth.clock, 'app', 60_000);
  await auth.copy.refresh();
  const old = await tokenOf(auth, 'app', first.secret);
  const token = await tokenOf(auth, 'app', third.secret);
  assert.equal(decodeJwt(old.slice('Bearer '.length)).exp, auth.clock.time / 1000 + 60, 'no token outlives its secret');
  auth.clock.time += 60_000;
  await assert.rejects(auth.verifier.verify(old), { code: 'unauthorized' });
  await auth.verifier.verify(token);

  await setClientEnabled(auth.registry, auth.clock, 'app', false);
  await setClientEnabled(auth.registry, auth.clock, 'app', true);
  await auth.copy.refresh();
  await assert.rejects(auth.verifier.verify(token), { code: 'unauthorized' });
  await auth.verifier.verify(await tokenOf(auth, 'app', third.secret));
});

test('a secret ends by itself at its expiry, and its tokens with it', async (t) => {
  const auth = await openAuth(t);
  const end = auth.clock.time + 30_000;
  const wish = { id: 'app', name: 'App', tenants: [north] };
  const { secret } = await createClient(auth.registry, auth.clock, wish, end);
  await auth.copy.refresh();
  const token = await tokenOf(auth, 'app', secret);
  auth.clock.time = end - 1;
  await auth.verifier.verify(token);
  auth.clock.time = end;
  await assert.rejects(auth.verifier.verify(token), { code: 'unauthorized' });
  const fields = { grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: north };
  assert.equal((await auth.token(new URLSearchParams(fields).toString())).status, 401);
});

test('scopes taken from a client are taken from its tokens', async (t) => {
  const auth = await openAuth(t);
  const { secret } = await createClient(auth.registry, auth.clock, { id: 'app', name: 'App', tenants: [north] });
  await auth.copy.refresh();
  const token = await tokenOf(auth, 'app', secret);
  await setGrants(auth.registry, 'app', { scopes: ['system/Patient.read'] });
  await auth.copy.refresh();
  assert.deepEqual((await auth.verifier.verify(token)).scopes, ['system/Patient.read']);
});

test('clients: unknown tenants, ids in use, unknown ones', async (t) => {
  const { registry, clock } = await openAuth(t);
  await createClient(registry, clock, { id: 'app', name: 'App', tenants: [north.toUpperCase()] });
  const wrong = { name: 'x', tenants: [north] };
  await assert.rejects(createClient(registry, clock, { ...wrong, id: 'app' }), { code: 'conflict' });
  await assert.rejects(createClient(registry, clock, { ...wrong, id: 'a b' }), { code: 'invalid-request' });
  await assert.rejects(createClient(registry, clock, { ...wrong, tenants: ['x'] }), { code: 'invalid-request' });
  await assert.rejects(revokeSecret(registry, clock, 'app', 'x'), { code: 'not-found' });
  await assert.rejects(deleteClient(registry, 'who'), { code: 'not-found' });
});
