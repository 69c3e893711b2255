/** Runs searches within their time budget. */
import type { Document, Sort } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { SearchQuery } from '../../fhir/search-query.js';
import type { FoundTotal } from '../estimated-total.js';
import { positionText } from '../position-text.js';
import type { SearchLimits, SearchPage } from '../resource-port.js';
import { byIndex } from './by-index.js';
import { type ShownRecord, shownFields, toShown } from './document-shape.js';
import type { IndexChoice } from './indexes.js';
import { putBack } from './outside-values.js';
import { afterFilter, computedStage, isComputed, missingStage, placeIn, sortOf } from './search-order.js';
import { type Access, type Column, onlyColumn, planSearch, type SearchPlan } from './search-plan.js';
import { type Clock, countBy, type Totals, totalBy } from './search-total.js';
import type { TenantDatabase } from './tenant-databases.js';

/** What an index finds from this many documents on is not gathered and sorted, when the order can be walked instead. */
export const usuallyWide = 5000;

export interface SearchSettings {
  readonly choice: IndexChoice;
  readonly wide: number;
  readonly totals: Totals;
}

type Row = ShownRecord & Document;

const rowFields = { ...shownFields, sortKey: 1 } as const;

/** Milliseconds beyond its budget after which a search that the database does not give up is given up here. */
const patience = 1000;

/**
 * One page of a search, and the number of all matches when asked for. Throws `too-costly` when the budget runs out, and
 * `store-unavailable` when the database, paused or cut off, does not say so itself.
 */
export async function searchDocuments(
  database: TenantDatabase,
  query: SearchQuery,
  limits: SearchLimits,
  settings: SearchSettings,
): Promise<SearchPage> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    const tell = (): void => reject(fault('store-unavailable', `${database.name} does not answer`));
    timer = setTimeout(tell, Math.max(limits.budget, 0) + patience);
  });
  try {
    return await Promise.race([answer(database, query, limits, settings), silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function answer(
  database: TenantDatabase,
  query: SearchQuery,
  limits: SearchLimits,
  settings: SearchSettings,
): Promise<SearchPage> {
  const left = clockOf(limits.budget);
  const plan = await planFor(database, query, settings, left);
  const { countBudget } = limits;
  const count = async (): Promise<FoundTotal> =>
    limits.total
      ? totalBy(database, query.type, plan.total, left, { countBudget, totals: settings.totals })
      : { total: undefined };
  if (query.count === 0) return { documents: [], ...(await count()), next: undefined };
  const rows = await readPage(database, query, plan, left);
  const shown = rows.slice(0, query.count);
  const last = shown.at(-1);
  const next = rows.length > query.count && last !== undefined ? positionText(placeIn(query, last)) : undefined;
  const whole = next === undefined && query.after === undefined;
  const total = whole && limits.total ? { total: shown.length } : await count();
  return { documents: (await putBack(database.contents, shown)).map(toShown), ...total, next };
}

function clockOf(budget: number): Clock {
  const deadline = performance.now() + budget;
  return () => {
    const left = Math.ceil(deadline - performance.now());
    if (left <= 0) throw fault('too-costly', 'the search takes too long: narrow it down');
    return left;
  };
}

/** The plan of a search as the contents are. */
async function planFor(
  database: TenantDatabase,
  query: SearchQuery,
  { choice, wide }: SearchSettings,
  left: Clock,
): Promise<SearchPlan> {
  return planSearch(query, choice, {
    wide,
    rowsOf: ({ index, filter }) => countBy(database, { index, filter: { type: query.type, ...filter } }, left, wide),
  });
}

/** One row more than the page holds, when there is one. */
async function readPage(
  { resources }: TenantDatabase,
  query: SearchQuery,
  { way, page }: SearchPlan,
  left: Clock,
): Promise<Row[]> {
  const wanted = query.count + 1;
  const find = (condition: Document, sort: Sort, limit: number): Promise<Row[]> =>
    byIndex(page.index, (how) =>
      resources
        .find<Row>(and(page.filter, condition), { projection: rowFields, sort, limit, maxTimeMS: left(), ...how })
        .toArray(),
    );
  const column = onlyColumn(query.sort);
  if (column !== undefined && (way === 'ordered' || way === 'walk')) return inOrderOf(query, column, find, wanted);
  if (!isComputed(query)) return find(afterFilter(query), sortOf(query), wanted);
  const places = await byIndex(page.index, (how) =>
    resources.aggregate<Row>(sortedPlaces(query, page, wanted), { maxTimeMS: left(), ...how }).toArray(),
  );
  const named = { _id: { $in: places.map(({ _id }) => _id) } };
  const found = await resources.find<Row>(named, { projection: rowFields, maxTimeMS: left() }).toArray();
  const rows = new Map(found.map((row) => [row._id, row]));
  return places.flatMap((place) => {
    const row = rows.get(place._id);
    return row === undefined ? [] : [{ ...place, ...row }];
  });
}

function and(filter: Document, condition: Document): Document {
  return Object.keys(condition).length === 0 ? filter : { $and: [filter, condition] };
}

/** For an order by search parameters: where each match stands, the first of them. */
function sortedPlaces(query: SearchQuery, page: Access, wanted: number): Document[] {
  const order = sortOf(query);
  const kept = Object.fromEntries(Object.keys(order).map((name) => [name, 1]));
  return [
    { $match: page.filter },
    computedStage(query),
    { $project: kept },
    missingStage(query),
    { $match: afterFilter(query) },
    { $sort: order },
    { $limit: wanted },
  ];
}

type Find = (condition: Document, sort: Sort, limit: number) => Promise<Row[]>;

/**
 * Rows in the order of an index, which is descending with ascending ids. Read backwards, documents of equal dates come with
 * descending ids: they are turned round, and the last of them, which the page may cut, are read anew the right way.
 */
async function inOrderOf(query: SearchQuery, column: Column, find: Find, wanted: number): Promise<Row[]> {
  const { name, descending } = column;
  const direction = descending ? -1 : 1;
  if (name === '_id') return find(afterFilter(query), { _id: direction }, wanted);
  const { after } = query;
  const value = after?.values[0];
  const equal = after === undefined ? [] : await find({ [name]: value, ...afterId(query) }, { _id: 1 }, wanted);
  const missing = wanted - equal.length;
  if (missing === 0) return equal;
  const beyond = after === undefined ? {} : { [name]: descending ? { $lt: value } : { $gt: value } };
  if (descending) return [...equal, ...(await find(beyond, { [name]: -1, _id: 1 }, missing))];
  const later = await find(beyond, { [name]: 1, _id: -1 }, missing);
  const last = later.at(-1)?.[name];
  const cut = later.length === missing ? later.filter((row) => row[name] === last).length : 0;
  const sure = later.slice(0, later.length - cut);
  sure.sort((a, b) => Number(a[name]) - Number(b[name]) || (a._id < b._id ? -1 : 1));
  const ends = cut === 0 ? [] : await find({ [name]: last }, { _id: 1 }, missing - sure.length);
  return [...equal, ...sure, ...ends];
}

function afterId({ type, after }: SearchQuery): Document {
  return after === undefined ? {} : { _id: { $gt: `${type}/${after.id}` } };
}
