import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { north, publicUrl } from '../auth/open-auth.js';
import { type Answer, type Facade, openFacade, writeResources } from './open-facade.js';
import { ids } from './sample-resources.js';

function link(answer: Answer, relation: string): string | undefined {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  const url: string | undefined = answer.body.link.find((one: any) => one.relation === relation)?.url;
  return url?.slice(publicUrl.length);
}

function follow(facade: Facade, url: string, authorization = facade.northToken): Promise<Answer> {
  return facade.request('GET', url, { authorization });
}

test('next links lead through all matches once; no search value stands in them', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const found: string[] = [];
    let answer = await facade.form(
      version,
      '/Observation/_search',
      `patient=${ids.anna}&_count=1&code:not=secret-value`,
    );
    for (;;) {
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.total, 4);
      found.push(answer.body.entry[0].resource.id);
      for (const { url } of answer.body.link) assert.doesNotMatch(url, /secret|anna|patient=/i);
      const next = link(answer, 'next');
      if (next === undefined) break;
      answer = await follow(facade, next);
    }
    assert.deepEqual(found, [ids.sodium, ids.pulse, ids.pressure, ids.oldPulse]);
    const self = await follow(facade, link(answer, 'self') ?? '');
    assert.deepEqual(self.body.entry, answer.body.entry);
  }
});

test('pages follow every order that a search asks for', async (t) => {
  const facade = await openFacade(t);
  const orders = ['code,-date', '-code', 'date', '_id', '-_id', '_lastUpdated', '-status,_id', '-_lastUpdated,date'];
  for (const version of fhirVersions) {
    for (const order of orders) {
      const path = `/Observation?_sort=${order}`;
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const idsOf = (answer: Answer) => (answer.body.entry ?? []).map((entry: any) => entry.resource.id);
      const whole = idsOf(await facade.get(version, path));
      assert.equal(whole.length, 4);
      const paged: string[] = [];
      let answer = await facade.get(version, `${path}&_count=3`);
      for (;;) {
        assert.equal(answer.status, 200, answer.text);
        paged.push(...idsOf(answer));
        const next = link(answer, 'next');
        if (next === undefined) break;
        answer = await follow(facade, next);
      }
      assert.deepEqual(paged, whole, `${version} ${order}`);
    }
  }
});

test('a cursor is good for its tenant, client, base and type, unchanged, for a while', async (t) => {
  const facade = await openFacade(t);
  const other = await facade.tokenOf('other-app', north);
  const first = await facade.get('R4', '/Observation?_count=1');
  const next = link(first, 'next') ?? assert.fail();
  assert.equal((await follow(facade, next)).status, 200);
  const wrong: [string, string, string?][] = [
    ['another tenant', next, facade.southToken],
    ['another client', next, other],
    ['another base', next.replace('/r4/', '/stu3/')],
    ['another type', next.replace('/Observation', '/Condition')],
    ['as history', next.replace('/Observation', '/Observation/_history')],
    ['cut', next.slice(0, -2)],
    ['changed', next.replace(/cursor=A.../, 'cursor=AAAA')],
    ['no cursor', next.replace(/cursor=.*/, 'cursor=x')],
  ];
  for (const [name, url, token] of wrong) {
    const answer = await follow(facade, url, token);
    assert.equal(answer.status, 400, name);
    assert.equal(answer.body.resourceType, 'OperationOutcome');
  }
  facade.auth.clock.time += 3_600_000;
  const { status } = await follow(facade, next, await facade.tokenOf('late-app', north));
  assert.equal(status, 400);
});

test('history of an instance, a type and the tenant, by pages', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const answer = await facade.get(version, `/Patient/${ids.anna}/_history`);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.body.type, answer.body.total], ['history', 2]);
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const entries: any[] = answer.body.entry;
    assert.deepEqual(
      entries.map((entry) => [entry.resource.meta.versionId, entry.request.method]),
      [
        ['2', 'PUT'],
        ['1', 'POST'],
      ],
    );
    const page = await facade.get(version, '/Patient/_history?_count=1');
    assert.equal(page.body.total, 4);
    const next = await follow(facade, link(page, 'next') ?? assert.fail());
    assert.notDeepEqual(next.body.entry, page.body.entry);
    const all = await facade.get(version, '/_history?_count=1000');
    assert.ok(all.body.entry.length > 10);
    const none = await facade.get(version, '/Patient/_history?_since=2099-01-01T00:00:00Z');
    assert.equal(none.body.total, 0);
    assert.equal((await facade.get(version, '/Patient/nobody/_history')).status, 404);
    assert.equal((await facade.get(version, '/Patient/_history?_since=yesterday')).status, 400);
    const read = await facade.get(version, `/Patient/${ids.anna}/_history/1`);
    assert.equal(read.body.meta.versionId, '1');
  }
});

test('a page holds 100 resources where nothing is asked and 1,000 at most, and total counts them all', async (t) => {
  const facade = await openFacade(t);
  const many = Array.from({ length: 1005 }, (_, at) => ({
    resourceType: 'Location',
    id: `00000000-0000-8000-8000-${String(at).padStart(12, '0')}`,
    name: `Bed ${at}`,
  }));
  await writeResources(facade.store, north, many, facade.auth.clock.now());
  for (const version of fhirVersions) {
    for (const [path, length] of [
      ['/Location?name=bed', 100],
      ['/Location?name=bed&_count=1000', 1000],
      ['/Location?name=bed&_count=5000', 1000],
    ] as const) {
      const answer = await facade.get(version, path);
      assert.equal(answer.status, 200, answer.text.slice(0, 500));
      assert.deepEqual([answer.body.entry.length, answer.body.total], [length, 1005], path);
      const rest = await follow(facade, link(answer, 'next') ?? '');
      assert.equal(rest.body.entry.length, Math.min(length, 1005 - length), path);
    }
  }
});
