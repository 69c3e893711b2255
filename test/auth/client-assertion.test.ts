import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { assertionType } from '../../src/auth/client-assertion.js';
import { createClient, createKeyClient, setClientKeys } from '../../src/auth/clients.js';
import type { JsonObject } from '../../src/core/json.js';
import { north, openAuth, publicUrl } from './open-auth.js';

test('private_key_jwt: RFC 7523 as SMART Backend Services asks', async (t) => {
  const auth = await openAuth(t);
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const other = await generateKeyPair('ES384');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES384' } as JsonObject] };
  await createKeyClient(auth.registry, auth.clock, { id: 'smart', name: 'S', tenants: [north] }, jwks);
  await createClient(auth.registry, auth.clock, { id: 'plain', name: 'P', tenants: [north] });
  await auth.copy.refresh();
  const seconds = Math.floor(auth.clock.time / 1000);
  let number = 0;
  const ask = async (claims: Record<string, unknown> = {}, key = privateKey, type = assertionType) => {
    const payload = {
      iss: 'smart',
      sub: 'smart',
      aud: `${publicUrl}/oauth2/token`,
      exp: seconds + 300,
      jti: `id-${number++}`,
      ...claims,
    };
    const assertion = await new SignJWT(JSON.parse(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'ES384', kid: 'k1' })
      .sign(key);
    return auth.token(
      new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/Patient.read',
        client_assertion_type: type,
        client_assertion: assertion,
      }).toString(),
      { address: `192.0.2.${number}` },
    );
  };
  const good = await ask({ jti: 'once' });
  assert.equal(good.status, 200);
  const token = `Bearer ${good.body['access_token']}`;
  assert.equal((await auth.verifier.verify(token)).client, 'smart');
  const refused: [string, Promise<{ status: number }>][] = [
    ['replayed', ask({ jti: 'once' })],
    ['another audience', ask({ aud: 'https://elsewhere.example/token' })],
    ['lives too long', ask({ exp: seconds + 400 })],
    ['ended', ask({ exp: seconds - 60 })],
    ['without exp', ask({ exp: undefined })],
    ['without jti', ask({ jti: undefined })],
    ['issuer and subject differ', ask({ iss: 'plain' })],
    ['a client without keys', ask({ iss: 'plain', sub: 'plain' })],
    ['an unknown client', ask({ iss: 'who', sub: 'who' })],
    ['another key', ask({}, other.privateKey)],
    ['another type', ask({}, privateKey, 'jwt')],
  ];
  for (const [name, answer] of refused) assert.equal((await answer).status, 401, name);

  await setClientKeys(auth.registry, 'smart', jwks);
  await auth.copy.refresh();
  await assert.rejects(auth.verifier.verify(token), { code: 'unauthorized' });
});
