import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createClient, setClientEnabled } from '../../src/auth/clients.js';
import { answerAuthorizeRequest } from '../../src/auth/token-endpoint.js';
import { north, openAuth, publicUrl, south } from './open-auth.js';

function form(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}

test('every accepted form of a token request gets a token', async (t) => {
  const auth = await openAuth(t);
  const { secret } = await createClient(auth.registry, auth.clock, { id: 'app', name: 'App', tenants: [north] });
  await auth.copy.refresh();
  const credentials = { client_id: 'app', client_secret: secret };
  const grant = { grant_type: 'client_credentials', ...credentials, scope: north };
  const hyphen = { 'grant-type': 'client_credentials', ...credentials, scope: north };
  const basic = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`;
  const cases: [string, string, Parameters<typeof auth.token>[1]?][] = [
    ['form', form(grant)],
    ['form with a hyphen', form(hyphen)],
    ['JSON', JSON.stringify(grant), { contentType: 'application/json; charset=utf-8' }],
    ['JSON with a hyphen', JSON.stringify(hyphen), { contentType: 'application/json' }],
    ['JSON that says it is a form', JSON.stringify(grant), { contentType: 'application/x-www-form-urlencoded' }],
    ['JSON of no named type', JSON.stringify(grant), { contentType: 'text/plain' }],
    ['Basic', form({ grant_type: 'client_credentials', scope: north }), { authorization: basic }],
    [
      'Basic and the same client_id',
      form({ 'grant-type': 'client_credentials', client_id: 'app', scope: north }),
      { authorization: basic },
    ],
    ['scope in upper case', form({ ...grant, scope: north.toUpperCase() })],
  ];
  for (const [name, body, more] of cases) {
    const answer = await auth.token(body, more);
    assert.equal(answer.status, 200, name);
    assert.equal(answer.headers['Cache-Control'], 'no-store');
    assert.equal(answer.body['token_type'], 'Bearer');
    assert.equal(answer.body['expires_in'], 600);
    const token = String(answer.body['access_token']);
    const claims = decodeJwt(token);
    assert.equal(claims['scope'], `${north} system/*.read`, name);
    assert.equal(claims.iss, publicUrl);
    assert.equal(decodeProtectedHeader(token).alg, 'ES256');
    assert.deepEqual(await auth.verifier.verify(`Bearer ${token}`), {
      client: 'app',
      tenant: north,
      scopes: ['system/*.read'],
    });
  }
});

test('what a scope asks for and gets', async (t) => {
  const auth = await openAuth(t);
  const one = await createClient(auth.registry, auth.clock, { id: 'one', name: 'One', tenants: [north] });
  const two = await createClient(auth.registry, auth.clock, {
    id: 'two',
    name: 'Two',
    tenants: [north, south],
    scopes: ['system/Patient.read', 'system/Observation.rs', 'hl7:send'],
  });
  await auth.copy.refresh();
  const secrets: Record<string, string> = { one: one.secret, two: two.secret };
  const cases: [client: string, scope: string, granted: string | null][] = [
    ['one', north, `${north} system/*.read`],
    ['one', `${north} ${north}`, `${north} system/*.read`],
    ['one', '', null],
    ['one', south, null],
    ['one', `${north} ${south}`, null],
    ['one', '00000000-0000-4000-8000-000000000000', null],
    ['one', 'system/*.read', `${north} system/*.read`],
    ['one', 'system/*.rs', `${north} system/*.rs`],
    ['one', 'system/Patient.read', `${north} system/Patient.read`],
    ['one', 'system/Patient.read system/Observation.s', `${north} system/Patient.read system/Observation.s`],
    ['one', `system/*.* ${north}`, `${north} system/*.read`],
    ['one', 'system/Patient.cruds', `${north} system/Patient.rs`],
    ['one', 'system/*.write', null],
    ['one', 'system/Patient.cud', null],
    ['one', 'system/Patient.rs?name=x', null],
    ['one', 'hl7:send', null],
    ['one', 'openid', null],
    ['one', 'system/Patient.read openid', `${north} system/Patient.read`],
    ['two', 'system/Patient.read', null],
    ['two', south, `${south} system/Patient.read system/Observation.read`],
    ['two', `${south} system/*.r`, `${south} system/Patient.r system/Observation.r`],
    ['two', `${south} hl7:send`, `${south} hl7:send`],
    ['two', `${south} system/Condition.read`, null],
  ];
  for (const [client, scope, granted] of cases) {
    const answer = await auth.token(
      form({ grant_type: 'client_credentials', client_id: client, client_secret: secrets[client] ?? '', scope }),
    );
    if (granted === null) {
      assert.deepEqual([answer.status, answer.body['error']], [400, 'invalid_scope'], `${client}: ${scope}`);
    } else {
      assert.equal(answer.body['scope'], granted, `${client}: ${scope}`);
    }
  }
});

test('refused requests say why in the words of RFC 6749', async (t) => {
  const auth = await openAuth(t);
  const { secret } = await createClient(auth.registry, auth.clock, { id: 'app', name: 'App', tenants: [north] });
  const off = await createClient(auth.registry, auth.clock, { id: 'off', name: 'Off', tenants: [north] });
  await setClientEnabled(auth.registry, auth.clock, 'off', false);
  await auth.copy.refresh();
  const good = { grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: north };
  const cases: [string, string, number, string][] = [
    ['no grant type', form({ ...good, grant_type: '' }), 400, 'invalid_request'],
    ['another grant', form({ ...good, grant_type: 'password' }), 400, 'unsupported_grant_type'],
    ['a parameter twice', `${form(good)}&scope=${south}`, 400, 'invalid_request'],
    ['two ways', form({ ...good, client_assertion: 'x' }), 400, 'invalid_request'],
    ['no secret', form({ ...good, client_secret: '' }), 401, 'invalid_client'],
    ['a wrong secret', form({ ...good, client_secret: `${secret}x` }), 401, 'invalid_client'],
    ['an unknown client', form({ ...good, client_id: 'nobody' }), 401, 'invalid_client'],
    ['a disabled client', form({ ...good, client_id: 'off', client_secret: off.secret }), 401, 'invalid_client'],
    ['broken JSON', '{"grant_type"', 400, 'invalid_request'],
  ];
  for (const [name, body, status, error] of cases) {
    const answer = await auth.token(body, name === 'broken JSON' ? { contentType: 'application/json' } : {});
    assert.deepEqual([answer.status, answer.body['error']], [status, error], name);
    assert.equal(answer.headers['Cache-Control'], 'no-store');
  }
  const basic = await auth.token(form({ grant_type: 'client_credentials', scope: north }), {
    authorization: `Basic ${Buffer.from('app:no').toString('base64')}`,
  });
  assert.match(basic.headers['WWW-Authenticate'] ?? '', /^Basic /);
  assert.equal(answerAuthorizeRequest().body['error'], 'unsupported_response_type');
});

test('failed attempts are limited by client and address, good ones never', async (t) => {
  const auth = await openAuth(t);
  const { secret } = await createClient(auth.registry, auth.clock, { id: 'app', name: 'App', tenants: [north] });
  await auth.copy.refresh();
  const ask = (client_secret: string, address?: string) =>
    auth.token(
      form({ grant_type: 'client_credentials', client_id: 'app', client_secret, scope: north }),
      address === undefined ? {} : { address },
    );
  for (let i = 0; i < 10; i++) assert.equal((await ask('wrong')).status, 401);
  const limited = await ask('wrong');
  assert.equal(limited.status, 429);
  assert.equal(limited.headers['Retry-After'], '60');
  assert.equal((await ask(secret)).status, 200);
  assert.equal((await ask('wrong', '192.0.2.2')).status, 401);
  auth.clock.time += 60_000;
  assert.equal((await ask('wrong')).status, 401);
  for (let i = 0; i < 500; i++) assert.equal((await ask(secret)).status, 200);
});
