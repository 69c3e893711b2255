import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { startAdminServer } from '../../src/admin/admin-server.js';
import { putConfiguredClient } from '../../src/auth/clients.js';
import { systemClock } from '../../src/core/clock.js';
import { sequenceName } from '../../src/core/stamp.js';
import { entry, outcome } from '../conformance/archive-suite.js';
import { north, type OpenAdmin, openAdmin } from './open-admin.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that the assertions look into
  readonly body: any;
}

async function open(t: TestContext) {
  const admin = await openAdmin(t);
  const { url, token } = JSON.parse(readFileSync(admin.accessFile, 'utf8')) as { url: string; token: string };
  const call = async (method: string, path: string, body?: unknown, bearer = token): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type') ?? '';
    const text = await response.text();
    return { status: response.status, type, body: type.includes('json') ? JSON.parse(text) : text };
  };
  return { admin, call };
}

const subjects = ({ audited }: OpenAdmin) => audited.map(({ subject, outcome: how }) => `${subject} ${how}`);

describe('admin API', () => {
  it('lays its way in into the data folder with mode 0600, and takes it away at the end', async (t) => {
    const { admin } = await open(t);
    assert.equal(statSync(admin.accessFile).mode & 0o777, 0o600);
    await admin.server.stop();
    assert.equal(existsSync(admin.accessFile), false);
  });

  it('wants the token, and audits who came without', async (t) => {
    const { admin, call } = await open(t);
    for (const bearer of ['', 'wrong', 'x'.repeat(43)]) {
      const { status, type, body } = await call('GET', '/admin/v1/tenants', undefined, bearer);
      assert.deepEqual([status, type, body.code], [401, 'application/problem+json; charset=utf-8', 'unauthorized']);
    }
    assert.deepEqual(subjects(admin), ['token denied', 'token denied', 'token denied']);
  });

  it('publishes mapping files, says why some are refused, and lists what was live', async (t) => {
    const { admin, call } = await open(t);
    await admin.registry.publishMapping('h1', {}, 1000);
    await admin.registry.publishMapping('h2', { 'a.yaml': 'x' }, 2000);
    assert.deepEqual((await call('GET', '/admin/v1/mapping/versions?limit=2')).body, {
      versions: [
        { number: 2, hash: 'h2', publishedAt: '1970-01-01T00:00:02.000Z', live: true },
        { number: 1, hash: 'h1', publishedAt: '1970-01-01T00:00:01.000Z', live: false },
      ],
      refusal: { at: '1970-01-01T00:00:00.000Z', problems: ['mappings/pid.yaml:3:5 not known'] },
    });
    assert.deepEqual((await call('POST', '/admin/v1/mapping/publish', {})).body, { version: 2, changed: true });
    const large = { files: { 'a.yaml': 'x'.repeat(1_000_000) } };
    assert.equal((await call('POST', '/admin/v1/mapping/publish', large)).status, 200);
    const refused = await call('POST', '/admin/v1/mapping/publish', { files: { 'bad.yaml': '' } });
    assert.deepEqual([refused.status, refused.body.detail], [422, 'bad.yaml:1:1 no mapping']);
    assert.equal((await call('POST', '/admin/v1/mapping/publish', { files: { 'x.txt': '' } })).status, 400);
    assert.deepEqual((await call('GET', '/admin/v1/status')).body.mappingProblems, ['mappings/pid.yaml:3:5 not known']);
    assert.deepEqual(subjects(admin), [
      'mapping-versions granted',
      'mapping-publish granted',
      'mapping-publish granted',
      'mapping-publish failed',
      'mapping-publish failed',
    ]);
  });

  it('shows health and metrics without a token', async (t) => {
    const { call } = await open(t);
    assert.equal((await call('GET', '/live', undefined, '')).body.status, 'live');
    assert.equal((await call('GET', '/ready', undefined, '')).body.status, 'ready');
    assert.match((await call('GET', '/metrics', undefined, '')).body, /wardline_queue_depth/);
  });

  it('tells what is wrong as problem JSON with a stable code', async (t) => {
    const { call } = await open(t);
    const cases: readonly [string, string, unknown, number, string][] = [
      ['GET', '/admin/v1/nothing', undefined, 404, 'not-found'],
      ['POST', '/admin/v1/tenants', { nmae: 'x' }, 400, 'invalid-request'],
      ['POST', '/admin/v1/tenants', '{"name":', 400, 'invalid-request'],
      ['POST', '/admin/v1/tenants', { name: 'x', id: 'no-guid' }, 400, 'invalid-request'],
      ['POST', '/admin/v1/tenants', { name: 'x'.repeat(70_000) }, 413, 'too-large'],
      ['GET', '/admin/v1/messages/1-99', undefined, 404, 'not-found'],
      ['GET', '/admin/v1/messages/abc', undefined, 400, 'invalid-request'],
      ['GET', '/admin/v1/messages?state=lost', undefined, 400, 'invalid-request'],
      ['DELETE', '/admin/v1/clients/none', undefined, 404, 'not-found'],
    ];
    for (const [method, path, sent, status, code] of cases) {
      const answer = await call(method, path, sent);
      assert.deepEqual(
        [answer.status, answer.body.code, answer.body.status],
        [status, code, status],
        `${method} ${path}`,
      );
    }
  });

  it('makes tenants and never shows their keys', async (t) => {
    const { admin, call } = await open(t);
    const made = await call('POST', '/admin/v1/tenants', { name: 'North', id: north.toUpperCase() });
    assert.deepEqual([made.status, made.body.id, made.body.name], [201, north, 'North']);
    assert.equal((await call('POST', '/admin/v1/tenants', { name: 'Again', id: north })).status, 409);
    const list = await call('GET', '/admin/v1/tenants');
    assert.deepEqual(
      list.body.tenants.map((tenant: { id: string }) => tenant.id),
      [north],
    );
    assert.doesNotMatch(JSON.stringify([made.body, list.body]), /SEALED/);
    assert.deepEqual(subjects(admin), ['tenant-create granted', 'tenant-create failed', 'tenant-list granted']);
  });

  it('registers clients, shows each secret once, rotates with overlap, revokes', async (t) => {
    const { call } = await open(t);
    await call('POST', '/admin/v1/tenants', { name: 'North' });
    const made = await call('POST', '/admin/v1/clients', { client_id: 'app', client_name: 'App', tenants: [north] });
    assert.equal(made.status, 201);
    assert.ok(made.body.client_secret.length >= 32);
    const rotated = await call('POST', '/admin/v1/clients/app/secrets', { overlap: 3600 });
    assert.notEqual(rotated.body.client_secret, made.body.client_secret);
    const { body } = await call('GET', '/admin/v1/clients');
    assert.doesNotMatch(
      JSON.stringify(body),
      new RegExp(`${made.body.client_secret}|${rotated.body.client_secret}|hash`),
    );
    const [first, second] = body.clients[0].secrets;
    assert.ok(first.client_secret_expires_at > Date.now() / 1000 + 3500);
    assert.equal(second.client_secret_expires_at, 0);
    const revoked = await call('DELETE', `/admin/v1/clients/app/secrets/${second.secret_id}`);
    assert.ok(revoked.body.secrets[1].revoked_at > 0);
    assert.equal((await call('POST', '/admin/v1/clients/app/disable')).body.disabled, true);
    assert.equal((await call('POST', '/admin/v1/clients/app/enable')).body.disabled, false);
    assert.equal((await call('DELETE', '/admin/v1/clients/app')).status, 204);
    assert.equal(
      (await call('POST', '/admin/v1/clients', { client_name: 'X', tenants: ['3f0c1f5a-0000-4000-8000-0000000000ff'] }))
        .status,
      400,
    );
  });

  it('gives clients keys instead of secrets, and secrets an end', async (t) => {
    const { admin, call } = await open(t);
    await call('POST', '/admin/v1/tenants', { name: 'North' });
    const client = { client_name: 'App', tenants: [north] };
    const jwks = { keys: [{ kty: 'EC', crv: 'P-384', x: 'x', y: 'y', kid: 'k' }] };
    const jwks_uri = 'https://app.example/jwks.json';
    const make = (more: object) => call('POST', '/admin/v1/clients', { ...client, ...more });
    const made = await make({ client_id: 'keys', jwks });
    assert.deepEqual([made.status, made.body.jwks, made.body.secrets], [201, jwks, []]);
    assert.equal(made.body.client_secret, undefined);
    assert.deepEqual((await make({ client_id: 'uri', jwks_uri })).body.jwks, { jwks_uri });
    const set = (body?: object) => call('PUT', '/admin/v1/clients/keys/keys', body);
    assert.deepEqual((await set({ jwks_uri })).body.jwks, { jwks_uri });
    assert.deepEqual((await set({ jwks })).body.jwks, jwks);
    assert.equal((await call('DELETE', '/admin/v1/clients/keys/keys')).body.jwks, null);
    const wrong: [body: object, why: RegExp][] = [
      [{ jwks, jwks_uri }, /not both/],
      [{ jwks_uri: 'http://app.example/jwks.json' }, /https/],
      [{ jwks_uri: 'jwks.json' }, /https/],
      [{ jwks: { keys: [] } }, /JWK set/],
      [{ jwks: { keys: [{ kty: 'oct', k: 'x' }] } }, /JWK set/],
      [{ jwks: { keys: [{ ...jwks.keys[0], d: 'secret' }] } }, /private key/],
      [{ jwks: {} }, /JWK set/],
    ];
    for (const [body, why] of [...wrong, [{}, /JWK set/] as const]) {
      const refused = await set(body);
      assert.equal(refused.status, 400);
      assert.match(refused.body.detail, why);
      assert.doesNotMatch(refused.body.detail, /"secret"/);
    }
    for (const [body, why] of wrong) assert.match((await make(body)).body.detail, why);
    for (const scope of ['', 'system/*.write', 'user/Patient.read', 'system/Patient.read nonsense']) {
      assert.equal((await make({ scope })).status, 400, scope);
    }
    const narrowed = await call('PATCH', '/admin/v1/clients/uri', { scope: 'system/Patient.rs' });
    assert.deepEqual([narrowed.body.scope, narrowed.body.tenants], ['system/Patient.rs', [north]]);
    assert.equal((await call('PATCH', '/admin/v1/clients/uri', { scope: 'system/*.write' })).status, 400);
    assert.equal((await call('PATCH', '/admin/v1/clients/uri', { tenants: [] })).status, 400);
    assert.equal((await call('PATCH', '/admin/v1/clients/none', { scope: 'system/*.read' })).status, 404);
    const before = (await admin.registry.snapshot()).clients.find(({ id }) => id === 'uri')?.generation ?? 0;
    assert.equal((await call('DELETE', '/admin/v1/clients/uri/tokens')).status, 200);
    const after = (await admin.registry.snapshot()).clients.find(({ id }) => id === 'uri');
    assert.equal(after?.generation, before + 1);
    const now = Date.now() / 1000;
    const ending = await make({ client_id: 'ending', expires_in: 3600 });
    const next = await call('POST', '/admin/v1/clients/ending/secrets', { overlap: 60, expires_in: 7200 });
    // biome-ignore lint/suspicious/noExplicitAny: JSON that the assertions look into
    const ends = (body: any) => body.secrets.map((one: any) => Math.round((one.client_secret_expires_at - now) / 60));
    assert.deepEqual([ends(ending.body), ends(next.body)], [[60], [1, 120]]);
    assert.equal((await make({ expires_in: 0 })).status, 400);
    const told = subjects(admin).filter((one) => one.startsWith('client-keys'));
    assert.equal(told.filter((one) => one.endsWith('granted')).length, 3);
    assert.equal(told.filter((one) => one.endsWith('failed')).length, wrong.length + 1);
  });

  it('refuses to change what the configuration file states of a client', async (t) => {
    const { admin, call } = await open(t);
    await call('POST', '/admin/v1/tenants', { name: 'North' });
    const scopes = ['system/*.read'];
    await putConfiguredClient(admin.registry, systemClock, { id: 'filed', name: 'Filed', tenants: [north], scopes });
    const jwks_uri = 'https://app.example/jwks.json';
    const cases: readonly (readonly [method: string, path: string, body: object | undefined, status: number])[] = [
      ['DELETE', '', undefined, 409],
      ['PATCH', '', { scope: 'system/Patient.rs' }, 409],
      ['PATCH', '', { tenants: [north] }, 409],
      ['PUT', '/keys', { jwks_uri }, 409],
      ['DELETE', '/keys', undefined, 409],
      ['POST', '/secrets', {}, 201],
      ['DELETE', '/tokens', undefined, 200],
      ['POST', '/disable', undefined, 200],
      ['POST', '/enable', undefined, 200],
    ];
    for (const [method, path, body, status] of cases) {
      const answer = await call(method, `/admin/v1/clients/filed${path}`, body);
      assert.equal(answer.status, status, `${method} ${path}`);
      if (status !== 409) continue;
      assert.equal(answer.body.code, 'conflict');
      assert.match(answer.body.detail, /^client filed is named by the configuration file and read-only here/);
    }
    const taken = await call('POST', '/admin/v1/clients', { client_id: 'filed', client_name: 'X', tenants: [north] });
    assert.equal(taken.status, 409);
    const [client] = (await call('GET', '/admin/v1/clients')).body.clients;
    assert.deepEqual([client.from_configuration, client.scope, client.jwks], [true, 'system/*.read', null]);
    assert.ok(subjects(admin).includes('client-delete failed'));
  });

  it('lists messages by state, pages, shows content as an audited read with its patients', async (t) => {
    const { admin, call } = await open(t);
    const rows = await admin.archive.append([entry(), entry(), entry({ kind: 'rejected', tenant: null })]);
    const [applied, parked] = rows;
    assert.ok(applied && parked);
    await admin.archive.settle([
      outcome(applied, { made: [{ type: 'Patient', id: 'p1', version: 1 }] }),
      outcome(parked, { state: 'parked', reason: 'message-without-patient' }),
    ]);
    const list = await call('GET', '/admin/v1/messages?limit=2');
    assert.equal(list.body.messages.length, 2);
    const rest = await call('GET', `/admin/v1/messages?limit=2&before=${list.body.next}`);
    const all = [...list.body.messages, ...rest.body.messages];
    assert.deepEqual(all.map(({ state }) => state).sort(), ['applied', 'parked', 'rejected']);
    const { body } = await call('GET', '/admin/v1/messages?state=parked,unmapped');
    assert.deepEqual(
      body.messages.map((message: { reason: string }) => message.reason),
      ['message-without-patient'],
    );
    const name = sequenceName(applied.sequence);
    const shown = await call('GET', `/admin/v1/messages/${name}`);
    assert.match(shown.body.text, /^MSH\|/);
    assert.deepEqual(shown.body.made, [{ reference: 'Patient/p1', version: 1 }]);
    assert.equal((await call('GET', `/admin/v1/messages/${name}/why`)).body.trace.fields.length, 2);
    const reads = admin.audited.filter(({ action }) => action === 'message-read');
    assert.deepEqual(
      reads.map(({ subject, patients }) => [subject, ...patients]),
      [
        ['message-show', 'p1'],
        ['message-why', 'p1'],
      ],
    );
  });

  it('releases what is parked, and says why an action is not possible', async (t) => {
    const { admin, call } = await open(t);
    const [row] = await admin.archive.append([entry()]);
    assert.ok(row);
    const name = sequenceName(row.sequence);
    assert.equal((await call('POST', `/admin/v1/messages/${name}/release`)).status, 409);
    await admin.archive.settle([outcome(row, { state: 'parked', reason: 'x' })]);
    const released = await call('POST', `/admin/v1/messages/${name}/release`);
    assert.deepEqual([released.status, released.body.state], [200, 'unsettled']);
    assert.equal((await call('POST', `/admin/v1/messages/${name}/park`)).body.code, 'conflict');
    assert.deepEqual(subjects(admin), ['message-release failed', 'message-release granted', 'message-park failed']);
  });

  it('shows nothing while the audit cannot be written', async (t) => {
    const { admin, call } = await open(t);
    const [row] = await admin.archive.append([entry()]);
    assert.ok(row);
    admin.auditDown = true;
    const { status, body } = await call('GET', `/admin/v1/messages/${sequenceName(row.sequence)}`);
    assert.deepEqual([status, body.code, body.text], [503, 'audit-unavailable', undefined]);
  });

  it('says that its port is in use, and leaves the other one’s access file alone', async (t) => {
    const { admin } = await open(t);
    const before = readFileSync(admin.accessFile, 'utf8');
    const parts = { log: undefined } as unknown as Parameters<typeof startAdminServer>[0];
    await assert.rejects(
      startAdminServer(parts, { host: '127.0.0.1', port: admin.server.port, dataFolder: admin.folder }),
      { code: 'port-in-use' },
    );
    assert.equal(readFileSync(admin.accessFile, 'utf8'), before);
  });
});
