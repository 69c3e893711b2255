import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64url, createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { createClient } from '../../src/auth/clients.js';
import { activeKey, maintainSigningKeys, publicKeySet, rotateSigningKey } from '../../src/auth/signing-keys.js';
import { type Auth, north, openAuth, publicUrl } from './open-auth.js';

async function withToken(auth: Auth): Promise<() => Promise<string>> {
  const { secret } = await createClient(auth.registry, auth.clock, { id: 'app', name: 'App', tenants: [north] });
  await auth.copy.refresh();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'app',
    client_secret: secret,
    scope: north,
  }).toString();
  return async () => String((await auth.token(body)).body['access_token']);
}

test('malformed, foreign and expired tokens are refused', async (t) => {
  const auth = await openAuth(t);
  const token = await (await withToken(auth))();
  const [head = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; kid: string; typ: string };
  const key = await auth.endpoint.privateKey(activeKey(await auth.copy.current(), auth.clock.now()));
  const signed = (more: Record<string, unknown>, protect: Record<string, unknown> = {}) =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ ...header, ...protect }).sign(key);
  await auth.verifier.verify(`Bearer ${await signed({})}`);
  await auth.verifier.verify(`bearer ${token}`);
  const none = `${base64url.encode(JSON.stringify({ ...header, alg: 'none' }))}.${payload}.`;
  const bad = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic abc',
    `Bearer ${token} x`,
    `Bearer ${head}.${payload}`,
    `Bearer ${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    `Bearer ${none}`,
    `Bearer ${'a'.repeat(10_000)}`,
    `Bearer ${await signed({ tenant: '8a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d' })}`,
    `Bearer ${await signed({ scope: 'system/*.read' })}`,
    `Bearer ${await signed({ iss: 'https://else.example' })}`,
    `Bearer ${await signed({ aud: 'https://else.example' })}`,
    `Bearer ${await signed({ sub: 'who' })}`,
    `Bearer ${await signed({ gen: 7 })}`,
    `Bearer ${await signed({ sid: 'jwk' })}`,
    `Bearer ${await signed({ exp: undefined })}`,
    `Bearer ${await signed({}, { kid: 'x' })}`,
    `Bearer ${await signed({}, { typ: 'JWT' })}`,
  ];
  for (const authorization of bad) {
    await assert.rejects(auth.verifier.verify(authorization), { code: 'unauthorized' }, authorization);
  }
  await auth.verifier.verify(`Bearer ${token}`);
  auth.clock.time += 600_000;
  await assert.rejects(auth.verifier.verify(`Bearer ${token}`), { code: 'unauthorized' });
});

test('signing keys change without a restart and without refusing a token', async (t) => {
  const auth = await openAuth(t);
  const token = await withToken(auth);
  const settings = { publishLead: 60_000, rotateAfter: 86_400_000, overlap: 600_000 };
  const before = await token();
  const kid = await rotateSigningKey(auth.registry, auth.master, auth.clock, settings);
  const snapshot = await auth.copy.refresh();
  assert.equal(publicKeySet(snapshot, auth.clock.now()).keys.length, 2);
  assert.notEqual(activeKey(snapshot, auth.clock.now()).kid, kid, 'published before it signs');
  auth.clock.time += 60_000;
  const after = await token();
  const keySet = createLocalJWKSet({ keys: publicKeySet(await auth.copy.current(), auth.clock.now()).keys as never });
  const seen = await jwtVerify(after, keySet, { issuer: publicUrl, currentDate: new Date(auth.clock.now()) });
  assert.equal(seen.protectedHeader.kid, kid);
  await auth.verifier.verify(`Bearer ${before}`);
  await auth.verifier.verify(`Bearer ${after}`);

  auth.clock.time += 600_000;
  await maintainSigningKeys(auth.registry, auth.master, auth.clock, settings);
  assert.deepEqual(
    (await auth.registry.snapshot()).signingKeys.map((key) => key.kid),
    [kid],
  );
  auth.clock.time += 86_400_000;
  await maintainSigningKeys(auth.registry, auth.master, auth.clock, settings);
  assert.equal((await auth.registry.snapshot()).signingKeys.length, 2);
  const sealed = (await auth.registry.snapshot()).signingKeys.map((key) => key.sealedPrivateJwk).join();
  assert.doesNotMatch(sealed, /"d"/);
});
