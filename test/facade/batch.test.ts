import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerBatch } from '../../src/facade/batch.js';
import type { FacadeParts } from '../../src/facade/facade-parts.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { north, publicUrl } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

test('a batch is answered in order, each entry with its own status; a bad one fails alone', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const order = version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
    const base = `${publicUrl}/fhir/${version.toLowerCase()}`;
    const entries: [method: string, url: string, status: number][] = [
      ['GET', `Patient/${ids.anna}`, 200],
      ['GET', `Observation?patient=${ids.anna}&category=vital-signs&_sort=-date`, 200],
      ['GET', `/Condition?patient=${ids.anna}&_count=1`, 200],
      ['GET', 'Patient/nobody', 404],
      ['GET', 'Nothing/1', 404],
      ['PUT', `Patient/${ids.anna}`, 405],
      ['GET', 'Patient?birthdate=x', 400],
      ['GET', 'https://elsewhere.example/Patient/1', 400],
      ['GET', `${base}/${order}?patient=${ids.anna}`, 200],
      ['POST', 'Patient/_search?family=chau', 200],
      ['POST', '', 400],
      ['GET', `Encounter?patient=${ids.anna}&_sort:desc=date&_count=1`, 200],
    ];
    const bundle = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [...entries.map(([method, url]) => ({ request: { method, url } })), { resource: {} }, null],
    };
    for (const slash of ['', '/']) {
      const answer = await facade.post(version, slash, bundle);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual([answer.body.resourceType, answer.body.type], ['Bundle', 'batch-response']);
      assert.equal(answer.body.entry.length, entries.length + 2);
      for (const [index, [, url, status]] of [...entries, ['', 'no request', 400], ['', 'null', 400]].entries()) {
        const entry = answer.body.entry[index];
        assert.match(entry.response.status, new RegExp(`^${status} `), `${version} ${url}`);
        if (Number(status) < 400) continue;
        const told = version === 'DSTU2' ? entry.resource : entry.response.outcome;
        assert.equal(told.resourceType, 'OperationOutcome');
        assert.equal(version === 'DSTU2' ? entry.response.outcome : entry.resource, undefined);
      }
      assert.equal(answer.body.entry[0].resource.id, ids.anna);
      assert.match(answer.body.entry[0].response.etag, /^W\//);
      const nested = answer.body.entry[1].resource;
      assert.deepEqual([nested.type, nested.total, nested.entry.length], ['searchset', 3, 3]);
    }
  }
});

test('what is no batch, or too much of one', async (t) => {
  const facade = await openFacade(t);
  const cases: [unknown, number][] = [
    [{ resourceType: 'Patient' }, 400],
    [{ resourceType: 'Bundle', type: 'transaction', entry: [] }, 400],
    [{ resourceType: 'Bundle', type: 'batch', entry: {} }, 400],
    [{ resourceType: 'Bundle', type: 'batch', entry: Array(201).fill({}) }, 413],
    [{ resourceType: 'Bundle', type: 'batch' }, 200],
  ];
  for (const [body, status] of cases) assert.equal((await facade.post('R4', '', body)).status, status);
  const deep = `{"resourceType":"Bundle","type":"batch","entry":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const answer = await facade.request(
    'POST',
    '/fhir/r4',
    { authorization: facade.northToken, 'content-type': 'application/json' },
    deep,
  );
  assert.ok(answer.status === 200 || answer.status === 400);
});

test('If-None-Match in an entry', async (t) => {
  const facade = await openFacade(t);
  const { headers } = await facade.get('R4', `/Patient/${ids.anna}`);
  const request = { method: 'GET', url: `Patient/${ids.anna}`, ifNoneMatch: headers['etag'] };
  const answer = await facade.post('R4', '/', { resourceType: 'Bundle', type: 'batch', entry: [{ request }] });
  assert.match(answer.body.entry[0].response.status, /^304/);
});

test('what entries of a batch need alike is asked of the store once, and the answers are those of single requests', async (t) => {
  const asked: string[] = [];
  const facade = await openFacade(t);
  const { resources } = facade.parts;
  const counting: Pick<FacadeParts, 'resources'> = {
    resources: {
      ...resources,
      read: (tenant, type, wanted) => {
        asked.push(`read ${type} ${wanted.join()}`);
        return resources.read(tenant, type, wanted);
      },
      search: (tenant, query, limits) => {
        asked.push(`search ${JSON.stringify([query, limits])}`);
        return resources.search(tenant, query, limits);
      },
    },
  };
  const urls = [
    `Patient/${ids.anna}`,
    `Observation?patient=${ids.anna}&category=vital-signs&_sort=-date`,
    `Condition?patient=${ids.anna}`,
    `Encounter?patient=${ids.anna}&_sort=-date&_count=1`,
    `Coverage?patient=${ids.anna}`,
  ];
  const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
  const principal = { client: 'app', tenant: north, scopes: ['system/*.read'] };
  const parts = { ...facade.parts, ...counting };
  const { resource } = await answerBatch(
    { parts, version: 'R4', principal, strict: false },
    { resourceType: 'Bundle', type: 'batch', entry },
    '127.0.0.1',
  );
  assert.ok(asked.length > urls.length / 2, asked.join('\n'));
  assert.deepEqual(
    asked.filter((one, at) => asked.indexOf(one) !== at),
    [],
    'nothing is asked twice',
  );
  const answers = resource['entry'] as unknown as readonly { readonly resource: { readonly entry?: unknown } }[];
  for (const [at, url] of urls.entries()) {
    const { body } = await facade.get('R4', `/${url}`);
    assert.deepEqual(answers[at]?.resource.entry, body.entry, url);
  }
});
