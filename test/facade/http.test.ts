import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../src/core/metrics.js';
import { usualLimits } from '../../src/facade/facade-parts.js';
import { basePath, fhirVersions } from '../../src/fhir/version.js';
import { north } from '../auth/open-auth.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids, sampleResources } from './sample-resources.js';

const urlencoded = 'application/x-www-form-urlencoded';

test('errors are OperationOutcomes in the version of their base', async (t) => {
  const facade = await openFacade(t);
  const token = { authorization: facade.northToken };
  for (const version of fhirVersions) {
    const base = `/fhir/${basePath[version]}`;
    const cases: [method: string, path: string, headers: Record<string, string>, status: number, body?: string][] = [
      ['GET', '/Patient/1', {}, 401],
      ['GET', '/Nothing/1', {}, 401],
      ['GET', '/Patient/1', { authorization: 'Bearer x' }, 401],
      ['GET', '/Nothing/1', token, 404],
      ['GET', '/Patient/1', token, 404],
      ['GET', '/Patient/1/2/3/4', token, 404],
      ['GET', `/Patient/${'x'.repeat(65)}`, token, 404],
      ['GET', '/Patient/1/$everything', token, 404],
      ['GET', `/Patient/${ids.anna}/_history/0`, token, 404],
      ['GET', `/Patient/${ids.anna}/_history/99`, token, 404],
      ['GET', '', token, 400],
      ['PUT', `/Patient/${ids.anna}`, { ...token, 'content-type': 'application/json' }, 405, '{}'],
      ['POST', '/Patient', { ...token, 'content-type': 'application/json' }, 405, '{}'],
      ['DELETE', `/Patient/${ids.anna}`, token, 405],
      ['PATCH', `/Patient/${ids.anna}`, token, 405],
      ['GET', `/Patient/${ids.anna}`, { ...token, accept: 'application/fhir+xml' }, 406],
      ['GET', `/Patient/${ids.anna}`, { ...token, accept: 'application/fhir+json; fhirVersion=5.0' }, 406],
      ['GET', `/Patient/${ids.anna}?_format=xml`, token, 406],
      ['POST', '/Patient/_search', { ...token, 'content-type': urlencoded }, 406, '_format=xml'],
      ['GET', '/metadata?_format=application/fhir+xml', {}, 406],
      ['POST', '', { ...token, 'content-type': 'application/fhir+xml' }, 415, '<Bundle/>'],
      ['POST', '', { ...token, 'content-type': 'application/json; charset=utf-16' }, 415, '{}'],
      ['POST', '/Patient/_search', { ...token, 'content-type': 'application/json' }, 415, '{}'],
      ['POST', '', { ...token, 'content-type': 'application/json' }, 400, '{'],
      ['POST', '', { ...token, 'content-type': 'application/json' }, 400, '[]'],
      ['POST', '', { ...token, 'content-type': 'application/json' }, 413, JSON.stringify({ x: 'y'.repeat(2 ** 20) })],
      ['GET', '/Patient/%zz', token, 400],
    ];
    for (const [method, path, headers, status, body] of cases) {
      const answer = await facade.request(method, base + path, headers, body);
      const name = `${version} ${method} ${path.slice(0, 60)}`;
      assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 300)}`);
      assert.equal(answer.body.resourceType, 'OperationOutcome', name);
      const type = version === 'DSTU2' ? 'application/json+fhir' : 'application/fhir+json';
      assert.equal(answer.headers['content-type'], `${type}; charset=utf-8`, name);
      if (status === 401) assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
      if (status === 405) assert.match(String(answer.headers['allow']), /GET/);
    }
  }
  const elsewhere = await facade.request('GET', '/nowhere');
  assert.deepEqual([elsewhere.status, elsewhere.body.resourceType], [404, 'OperationOutcome']);
});

test('content types: by Accept, by _format, by version', async (t) => {
  const facade = await openFacade(t);
  const cases: ['R4' | 'STU3' | 'DSTU2', string, Record<string, string>, string][] = [
    ['R4', '', {}, 'application/fhir+json'],
    ['STU3', '', {}, 'application/fhir+json'],
    ['DSTU2', '', {}, 'application/json+fhir'],
    ['STU3', '', { accept: 'application/json' }, 'application/json'],
    ['DSTU2', '', { accept: 'application/json+fhir' }, 'application/json+fhir'],
    ['STU3', '', { accept: 'text/html,application/xml;q=0.9,*/*;q=0.8' }, 'application/fhir+json'],
    ['R4', '', { accept: 'application/fhir+json; fhirVersion=4.0' }, 'application/fhir+json'],
    ['R4', '?_format=json', { accept: 'application/fhir+xml' }, 'application/fhir+json'],
    ['R4', '?_format=application/fhir+json', {}, 'application/fhir+json'],
    ['R4', '?_format=application/json', {}, 'application/json'],
  ];
  for (const [version, query, headers, type] of cases) {
    const answer = await facade.get(version, `/Patient/${ids.anna}${query}`, headers);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['content-type'], `${type}; charset=utf-8`);
  }
});

test('ETag follows the body; If-None-Match and HEAD', async (t) => {
  const facade = await openFacade(t);
  const path = `/Encounter/${ids.visit}`;
  const first = await facade.get('R4', path);
  const tag = String(first.headers['etag']);
  assert.match(tag, /^W\/"1-[\w-]{16}"$/);
  assert.equal(first.headers['last-modified'], 'Fri, 23 Nov 2096 12:00:00 GMT');
  const again = await facade.get('R4', path, { 'if-none-match': `"x", ${tag}` });
  assert.deepEqual([again.status, again.text], [304, '']);
  assert.equal((await facade.get('R4', path, { 'if-none-match': 'W/"1"' })).status, 200);
  assert.notEqual((await facade.get('STU3', path)).headers['etag'], tag);
  const head = await facade.request('HEAD', `/fhir/r4${path}`, { authorization: facade.northToken });
  assert.deepEqual([head.status, head.text, head.headers['etag']], [200, '', tag]);
  const stored = await facade.get('R4', `${path}/_history/1`);
  assert.equal(stored.body.location[0].location.display, undefined, 'vread shows the stored version, unfilled');
});

test('a display that changes with its target changes the ETag, and no version', async (t) => {
  const facade = await openFacade(t);
  const path = `/Encounter/${ids.visit}`;
  for (const version of fhirVersions) {
    const before = await facade.get(version, path);
    const tag = String(before.headers['etag']);
    const ward = sampleResources.find((one) => one['id'] === ids.ward) ?? assert.fail();
    const [stored] = await facade.store.read(north, 'Location', [ids.ward]);
    const revision = (stored?.revision ?? 0) + 1;
    const renamed = { ...ward, name: `Ward in ${version}` };
    await writeResources(facade.store, north, [renamed], facade.auth.clock.now(), { revision, version: revision });
    const after = await facade.get(version, path, { 'if-none-match': tag });
    assert.equal(after.status, 200, `${version}: what was shown before is not what is shown now`);
    assert.equal(after.body.location[0].location.display, `Ward in ${version}`);
    assert.notEqual(after.headers['etag'], tag);
    assert.equal(after.body.meta.versionId, before.body.meta.versionId);
    assert.equal((await facade.get(version, path, { 'if-none-match': String(after.headers['etag']) })).status, 304);
  }
});

test('unknown parameters are named in an outcome, or refused under strict handling', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const query = `/Condition?patient=${ids.anna}&shoe-size=44`;
    const answer = await facade.get(version, query);
    assert.equal(answer.body.total, 1);
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const told = answer.body.entry.find((entry: any) => entry.search.mode === 'outcome');
    assert.match(told.resource.issue[0].diagnostics, /shoe-size/);
    const strict = await facade.get(version, query, { prefer: 'return=minimal, handling=strict' });
    assert.equal(strict.status, 400);
    assert.match(strict.body.issue[0].diagnostics, /shoe-size/);
    for (const refused of ['patient.name=x', '_has:Observation:patient:code=1', '_text=x', 'subject:Patient.name=x']) {
      const chained = await facade.get(version, `/Condition?${refused}`);
      assert.equal(chained.status, 400, refused);
      assert.ok(chained.body.issue[0].diagnostics.includes(refused.split('=')[0]?.split(':')[0] ?? ''), chained.text);
    }
    const wrong = await facade.get(version, '/Patient?birthdate=Secret-Name');
    assert.equal(wrong.status, 400);
    assert.doesNotMatch(wrong.text, /Secret/);
  }
});

test('_summary, _elements and _include', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const summary = await facade.get(version, `/Patient/${ids.anna}?_summary=true`);
    assert.equal(summary.body.meta.tag[0].code, 'SUBSETTED');
    assert.equal(summary.body.text, undefined);
    assert.ok(summary.body.name);
    const text = await facade.get(version, `/Observation/${ids.pulse}?_summary=text`);
    assert.deepEqual(Object.keys(text.body).sort(), ['code', 'id', 'meta', 'resourceType', 'status', 'text']);
    assert.equal((await facade.get(version, `/Patient/${ids.anna}?_summary=data`)).body.text, undefined);
    const elements = await facade.get(
      version,
      `/Observation?patient=${ids.anna}&_elements=valueQuantity,value&_count=1`,
    );
    const [first] = elements.body.entry;
    assert.ok(first.resource.valueQuantity && first.resource.code && !first.resource.effectiveDateTime);
    const stays: [path: string, element: string][] = [
      [`AllergyIntolerance/${ids.nuts}?_elements=note`, version === 'DSTU2' ? 'status' : 'clinicalStatus'],
      [`Condition/${ids.pain}?_elements=note`, 'verificationStatus'],
      [`Patient/${ids.annaOld}?_elements=gender`, 'active'],
      [`Patient/${ids.annaOld}?_summary=text`, 'active'],
      [`Coverage/${ids.coverage}?_elements=period`, version === 'DSTU2' ? 'period' : 'status'],
    ];
    for (const [path, element] of stays) {
      const { body } = await facade.get(version, `/${path}`);
      assert.notEqual(body[element], undefined, `${version} ${path}: what changes the meaning of the rest stays`);
      assert.equal(body.identifier ?? body.name, undefined);
    }
    const named = await facade.get(version, `/Organization/${ids.insurer}?_elements=telecom`);
    assert.equal(named.body.name, 'North Mutual', 'an organization has a name or an identifier (org-1)');
    const count = await facade.get(version, `/Observation?patient=${ids.anna}&_summary=count`);
    assert.deepEqual([count.body.total, count.body.entry], [4, undefined]);
    const included = await facade.get(
      version,
      `/Observation?patient=${ids.anna}&_include=Observation:subject&_include=Observation:encounter`,
    );
    assert.equal(included.status, 200, included.text);
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const more = included.body.entry.filter((entry: any) => entry.search.mode === 'include');
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    assert.deepEqual(more.map((entry: any) => entry.resource.id).sort(), [ids.anna, ids.visit]);
    assert.equal(included.body.total, 4);
  }
});

test('scopes: a token reads and searches only the types it names', async (t) => {
  const facade = await openFacade(t);
  const authorization = await facade.tokenOf('narrow', north, [
    'system/Observation.read',
    'system/MedicationRequest.s',
    'system/Location.r',
  ]);
  const cases: ['R4' | 'DSTU2', string, number][] = [
    ['R4', `/Observation/${ids.pulse}`, 200],
    ['R4', '/Observation?code=8867-4', 200],
    ['R4', `/Patient/${ids.anna}`, 403],
    ['R4', '/Patient?family=m', 403],
    ['DSTU2', '/MedicationOrder', 200],
    ['DSTU2', `/MedicationOrder/${ids.order}`, 403],
    ['R4', `/Location/${ids.ward}`, 200],
    ['R4', '/Location', 403],
    ['R4', '/_history', 403],
    ['R4', `/Patient/${ids.anna}/_history`, 403],
    ['R4', `/Patient/${ids.anna}/_history/1`, 403],
  ];
  for (const [version, path, status] of cases) {
    const answer = await facade.get(version, path, { authorization });
    assert.equal(answer.status, status, path);
  }
  const included = await facade.get('R4', '/Observation?_include=Observation:subject', { authorization });
  assert.equal(included.body.entry.length, 4);
  assert.doesNotMatch(included.text, /Chaudhary/);
});

test('a search that would take too long ends in time and says so', async (t) => {
  const facade = await openFacade(t, { limits: { ...usualLimits, searchBudget: -1 } });
  for (const version of fhirVersions) {
    const answer = await facade.get(version, '/Observation?code:not=1');
    assert.equal(answer.status, 403);
    assert.equal(answer.body.issue[0].code, 'too-costly');
  }
});

test('requests are counted by route, never by path', async (t) => {
  const metrics = createMetrics();
  const facade = await openFacade(t, { metrics });
  await facade.get('R4', `/Patient/${ids.anna}`);
  await facade.get('R4', '/Patient?family=secret');
  await facade.get('R4', '/Secret/secret');
  const { text } = await metrics.scrape();
  assert.match(text, /wardline_http_requests_total\{route="GET r4 Patient\/:id",status="200"\} 1/);
  assert.match(text, /wardline_search_seconds_count\{version="R4",type="Patient",kind="[a-z]+"\} 1/);
  assert.doesNotMatch(text, /secret/i);
});

test('what was deleted is gone; its history tells of it', async (t) => {
  const facade = await openFacade(t);
  const deleted = { revision: 2, version: 2, resource: null, hash: '' };
  const pain = sampleResources.find((one) => one['id'] === ids.pain) ?? assert.fail();
  await writeResources(facade.store, north, [pain], facade.auth.clock.now() + 5, deleted);
  for (const version of fhirVersions) {
    const answer = await facade.get(version, `/Condition/${ids.pain}`);
    assert.equal(answer.status, 410);
    assert.equal((await facade.get(version, `/Condition/${ids.pain}/_history/2`)).status, 410);
    assert.equal((await facade.get(version, `/Condition/${ids.pain}/_history/1`)).status, 200);
    assert.equal((await facade.get(version, `/Condition?patient=${ids.anna}`)).body.total, 0);
    const { body } = await facade.get(version, `/Condition/${ids.pain}/_history`);
    assert.deepEqual([body.total, body.entry[0].request.method, body.entry[0].resource], [2, 'DELETE', undefined]);
  }
});
