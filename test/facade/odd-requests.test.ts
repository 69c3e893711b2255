/** Requests that are a little off, as clients make them: each is answered rightly or refused, and never shows more than was asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { definitionsOf } from '../../src/fhir/definitions/definition-files.js';
import { refusedParameters } from '../../src/fhir/search-parameter-tables.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { north, publicUrl } from '../auth/open-auth.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids, sampleResources } from './sample-resources.js';

test('a form beside a search in a batch is refused: left out, it would show everybody', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const form = { resourceType: 'Parameters', parameter: [{ name: 'family', valueString: 'nobody' }] };
    const entry = [
      { request: { method: 'POST', url: 'Patient/_search' }, resource: form },
      { request: { method: 'POST', url: 'Patient/_search?family=nobody' } },
    ];
    const { body, text } = await facade.post(version, '', { resourceType: 'Bundle', type: 'batch', entry });
    assert.match(body.entry[0].response.status, /^400/);
    assert.doesNotMatch(text, /Chaudhary/);
    assert.equal(body.entry[1].resource.total, 0);
  }
});

test('a challenge says what is wrong with a token (RFC 6750 §3)', async (t) => {
  const facade = await openFacade(t);
  const narrow = await facade.tokenOf('narrow', north, ['system/Location.read']);
  const plain = 'Bearer realm="wardline"';
  const cases: [authorization: string | undefined, status: number, challenge: string][] = [
    [undefined, 401, plain],
    ['Basic YTpi', 401, plain],
    ['Bearer x.y.z', 401, `${plain}, error="invalid_token"`],
    [`${facade.northToken}x`, 401, `${plain}, error="invalid_token"`],
    [narrow, 403, `${plain}, error="insufficient_scope"`],
  ];
  for (const version of fhirVersions) {
    for (const [authorization, status, challenge] of cases) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await facade.request('GET', `/fhir/${version.toLowerCase()}/Patient/${ids.anna}`, headers);
      assert.deepEqual([answer.status, answer.headers['www-authenticate']], [status, challenge]);
    }
  }
});

test('_include=* adds every direct reference that has a parameter', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    for (const all of ['*', 'Encounter:*']) {
      const { status, body, text } = await facade.get(version, `/Encounter?_id=${ids.visit}&_include=${all}`);
      assert.equal(status, 200, text);
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const more = body.entry.slice(1).map((one: any) => `${one.search.mode} ${one.resource.resourceType}`);
      assert.deepEqual([body.total, more.sort()], [1, ['include Location', 'include Patient']], `${version} ${all}`);
    }
    assert.equal((await facade.get(version, '/Encounter?_include=Patient:*')).status, 400);
  }
});

test('a history refuses what would narrow it, and under strict handling whatever it does not know', async (t) => {
  const facade = await openFacade(t);
  const strict = { prefer: 'handling=strict' };
  for (const version of fhirVersions) {
    for (const of of [`/Patient/${ids.anna}/_history`, '/Patient/_history', '/_history']) {
      for (const name of ['_at', '_list', '_AT']) {
        const answer = await facade.get(version, `${of}?${name}=2026`);
        assert.equal(answer.status, 400);
        assert.ok(answer.body.issue[0].diagnostics.includes(name), answer.text);
      }
      assert.equal((await facade.get(version, `${of}?shoe-size=44`)).status, 200);
      assert.equal((await facade.get(version, `${of}?shoe-size=44`, strict)).status, 400);
      assert.equal((await facade.get(version, `${of}?_count=1&_format=json`, strict)).status, 200);
      assert.equal((await facade.get(version, `${of}?_count=99999999999`)).status, 200);
      const totals: [since: string, some: boolean][] = [
        ['2096-11-23', true],
        ['2096', true],
        ['2096-11-23T13:00:00+01:00', true],
        ['2096-11-24', false],
        ['2096-11-23T12:00:01Z', false],
      ];
      for (const [since, some] of totals) {
        const { body, text } = await facade.get(version, `${of}?_since=${since}`);
        assert.equal(body.total > 0, some, `${of} ${since} ${text.slice(0, 200)}`);
      }
    }
  }
});

test('a _count beyond all numbers is the largest page', async (t) => {
  const facade = await openFacade(t);
  const { status, body } = await facade.get('STU3', '/Patient?_count=99999999999999999999999');
  assert.deepEqual([status, body.entry.length], [200, body.total]);
});

test('publicUrl makes every link, whatever Host and Forwarded say', async (t) => {
  const facade = await openFacade(t);
  const headers = {
    authorization: facade.northToken,
    host: 'evil.example',
    forwarded: 'host=evil.example;proto=http',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-prefix': '/evil',
  };
  for (const version of fhirVersions) {
    const base = `/fhir/${version.toLowerCase()}`;
    const paths = ['/metadata', '/Patient?_count=1', '/Patient/_history?_count=1', '/.well-known/smart-configuration'];
    for (const path of paths) {
      const { status, body, text } = await facade.request('GET', base + path, headers);
      assert.equal(status, 200);
      assert.doesNotMatch(text, /evil|gopher/);
      const links: { url: string }[] = body.link ?? [];
      for (const { url } of links) assert.ok(url.startsWith(`${publicUrl}${base}/Patient`), url);
      const full: { fullUrl?: string }[] = body.entry ?? [];
      for (const { fullUrl } of full) assert.ok(fullUrl?.startsWith(`${publicUrl}${base}/Patient/`), fullUrl);
    }
  }
});

test('an ETag changes with a display that is filled while the version stays', async (t) => {
  const facade = await openFacade(t);
  const ward = sampleResources.find((one) => one['id'] === ids.ward) ?? assert.fail();
  for (const [revision, version] of fhirVersions.entries()) {
    const path = `/Encounter/${ids.visit}`;
    const before = await facade.get(version, path);
    const tag = String(before.headers['etag']);
    assert.equal((await facade.get(version, path, { 'if-none-match': tag })).status, 304);
    const renamed = { ...ward, name: `Ward ${version}` };
    const next = { revision: revision + 2, version: revision + 2 };
    await writeResources(facade.store, north, [renamed], facade.auth.clock.now(), next);
    const after = await facade.get(version, path, { 'if-none-match': tag });
    assert.deepEqual([after.status, after.body.location[0].location.display], [200, `Ward ${version}`]);
    assert.equal(after.body.meta.versionId, before.body.meta.versionId);
    assert.notEqual(after.headers['etag'], tag);
    const search = await facade.get(version, `/Encounter?_id=${ids.visit}`);
    assert.equal(search.body.entry[0].resource.location[0].location.display, `Ward ${version}`);
  }
});

test('a registry that cannot be read: 503 as an outcome, for tokens in the words of OAuth', async (t) => {
  const stale = async (): Promise<never> => {
    throw fault('stale-registry', 'the registry could not be read');
  };
  const facade = await openFacade(t);
  const { token } = facade.parts;
  const copy = { ...token.copy, current: stale, refresh: stale };
  const broken = await openFacade(t, { verifier: { verify: stale }, token: { ...token, copy } });
  for (const version of fhirVersions) {
    const answer = await broken.get(version, `/Patient/${ids.anna}`);
    assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1']);
    assert.equal(answer.body.issue[0].code, 'transient');
    assert.equal((await broken.request('GET', `/fhir/${version.toLowerCase()}/metadata`)).status, 200);
  }
  const asked = 'grant_type=client_credentials&client_id=a&client_secret=b';
  const { status, body } = await broken.request('POST', '/oauth2/token', {}, asked);
  assert.deepEqual([status, body.error], [503, 'temporarily_unavailable']);
});

test('below /oauth2 what is wrong is told as OAuth tells it', async (t) => {
  const facade = await openFacade(t);
  const stale = async (): Promise<never> => {
    throw fault('stale-registry', 'the registry could not be read');
  };
  const { token } = facade.parts;
  const broken = await openFacade(t, { token: { ...token, copy: { ...token.copy, current: stale } } });
  const cases: [at: typeof facade, method: string, path: string, body: string, status: number, error: string][] = [
    [facade, 'POST', '/oauth2/token', 'x'.repeat(2 * 1024 * 1024), 413, 'invalid_request'],
    [facade, 'POST', '/oauth2/nowhere', '', 404, 'invalid_request'],
    [facade, 'GET', '/oauth2/authorize?response_type=code', '', 400, 'unsupported_response_type'],
    [facade, 'POST', '/oauth2/authorize', 'response_type=code', 400, 'unsupported_response_type'],
    [facade, 'DELETE', '/oauth2/jwks', '', 405, 'invalid_request'],
    [broken, 'GET', '/oauth2/jwks', '', 503, 'temporarily_unavailable'],
  ];
  for (const [at, method, path, sent, status, error] of cases) {
    const { body, headers, ...answer } = await at.request(method, path, {}, sent);
    assert.deepEqual([answer.status, body.error, typeof body.error_description], [status, error, 'string'], path);
    assert.match(String(headers['content-type']), /^application\/json/);
    assert.equal(headers['cache-control'], 'no-store');
  }
});

test('metadata names every search parameter that the version defines for a served type, but for those refused by name', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const { body } = await facade.get(version, '/metadata');
    for (const { type, searchParam = [] } of body.rest[0].resource) {
      if (type === 'MessageHeader' || type === 'Provenance') continue;
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const named = new Set(searchParam.map((one: any) => one.name));
      const defined = Object.keys(definitionsOf(version).searchParameters[type] ?? {});
      assert.deepEqual(
        defined.filter((name) => !named.has(name) && !refusedParameters.has(name)),
        [],
        `${version} ${type}`,
      );
    }
  }
});
