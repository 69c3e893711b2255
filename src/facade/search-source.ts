import type { CursorPosition, SearchQuery } from '../fhir/search-query.js';
import type { SearchPage } from '../store/resource-port.js';
import type { Ask } from './facade-parts.js';
import type { Served } from './serve-resource.js';

/** Whether all matches are counted: as well as can be had soon, or exactly, if that takes all the time that a search has. */
export type Counting = 'not' | 'soon' | 'exactly';

/** One page of a source of matches. */
export interface SourcePage {
  readonly served: readonly Served[];
  /** Documents that the page used up, those that the version cannot show included. */
  readonly taken: number;
  readonly total: number | undefined;
  /** The total is about that many. */
  readonly estimated?: true;
  readonly next: string | undefined;
}

/** Reads a page: at most `count` matches after a position, with the total when asked. */
export type Source = (count: number, after: string | undefined, counting: Counting) => Promise<SourcePage>;

/** One page from the store. */
export async function storePage(
  ask: Ask,
  query: SearchQuery,
  count: number,
  after: string | undefined,
  counting: Counting,
): Promise<SearchPage> {
  const { searchBudget: budget, countBudget } = ask.parts.limits;
  return ask.parts.resources.search(
    ask.principal.tenant,
    { ...query, count, ...(after === undefined ? {} : { after: JSON.parse(after) as CursorPosition }) },
    { budget, total: counting !== 'not', ...(counting === 'soon' ? { countBudget } : {}) },
  );
}
