/** Chooses how a search is answered: from which index, and in which order it is read. */
import type { SearchQuery, SortKey } from '../../fhir/search-query.js';
import type { Term } from './search-terms.js';

/** See search-plan.ts. */
export type SearchWay = 'ordered' | 'collect' | 'walk' | 'sift';

/** From how many rows on an index is read in which way. */
export interface Widths {
  /** What finds so many is not gathered and sorted, when it can be sifted from an order. */
  readonly narrow: number;
  /** What finds so many is not even remembered, when the order can be walked. */
  readonly wide: number;
}

/** Estimates how many rows a term finds, up to `wide`. */
export interface Estimate extends Widths {
  rowsOf(term: Term): number;
  /** How many documents of the searched type there are. */
  ofType(): number;
}

/**
 * So many entries of an order cost less to pass over than one document costs to gather, which is seldom in memory where there
 * are many: within this measure sifting is the cheaper way even where it passes over the whole type.
 */
const passedForOneGathered = 256;

export interface Driver {
  readonly term: Term;
  readonly estimate: number;
}

/** The narrowest of what the indexes find. */
export function chooseDriver(terms: readonly Term[], estimate: Estimate): Driver | undefined {
  let best: Driver | undefined;
  const positive = terms.filter((term) => !term.negate);
  for (const term of positive.sort((a, b) => rankOf(a) - rankOf(b))) {
    const found = estimate.rowsOf(term);
    if (best === undefined || found < best.estimate) best = { term, estimate: found };
    if (found <= 20) break;
  }
  return best;
}

/** References and tokens first: usually narrow, and the first of equals is taken. */
function rankOf(term: Term): number {
  const table = term.lookups[0]?.table;
  return table === 'reference_index' ? 0 : table === 'token_index' ? 1 : 2;
}

/** The way to the answer, by the narrowest index and the order asked for. */
export function chooseWay(
  { count }: SearchQuery,
  driver: Driver | undefined,
  sort: SimpleSort | undefined,
  estimate: Estimate,
): SearchWay {
  if (driver === undefined) return 'walk';
  const references = driver.term.lookups.every(({ table, point }) => table === 'reference_index' && point);
  if (sort?.column === 'sort_key' && references) return 'ordered';
  const found = driver.estimate;
  if (sort === undefined) return 'collect';
  if (found >= estimate.wide) return 'walk';
  // no index of documents that are shown is in the order of ids; what fits on the page is read in any case
  if (found < estimate.narrow || found < count || sort.column === 'id') return 'collect';
  return estimate.ofType() <= found * passedForOneGathered ? 'sift' : 'collect';
}

export interface SimpleSort {
  readonly column: 'sort_key' | 'last_updated' | 'id';
  readonly descending: boolean;
}

/** One key that is a column, which SQL sorts by; any other order is made afterwards. */
export function simpleSort(sort: readonly SortKey[]): SimpleSort | undefined {
  const [key, second] = sort;
  if (key === undefined) return { column: 'id', descending: false };
  if (second !== undefined) return undefined;
  switch (key.by) {
    case 'date':
      return { column: 'sort_key', descending: key.descending };
    case '_lastUpdated':
      return { column: 'last_updated', descending: key.descending };
    case '_id':
      return { column: 'id', descending: key.descending };
    case 'parameter':
      return undefined;
  }
}
