/**
 * Every shape of search that the facade asks of the embedded store, made from the definitions: each parameter of each
 * served type in its version, with each modifier and prefix, alone, within a patient, in another order and on a further
 * page. The database is asked how it would answer: from an index, and looking at the clock.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { computedTypes, servedTypes } from '../../src/facade/served-types.js';
import type { SearchQuery } from '../../src/fhir/search-query.js';
import { fhirVersions } from '../../src/fhir/version.js';
import type { SqlValue } from '../../src/store/embedded/open-database.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { planFor, prepareSearch } from '../../src/store/embedded/search-run.js';
import { type TenantFile, TenantFiles } from '../../src/store/embedded/tenant-files.js';
import type { ResourcePort } from '../../src/store/resource-port.js';
import { north } from '../auth/open-auth.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { searchesOf } from './every-search.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids, sampleResources } from './sample-resources.js';

type Seen = Omit<SearchQuery, 'count'>;

/** Steps that read a table of documents or of values from end to end. */
const whole = /SCAN (d|i|e|v|document|search_values)\b|SCAN \w+_index|AUTOMATIC/;

function assertAnswered(file: TenantFile, query: SearchQuery, what: string): string {
  const plan = planFor(file, query);
  if (plan === undefined) return 'empty';
  for (const { text, values } of [plan.page, plan.total]) {
    const steps = explain(file, text, values).join('\n');
    assert.doesNotMatch(steps, whole, `${what}\n${text}\n${steps}`);
    assert.match(text, /tick\(|FROM shown_count/, `${what} looks at no clock`);
  }
  return plan.way;
}

function explain({ db }: TenantFile, text: string, values: readonly SqlValue[]): string[] {
  return db.all(`EXPLAIN QUERY PLAN ${text}`, ...values).map((row) => String(row.detail));
}

test('every search of every type is answered from an index, or ends in time', { timeout: 300_000 }, async (t) => {
  const folder = join(temporaryFolder(t), 'tenants');
  const store = openEmbeddedResources(folder);
  t.after(() => store.close());
  const seen = new Map<string, Seen>();
  const resources: ResourcePort = {
    ...store,
    search: async (tenant, query, limits) => {
      const { count: _count, ...shape } = query;
      seen.set(JSON.stringify(shape), shape);
      return store.search(tenant, query, limits);
    },
  };
  const facade = await openFacade(t, { resources });
  await writeResources(store, north, sampleResources, facade.auth.clock.now());

  let asked = 0;
  for (const version of fhirVersions) {
    for (const type of servedTypes(version)) {
      if (computedTypes.has(type)) continue;
      const searches = searchesOf(version, type).map((query) => `${type}?${query}&_count=1`);
      for (let at = 0; at < searches.length; at += 100) {
        const entry = searches.slice(at, at + 100).map((url) => ({ request: { method: 'GET', url: encodeURI(url) } }));
        const { body } = await facade.post(version, '', { resourceType: 'Bundle', type: 'batch', entry });
        const answers = body.entry as { response: { status: string } }[];
        for (const [index, { response }] of answers.entries())
          assert.match(response.status, /^200/, `${version} ${searches[at + index]}`);
        asked += answers.length;
      }
    }
  }
  assert.ok(asked > 5000, `${asked} searches`);

  const ways = new Map<string, number>();
  // with 1 everything is too much to be gathered and sorted, with 5,000 nothing is; with 0 nothing that can be sifted is gathered
  for (const [narrow, wide] of [
    [1, 1],
    [5000, 5000],
    [0, 5000],
  ] as const) {
    const files = new TenantFiles(folder, true, prepareSearch, { narrow, wide });
    const stored = files.get(north) ?? assert.fail();
    // as if each parameter had values here: one that has none is answered without looking
    const file: TenantFile = { ...stored, parameter: (type, name) => stored.parameter(type, name) ?? 1 };
    for (const [what, shape] of seen) {
      if (shape.where.some(({ parameter }) => parameter === '_id')) continue;
      const further = { values: shape.sort.map(() => 0), id: ids.anna };
      for (const query of [shape, { ...shape, after: further }]) {
        const way = assertAnswered(file, { ...query, count: narrow === 0 ? 0 : 20 }, what);
        ways.set(way, (ways.get(way) ?? 0) + 1);
      }
    }
    files.close();
  }
  t.diagnostic(`${asked} searches, ${seen.size} shapes: ${[...ways].map((way) => way.join(' ')).join(', ')}`);
  for (const way of ['ordered', 'collect', 'sift', 'walk'])
    assert.ok((ways.get(way) ?? 0) > 100, `${way}: ${ways.get(way)}`);
});
