/** One store made of two: everything is written to both, and what they answer must be the same. */
import assert from 'node:assert/strict';
import type { CursorPosition, SearchQuery } from '../../../src/fhir/search-query.js';
import type { ResourcePort, ResourceReader, ResourceVersion, SearchPage } from '../../../src/store/resource-port.js';

export interface ComparedResources {
  readonly port: ResourcePort;
  /** Searches that were compared, each once, further pages aside. */
  readonly searched: ReadonlySet<string>;
}

/** Of so many searches one is compared on its second page, too; and one of so many by the walking store. */
const [further, walked] = [4, 3];
/** Of searches that differ from another in their version alone, one of so many is compared. */
const fewer = 5;

/** `expected` answers; `written` must answer the same, and `walking`, which reads what is written, every third search. */
export function comparedResources(
  expected: ResourcePort,
  written: ResourcePort,
  walking: Pick<ResourceReader, 'search'>,
): ComparedResources {
  const searched = new Set<string>();
  let repeats = 0;
  const both = async <T>(ask: (port: ResourcePort) => Promise<T>): Promise<T> => {
    const [one, other] = await Promise.all([ask(expected), ask(written)]);
    assert.deepEqual(other, one);
    return one;
  };
  const port: ResourcePort = {
    read: (...args) => both((store) => store.read(...args)),
    readByKeyRest: (...args) => both((store) => store.readByKeyRest(...args)),
    readByPatient: (...args) => both((store) => store.readByPatient(...args)),
    readAll: (...args) => both((store) => store.readAll(...args)),
    write: (...args) => both((store) => store.write(...args)),
    touch: (...args) => both((store) => store.touch(...args)),
    version: (...args) => both((store) => store.version(...args)),
    async search(tenant, query, limits) {
      const page = await expected.search(tenant, query, limits);
      const { version: _version, ...rest } = query;
      const text = JSON.stringify([rest, limits.total]);
      const isRepeated = searched.has(text);
      searched.add(text);
      if (isRepeated && repeats++ % fewer !== 0) return page;
      const pages = searched.size % further === 0 ? 2 : 1;
      await compare(tenant, query, page, limits, written, pages);
      if (searched.size % walked === 0) await compare(tenant, query, page, limits, walking, pages);
      return page;
    },
    history: (...args) => expected.history(...args),
    dropTenant: async (tenant) => {
      await Promise.all([expected.dropTenant(tenant), written.dropTenant(tenant)]);
    },
    close: async () => {
      await Promise.all([expected.close(), written.close()]);
    },
  };

  async function compare(
    tenant: string,
    query: SearchQuery,
    first: SearchPage,
    limits: Parameters<ResourcePort['search']>[2],
    other: Pick<ResourceReader, 'search'>,
    pages: number,
  ): Promise<void> {
    let [asked, page] = [query, first];
    for (let number = 1; ; number++) {
      const answer = await other.search(tenant, asked, limits);
      const { documents, ...rest } = answer;
      const what = JSON.stringify(asked);
      assert.deepEqual(rest, { total: page.total, next: page.next }, what);
      assert.deepEqual(documents.map(shown), page.documents.map(shown), what);
      if (page.next === undefined || number === pages) return;
      asked = { ...asked, after: JSON.parse(page.next) as CursorPosition };
      page = await expected.search(tenant, asked, limits);
    }
  }
  return { port, searched };
}

/** What a search promises of a document. */
function shown(document: SearchPage['documents'][number]): SearchPage['documents'][number] {
  const { state: _state, touches: _touches, ...rest } = { state: null, touches: null, ...document };
  return rest;
}

/** A whole history, read in pages: of each resource newest first. */
export async function wholeHistory(
  store: Pick<ResourcePort, 'history'>,
  tenant: string,
  of: Parameters<ResourcePort['history']>[1],
): Promise<readonly ResourceVersion[]> {
  const all: ResourceVersion[] = [];
  let after: string | undefined;
  do {
    const page = await store.history(tenant, of, { count: 50, ...(after === undefined ? {} : { after }) });
    all.push(...page.versions);
    after = page.next;
    if (after === undefined) assert.equal(page.total, all.length);
  } while (after !== undefined);
  const last = new Map<string, number>();
  for (const { type, id, version } of all) {
    assert.ok(version < (last.get(`${type}/${id}`) ?? Number.POSITIVE_INFINITY));
    last.set(`${type}/${id}`, version);
  }
  return all.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf({ type, id, version }: ResourceVersion): string {
  return `${type}/${id}/${String(version).padStart(9, '0')}`;
}
