/** A client as SMART Backend Services has it: discovery, a signed assertion, its keys where it publishes them; then a rotation. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { runProgram, startProgram } from '../cli/run-program.js';
import { certificate, certificatePath } from '../support/certificates.js';
import { north, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly key: Parameters<SignJWT['sign']>[0];
  readonly jwk: JWK;
}

async function signer(alg: string, kid: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

test('a backend service proves itself by keys that it publishes', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const signers = await Promise.all(['RS384', 'ES384'].map((alg, at) => signer(alg, `k${at}`)));
  let published = signers.map(({ jwk }) => jwk);
  let asked = 0;
  const keyServer = createServer(
    { key: certificate('server-key.pem'), cert: certificate('server.pem') },
    (request, response) => {
      if (request.url !== '/jwks.json') {
        response.writeHead(500).end();
        return;
      }
      asked++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    },
  );
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  t.after(() => keyServer.close());
  const jwksUri = `https://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks.json`;
  const own = await signer('ES256', 'own');
  const jwksFile = join(folder, 'own.json');
  writeFileSync(jwksFile, JSON.stringify({ keys: [own.jwk] }));
  const client = { tenants: [north], scopes: ['system/Patient.rs', 'system/Observation.rs'] };
  const { file } = writeConfiguration(
    folder,
    {},
    {
      clients: [
        { id: 'registry', ...client, jwksUri },
        { id: 'filed', ...client, jwksFile },
        { id: 'lost', ...client, jwksUri: jwksUri.replace('jwks.json', 'lost') },
        { id: 'away', ...client, jwksUri: 'https://127.0.0.1:1/jwks.json' },
      ],
    },
  );
  const program = startProgram(t, ['start', '--config', file], { NODE_EXTRA_CA_CERTS: certificatePath('ca.pem') });
  const { url = '' } = /FHIR (?<url>\S+)\/fhir/.exec(await program.printed(/\n$/))?.groups ?? {};

  const discovery = await fetch(`${url}/fhir/r4/.well-known/smart-configuration`);
  const found = (await discovery.json()) as Record<string, string & string[]>;
  assert.ok(found['capabilities']?.includes('client-confidential-asymmetric'));
  assert.ok(found['token_endpoint_auth_methods_supported']?.includes('private_key_jwt'));
  const endpoint = String(found['token_endpoint']);
  let number = 0;
  const ask = async (id: string, { alg, kid, key }: Signer, scope: string): Promise<Response> => {
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(endpoint)
      .setJti(`assertion-${++number}`)
      .setExpirationTime('4m')
      .sign(key);
    return fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    });
  };
  const keys = createRemoteJWKSet(new URL(String(found['jwks_uri'])));
  for (const [id, by] of [...signers.map((one) => ['registry', one] as const), ['filed', own] as const]) {
    const answer = await ask(id, by, 'system/Patient.rs system/Observation.rs system/Condition.rs');
    const body = (await answer.json()) as Record<string, string>;
    assert.equal(answer.status, 200, JSON.stringify(body));
    assert.equal(body['scope'], `${north} system/Patient.rs system/Observation.rs`);
    const { payload } = await jwtVerify(String(body['access_token']), keys, { issuer: String(found['issuer']) });
    assert.deepEqual([payload.sub, payload['scope']], [id, body['scope']]);
    const get = (path: string) =>
      fetch(`${url}/fhir/r4/${path}`, { headers: { authorization: `Bearer ${body['access_token']}` } });
    assert.deepEqual([(await get('Patient')).status, (await get('Condition')).status], [200, 403]);
  }
  assert.equal(asked, 1, 'keys are kept for a while, and read once for several assertions');

  // keys that cannot be read say nothing of the assertion
  for (const id of ['lost', 'away']) {
    const answer = await ask(id, own, 'system/Patient.rs');
    const { error } = (await answer.json()) as { error: string };
    assert.deepEqual([id, answer.status, error], [id, 503, 'temporarily_unavailable']);
  }

  // a key that was never published, and one of another client
  for (const by of [await signer('ES384', 'k1'), own]) {
    const refused = await ask('registry', by, 'system/Patient.rs');
    assert.deepEqual([refused.status, ((await refused.json()) as { error: string }).error], [401, 'invalid_client']);
  }

  // a client changes its keys: a command makes the new set known at once, and ends the tokens of the old one
  const data = join(folder, 'data');
  const visitor = ['visitor', '--tenant', north, '--scope', client.scopes.join(' '), '--jwks-uri', jwksUri];
  const made = await runProgram(['client', 'create', 'Visitor', '--id', ...visitor, '--data', data]);
  assert.equal(made.code, 0, made.stderr);
  const first = await ask('visitor', signers[0] ?? own, 'system/Patient.rs');
  const before = (await first.json()) as Record<string, string>;
  const fresh = await signer('ES384', 'k2');
  published = [fresh.jwk];
  const publicFile = join(folder, 'fresh.json');
  writeFileSync(publicFile, JSON.stringify({ keys: published }));
  const setKeys = (id: string) => runProgram(['client', 'keys', id, '--jwks', publicFile, '--data', data]);
  const stated = await setKeys('registry');
  assert.deepEqual([stated.code, /named by the configuration file/.test(stated.stderr)], [1, true]);
  const set = await setKeys('visitor');
  assert.equal(set.code, 0, set.stderr);
  const reads = async (token: string | undefined): Promise<number> =>
    (await fetch(`${url}/fhir/r4/Patient`, { headers: { authorization: `Bearer ${token}` } })).status;
  const changed = performance.now();
  for (;;) {
    const asked = performance.now();
    if ((await reads(before['access_token'])) === 401) break;
    assert.ok(asked - changed < 1000, 'tokens of the old keys end within a second');
  }
  assert.equal((await ask('visitor', signers[0] ?? own, 'system/Patient.rs')).status, 401);
  assert.equal((await ask('visitor', fresh, 'system/Patient.rs')).status, 200);
  assert.equal(await program.stop(), 0);
  assert.doesNotMatch(program.stderr(), /assertion-\d|eyJ/, 'no assertion stands in the log');
  assert.ok(!readFileSync(join(data, 'registry.db')).includes(Buffer.from('"d":')));
});
