import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { fhirVersions } from '../../src/fhir/version.js';
import type { ResourceReader, SearchLimits, SearchPage } from '../../src/store/resource-port.js';
import { publicUrl } from '../auth/open-auth.js';
import { type Answer, type Facade, openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

type Total = Pick<SearchPage, 'total' | 'estimated'>;

/** A facade over a store that cannot count in time: `soon` is what it says of totals then. */
async function openSlow(t: TestContext, soon: (page: SearchPage) => Total): Promise<Facade> {
  const search = async (...asked: Parameters<ResourceReader['search']>): Promise<SearchPage> => {
    const limits: SearchLimits = asked[2];
    if (limits.total && limits.countBudget === undefined) throw fault('too-costly', 'it takes too long');
    const { total: _total, ...page } = await facade.store.search(...asked);
    return { ...page, ...(limits.total ? soon({ ...page, total: _total }) : { total: undefined }) };
  };
  const facade: Facade = await openFacade(t, {
    resources: {
      search,
      read: (...asked) => facade.store.read(...asked),
      version: (...asked) => facade.store.version(...asked),
      history: (...asked) => facade.store.history(...asked),
    },
  });
  return facade;
}

interface Entry {
  readonly resource: { readonly id: string; readonly issue: readonly { severity: string; diagnostics: string }[] };
  readonly search: { readonly mode: string };
}

/** Ids of the matches, and what the answer says in words. */
function read(answer: Answer): { ids: string[]; told: string[] } {
  assert.equal(answer.status, 200, answer.text);
  const entries: readonly Entry[] = answer.body.entry ?? [];
  const isTold = ({ search }: Entry): boolean => search.mode === 'outcome';
  return {
    ids: entries.filter((entry) => !isTold(entry)).map(({ resource }) => resource.id),
    told: entries.filter(isTold).flatMap(({ resource }) => resource.issue.map((one) => one.diagnostics)),
  };
}

/** All pages from the first on. */
async function pages(facade: Facade, first: Answer): Promise<Answer[]> {
  const all = [first];
  for (let answer = first; ; ) {
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const url: string | undefined = answer.body.link.find((one: any) => one.relation === 'next')?.url;
    if (url === undefined) return all;
    answer = await facade.request('GET', url.slice(publicUrl.length), { authorization: facade.northToken });
    all.push(answer);
  }
}

const observations = [ids.sodium, ids.pulse, ids.pressure, ids.oldPulse];

test('a total that cannot be counted in time is an estimate, which every page says', async (t) => {
  const facade = await openSlow(t, () => ({ total: 1234, estimated: true }));
  for (const version of fhirVersions) {
    const found = await pages(facade, await facade.get(version, `/Observation?patient=${ids.anna}&_count=3`));
    assert.deepEqual(
      found.map(({ body }) => body.total),
      [1234, 1234],
    );
    assert.deepEqual(
      found.flatMap((page) => read(page).ids),
      observations,
    );
    for (const page of found) assert.match(read(page).told.join(), /total is an estimate.*_total=accurate/);
  }
});

test('a total that nobody can estimate either is left out, and all pages are there', async (t) => {
  const facade = await openSlow(t, () => ({ total: undefined }));
  for (const version of fhirVersions) {
    const found = await pages(facade, await facade.get(version, `/Observation?patient=${ids.anna}&_count=1`));
    assert.deepEqual(
      found.flatMap((page) => read(page).ids),
      observations,
    );
    for (const page of found) {
      assert.equal('total' in page.body, false);
      assert.match(read(page).told.join(), /there is no total.*_total=accurate/);
    }
  }
});

test('an exact total that was asked for and takes too long is refused, with what to do', async (t) => {
  const facade = await openSlow(t, ({ total }) => ({ total }));
  for (const version of fhirVersions) {
    const refused = await facade.get(version, '/Observation?_total=accurate');
    assert.equal(refused.status, 403);
    assert.equal(refused.body.issue[0].code, 'too-costly');
    assert.match(refused.text, /leave out _total=accurate/);
  }
});

test('of two sources the less certain says how certain their sum is', async (t) => {
  const views: readonly (readonly [of: Total, sum: number | undefined])[] = [
    [{ total: 1000, estimated: true }, 2000],
    [{ total: undefined }, undefined],
  ];
  for (const [of, sum] of views) {
    const facade = await openSlow(t, () => of);
    const all = (await facade.get('STU3', '/MedicationStatement')).body;
    assert.equal(all.total, sum);
    const found = await pages(facade, await facade.get('STU3', '/MedicationStatement?_count=1'));
    assert.deepEqual(
      found.flatMap((page) => read(page).ids),
      read(await facade.get('STU3', '/MedicationStatement')).ids,
    );
  }
});

test('what is counted in time is exact and needs no words, whatever total was asked for; none is none', async (t) => {
  const facade = await openFacade(t);
  const cases: readonly (readonly [path: string, total: number | undefined])[] = [
    ['', 4],
    ['&_total=estimate', 4],
    ['&_total=accurate', 4],
    ['&_total=none', undefined],
    ['&_total=none&_count=2', undefined],
    ['&_total=none&_count=0', 4],
    ['&_total=none&_summary=count', 4],
    ['&_total=accurate&_summary=count', 4],
  ];
  for (const version of fhirVersions) {
    for (const [path, total] of cases) {
      const found = await pages(facade, await facade.get(version, `/Observation?patient=${ids.anna}${path}`));
      for (const page of found) {
        assert.equal(page.body.total, total, path);
        assert.deepEqual(read(page).told, [], path);
      }
      if (!/_count=0|_summary/.test(path)) assert.equal(found.flatMap((page) => read(page).ids).length, 4, path);
    }
  }
});
