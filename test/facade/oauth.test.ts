import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createClient } from '../../src/auth/clients.js';
import { north, publicUrl } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

test('token over HTTP in every form, and what it opens', async (t) => {
  const facade = await openFacade(t);
  const { registry, clock, copy } = facade.auth;
  const { secret } = await createClient(registry, clock, { id: 'app', name: 'App', tenants: [north] });
  await copy.refresh();
  const fields = { grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: north };
  const { grant_type, ...rest } = fields;
  const basic = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`;
  const requests: [Record<string, string>, string][] = [
    [{ 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(fields).toString()],
    [{ 'content-type': 'application/json' }, JSON.stringify(fields)],
    [{ 'content-type': 'application/json' }, JSON.stringify({ 'grant-type': grant_type, ...rest })],
    [
      { 'content-type': 'application/x-www-form-urlencoded', authorization: basic },
      `grant_type=client_credentials&scope=${north}`,
    ],
  ];
  const keys = await facade.request('GET', '/oauth2/jwks');
  for (const [headers, body] of requests) {
    const answer = await facade.request('POST', '/oauth2/token', headers, body);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual([answer.body.token_type, typeof answer.body.expires_in], ['Bearer', 'number']);
    const { payload } = await jwtVerify(answer.body.access_token, createLocalJWKSet(keys.body), {
      issuer: publicUrl,
      currentDate: new Date(clock.now()),
    });
    assert.ok(String(payload['scope']).split(' ').includes(north));
    const authorization = `Bearer ${answer.body.access_token}`;
    assert.equal((await facade.get('STU3', `/Patient/${ids.anna}`, { authorization })).status, 200);
  }
  const events = (await facade.audited()).filter(({ action }) => action === 'token');
  assert.deepEqual([events.length, events[0]?.client, events[0]?.tenant], [4, 'app', north]);
  const wrong = await facade.request('POST', '/oauth2/token', {}, '{"grant_type":"client_credentials"}');
  assert.deepEqual([wrong.status, wrong.body.error], [401, 'invalid_client']);
});

test('authorize refuses; discovery stands beside every base and at the root', async (t) => {
  const facade = await openFacade(t);
  const got = await facade.request('GET', '/oauth2/token?client_secret=x');
  assert.deepEqual([got.status, got.headers['allow'], got.body.error], [405, 'POST', 'invalid_request']);
  const authorize = await facade.request('GET', '/oauth2/authorize?response_type=code&client_id=x');
  assert.deepEqual([authorize.status, authorize.body.error], [400, 'unsupported_response_type']);
  for (const prefix of ['', '/fhir/r4', '/fhir/stu3', '/fhir/dstu2']) {
    const { status, body } = await facade.request('GET', `${prefix}/.well-known/smart-configuration`);
    assert.equal(status, 200);
    assert.equal(body.token_endpoint, `${publicUrl}/oauth2/token`);
    assert.equal(body.jwks_uri, `${publicUrl}/oauth2/jwks`);
    assert.ok(body.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
    assert.ok(body.grant_types_supported.includes('client_credentials'));
    assert.deepEqual(body.scopes_supported, ['system/*.read', 'system/*.rs', 'hl7:send']);
    for (const algorithm of ['RS384', 'ES384']) {
      assert.ok(body.token_endpoint_auth_signing_alg_values_supported.includes(algorithm), 'SMART asks for both');
    }
  }
});
