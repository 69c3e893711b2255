import type { SearchRow } from './search-match.js';
import type { CursorPosition, SearchQuery, SortKey } from './search-query.js';
import type { SearchValue } from './search-values.js';
import { versionBit } from './version.js';

/**
 * The order of two rows under a query: negative when `a` comes first. Rows without a sort key's value come last, and ids
 * in ascending code-unit order decide the rest, so that no two rows are equal.
 */
export function compareRows(query: SearchQuery, a: SearchRow, b: SearchRow): number {
  return comparePositions(query.sort, positionOf(query, a), positionOf(query, b));
}

/** Whether a row stands after the query's cursor; true for all when it has none. */
export function isAfterCursor(query: SearchQuery, row: SearchRow): boolean {
  return query.after === undefined || comparePositions(query.sort, query.after, positionOf(query, row)) < 0;
}

/** A row's place in the order of a query: what a page's cursor holds. */
export function positionOf(query: SearchQuery, row: SearchRow): CursorPosition {
  return { values: query.sort.map((key) => sortValue(key, row, versionBit[query.version])), id: row.id };
}

function comparePositions(sort: readonly SortKey[], a: CursorPosition, b: CursorPosition): number {
  for (const [at, key] of sort.entries()) {
    const [left, right] = [a.values[at] ?? null, b.values[at] ?? null];
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    const order = left < right ? -1 : 1;
    return key.descending ? -order : order;
  }
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function sortValue(key: SortKey, row: SearchRow, bit: number): number | string | null {
  if (key.by !== 'parameter') {
    if (key.by === '_id') return row.id;
    return key.by === 'date' ? (row.date ?? row.lastUpdated) : row.lastUpdated;
  }
  let best: number | string | null = null;
  for (const value of row.values) {
    if (value.parameter !== key.parameter || (value.versions & bit) === 0) continue;
    const candidate = comparable(value, key.descending);
    if (candidate === null) continue;
    if (best === null || (key.descending ? candidate > best : candidate < best)) best = candidate;
  }
  return best;
}

/** What a value sorts by: the near end of a range in the wanted direction. */
function comparable(value: SearchValue, descending: boolean): number | string | null {
  switch (value.kind) {
    case 'string':
      return value.folded;
    case 'token':
      return value.code;
    case 'date':
      return descending ? value.to : value.from;
    case 'number':
    case 'quantity':
      return descending ? value.high : value.low;
    case 'reference':
      return value.id ?? value.url;
    case 'uri':
      return value.value;
    case 'composite':
      return null;
  }
}
