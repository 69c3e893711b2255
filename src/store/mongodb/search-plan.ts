/**
 * How a search is answered. Ways: `ids` reads the documents named; `ordered` reads what refers to a patient or another
 * resource, from an index that is in the order asked for; `collect` gathers what a narrow index finds, and keeps the first of
 * it as it sorts; `walk` reads the type in order until the page is full. What the index does not decide the filter does,
 * in the database. Pure.
 */
import type { Document } from 'mongodb';
import type { SearchQuery, SortKey } from '../../fhir/search-query.js';
import { versionBit } from '../../fhir/version.js';
import { nameOf } from './document-shape.js';
import type { IndexChoice, ResourceIndex } from './indexes.js';
import { exactFilter } from './search-filter.js';
import { type Narrowing, narrow } from './search-narrow.js';

/** A column that documents have an order by. */
export interface Column {
  readonly name: 'sortKey' | 'lastUpdated' | '_id';
  readonly descending: boolean;
}

/** An index by its name, and all that documents must meet. */
export interface Access {
  readonly index: ResourceIndex | '_id_';
  readonly filter: Document;
}

export interface SearchPlan {
  readonly way: 'ids' | 'ordered' | 'collect' | 'walk';
  readonly page: Access;
  /** Counting reads all that match, so it goes by the narrowest index even where the page does not. */
  readonly total: Access;
}

/** Counts what a narrowing finds, up to `wide`: from there on it is too wide to be gathered, where an order can be walked. */
export interface Estimate {
  readonly wide: number;
  rowsOf(narrowing: Narrowing): Promise<number>;
}

export async function planSearch(query: SearchQuery, choice: IndexChoice, estimate: Estimate): Promise<SearchPlan> {
  const bit = versionBit[query.version];
  const conditions = query.where.map((condition) => exactFilter(query.type, condition, bit));
  const access = (index: Access['index'], base: Document): Access => ({
    index,
    filter: conditions.length === 0 ? base : { ...base, $and: conditions },
  });
  const ids = idsOf(query);
  if (ids !== undefined) {
    // documents that stand for another are found here, and only here
    const named = access('_id_', { _id: { $in: ids }, shown: { $gt: 0 } });
    return { way: 'ids', page: named, total: named };
  }
  const driver = await chooseDriver(query, choice, estimate);
  const column = onlyColumn(query.sort);
  const byDriver = driver === undefined ? undefined : access(driver.index, baseOf(query.type, driver));
  if (byDriver !== undefined && driver?.index === 'refs' && driver.points && column?.name === 'sortKey') {
    return { way: 'ordered', page: byDriver, total: byDriver };
  }
  const walked = walkOf(query.type, column);
  const page = access(walked.index, walked.base);
  const total = byDriver ?? access('order', { type: query.type, shown: 1 });
  if (column === undefined) return { way: 'collect', page: byDriver ?? page, total };
  const narrowEnough = driver !== undefined && driver.rows < estimate.wide && !isOrder(driver, column);
  return narrowEnough ? { way: 'collect', page: total, total } : { way: 'walk', page, total };
}

interface Driver extends Narrowing {
  readonly rows: number;
}

/** The narrowest of what the indexes find. What belongs to a patient or a visit is bounded, and not counted first. */
async function chooseDriver(
  { type, where }: SearchQuery,
  choice: IndexChoice,
  estimate: Estimate,
): Promise<Driver | undefined> {
  const narrowings = where.flatMap((condition) => {
    const narrowing = narrow(type, condition, choice);
    return narrowing === undefined ? [] : [{ ...narrowing, bounded: narrowing.points && isOfPerson(condition) }];
  });
  const bounded = narrowings.find((one) => one.bounded);
  if (bounded !== undefined) return { ...bounded, rows: 0 };
  const counted = await Promise.all(narrowings.map(async (one) => ({ ...one, rows: await estimate.rowsOf(one) })));
  let best: Driver | undefined;
  for (const one of counted) if (best === undefined || one.rows < best.rows) best = one;
  return best;
}

function isOfPerson(condition: SearchQuery['where'][number]): boolean {
  if ('missing' in condition) return false;
  return condition.anyOf.every(
    (test) => test.kind === 'reference' && (test.type === 'Patient' || test.type === 'Encounter'),
  );
}

/** What stands in an index of search values is shown; that of all documents says so itself. */
function baseOf(type: string, { index, filter }: Narrowing): Document {
  return index === 'updated' ? { type, shown: 1, ...filter } : { type, ...filter };
}

/** A range of the order asked for is better walked. */
function isOrder({ index }: Narrowing, column: Column): boolean {
  return index === 'updated' && column.name === 'lastUpdated';
}

function walkOf(
  type: string,
  column: Column | undefined,
): { readonly index: Access['index']; readonly base: Document } {
  if (column?.name === '_id') return { index: '_id_', base: { _id: { $gte: `${type}/`, $lt: `${type}0` }, shown: 1 } };
  return { index: column?.name === 'lastUpdated' ? 'updated' : 'order', base: { type, shown: 1 } };
}

const columnNames = { date: 'sortKey', _lastUpdated: 'lastUpdated', _id: '_id' } as const;

/** The column of a sort key; undefined for one that is a search parameter. */
export function columnOf(key: SortKey): Column | undefined {
  return key.by === 'parameter' ? undefined : { name: columnNames[key.by], descending: key.descending };
}

/** The column that alone makes the order, with the id. */
export function onlyColumn(sort: readonly SortKey[]): Column | undefined {
  const [key, second] = sort;
  if (key === undefined) return { name: '_id', descending: false };
  return second === undefined ? columnOf(key) : undefined;
}

/** The names of documents that a search names, when it does: then it is answered from them alone. */
function idsOf({ type, where }: SearchQuery): readonly string[] | undefined {
  for (const condition of where) {
    if (condition.parameter !== '_id' || 'missing' in condition || condition.negate) continue;
    return [...new Set(condition.anyOf.flatMap((test) => (test.kind === 'id' ? [nameOf(type, test.id)] : [])))];
  }
  return undefined;
}
