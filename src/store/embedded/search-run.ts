/** Runs searches within their time budget. */
import { Fault, fault } from '../../core/errors.js';
import { matches, type SearchRow } from '../../fhir/search-match.js';
import { compareRows, isAfterCursor, positionOf } from '../../fhir/search-order.js';
import type { CursorPosition, SearchQuery } from '../../fhir/search-query.js';
import type { SearchValue } from '../../fhir/search-values.js';
import { visitParameter } from '../../fhir/visit-reference.js';
import type { FoundTotal } from '../estimated-total.js';
import { positionText } from '../position-text.js';
import type { SearchLimits, SearchPage, ShownDocument } from '../resource-port.js';
import { shownColumns, toShown } from './document-rows.js';
import type { Database, SqlRow, SqlValue } from './open-database.js';
import { lookAtClock } from './search-clock.js';
import { estimateTotal, isSmall } from './search-estimate.js';
import { planSearch, type SearchPlan, type Sql, shownOf } from './search-plan.js';
import type { Estimate } from './search-way.js';
import { parseValues } from './stored-values.js';
import type { TenantFile } from './tenant-files.js';

interface Running extends ValuesReader {
  readonly query: SearchQuery;
  readonly residual: SearchQuery;
  /** Sooner while matches are counted. */
  deadline: number;
  /** What a function called from SQL threw; the driver passes on only that it threw. */
  failure?: unknown;
}

/** Reads of a stored body what a search looks at. */
interface ValuesReader {
  valuesOf(body: string): readonly SearchValue[];
}

const running = new WeakMap<Database, Running>();

/** Gives a connection the functions that searches call from SQL. */
export function prepareSearch(db: Database): void {
  const define = (name: string, work: (search: Running, values: readonly SqlValue[]) => SqlValue): void =>
    db.define(name, (...values) => {
      const search = running.get(db);
      if (search === undefined) throw fault('internal', 'no search is running');
      try {
        return work(search, values);
      } catch (error) {
        search.failure = error;
        throw error;
      }
    });
  define('tick', ({ deadline }) => {
    lookAtClock(deadline);
    return 1;
  });
  define('holds', (search, row) => {
    lookAtClock(search.deadline);
    return matches(search.residual, searchRow(search, row)) ? 1 : 0;
  });
  define('place', (search, row) => {
    lookAtClock(search.deadline);
    return positionText(positionOf(search.query, searchRow(search, row)));
  });
}

function searchRow(
  { valuesOf }: ValuesReader,
  [body, id, lastUpdated, date]: readonly (SqlValue | undefined)[],
): SearchRow {
  return {
    id: String(id),
    lastUpdated: Number(lastUpdated),
    date: typeof date === 'number' ? date : null,
    values: typeof body === 'string' ? valuesOf(body) : [],
  };
}

function rowOf(reader: ValuesReader, { body, id, updated, date }: SqlRow): SearchRow {
  return searchRow(reader, [body, id, updated, date]);
}

function valuesReader({ shapes }: TenantFile, { type, where, sort }: SearchQuery): ValuesReader {
  const wanted = new Set<string>([visitParameter(type) ?? '']);
  for (const { parameter } of where) wanted.add(parameter);
  for (const key of sort) if (key.by === 'parameter') wanted.add(key.parameter);
  return { valuesOf: (body) => parseValues(body, shapes, wanted) };
}

/** One page of a search, and the number of all matches when asked for. Throws `too-costly` when the budget runs out. */
export function searchDocuments(file: TenantFile, query: SearchQuery, limits: SearchLimits): SearchPage {
  const ids = idsOf(query);
  if (ids !== undefined) return searchById(file, query, ids, limits);
  const deadline = performance.now() + limits.budget;
  const plan = planFor(file, query);
  if (plan === undefined) return { documents: [], total: limits.total ? 0 : undefined, next: undefined };
  const { db } = file;
  const residual = { ...query, where: plan.residual };
  const search: Running = { query, residual, deadline, ...valuesReader(file, query) };
  running.set(db, search);
  try {
    lookAtClock(deadline);
    return runPlan(db, search, plan, limits);
  } catch (error) {
    throw search.failure ?? error;
  } finally {
    running.delete(db);
  }
}

/** The plan of a search as the file's contents are. Exported so that tests can ask the database to explain it. */
export function planFor(file: TenantFile, query: SearchQuery): SearchPlan | undefined {
  const { db, widths } = file;
  const { wide } = widths;
  const estimate: Estimate = {
    ...widths,
    ofType() {
      const { text, values } = shownOf(query.type);
      return Number(db.get(text, ...values)?.total);
    },
    rowsOf(term) {
      let found = 0;
      for (const { table, where, values } of term.lookups) {
        const counted = `SELECT count(*) AS found FROM (SELECT 1 FROM ${table} i WHERE ${where} LIMIT ?)`;
        found += Number(db.get(counted, ...values, wide)?.found);
      }
      return Math.min(found, wide);
    },
  };
  return planSearch(query, (name) => file.parameter(query.type, name), estimate);
}

function runPlan(db: Database, search: Running, plan: SearchPlan, limits: SearchLimits): SearchPage {
  const { query } = search;
  const total = (): FoundTotal => (limits.total ? totalBy(db, search, plan.total, limits) : { total: undefined });
  if (query.count === 0) return { documents: [], ...total(), next: undefined };
  const rows = db.all(plan.page.text, ...plan.page.values);
  if (!plan.sorted) return sortedPage(db, query, rows, limits);
  const shown = rows.slice(0, query.count);
  const last = shown.at(-1);
  const next = rows.length > query.count && last !== undefined ? cursorAt(query, last) : undefined;
  const whole = next === undefined && query.after === undefined;
  const found = whole && limits.total ? { total: shown.length } : total();
  return { documents: load(db, shown), ...found, next };
}

/** All matches, counted; where that takes longer than the count's own budget, estimated. */
function totalBy(db: Database, search: Running, sql: Sql, { countBudget }: SearchLimits): FoundTotal {
  const count = (): number => Number(db.get(sql.text, ...sql.values)?.total);
  if (countBudget === undefined) return { total: count() };
  const { deadline } = search;
  const until = performance.now() + countBudget;
  try {
    search.deadline = Math.min(deadline, until);
    return { total: count() };
  } catch (error) {
    if (!(search.failure instanceof Fault) || search.failure.code !== 'too-costly') throw error;
    search.failure = undefined;
  } finally {
    search.deadline = deadline;
  }
  if (countBudget > 0 && isSmall(db)) return { total: count() };
  const isMatch = (row: SqlRow): boolean => matches(search.query, rowOf(search, row));
  const drawUntil = countBudget > 0 ? Math.min(deadline, until + 2 * countBudget) : deadline;
  return estimateTotal(db, search.query, isMatch, drawUntil);
}

function cursorAt(query: SearchQuery, row: SqlRow): string {
  return positionText({ values: query.sort.map(() => row.sort as number | string), id: String(row.id) });
}

/** For an order that SQL does not make: all matches were read, as their places. */
function sortedPage(db: Database, query: SearchQuery, rows: readonly SqlRow[], limits: SearchLimits): SearchPage {
  const placed = rows.map((row) => ({ row, at: JSON.parse(String(row.place)) as CursorPosition }));
  placed.sort((a, b) => comparePlaces(query, a.at, b.at));
  const { after } = query;
  const rest = after === undefined ? placed : placed.filter(({ at }) => comparePlaces(query, after, at) < 0);
  const shown = rest.slice(0, query.count);
  const last = shown.at(-1);
  return {
    documents: load(
      db,
      shown.map(({ row }) => row),
    ),
    total: limits.total ? rows.length : undefined,
    next: rest.length > query.count && last !== undefined ? positionText(last.at) : undefined,
  };
}

function comparePlaces(query: SearchQuery, a: CursorPosition, b: CursorPosition): number {
  for (const [at, key] of query.sort.entries()) {
    const [left, right] = [a.values[at] ?? null, b.values[at] ?? null];
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return (left < right ? -1 : 1) * (key.descending ? -1 : 1);
  }
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function load(db: Database, rows: readonly SqlRow[]): ShownDocument[] {
  const sql = `SELECT ${shownColumns} FROM document WHERE doc = ?`;
  return rows.flatMap((row) => {
    const found = db.get(sql, row.doc ?? null);
    return found === undefined ? [] : [toShown(found)];
  });
}

/** The ids that a search names, when it does: then it is answered from them alone. */
function idsOf(query: SearchQuery): readonly string[] | undefined {
  for (const condition of query.where) {
    if (condition.parameter !== '_id' || 'missing' in condition || condition.negate) continue;
    return [...new Set(condition.anyOf.flatMap((test) => (test.kind === 'id' ? [test.id] : [])))];
  }
  return undefined;
}

/** Documents that stand for another are found here, and only here. */
function searchById(file: TenantFile, query: SearchQuery, ids: readonly string[], limits: SearchLimits): SearchPage {
  const { db } = file;
  const reader = valuesReader(file, query);
  const sql =
    'SELECT d.doc AS doc, d.id AS id, d.last_updated AS updated, d.sort_date AS date, v.body AS body' +
    ' FROM document d LEFT JOIN search_values v ON v.doc = d.doc WHERE d.type = ? AND d.id = ? AND d.shown > 0';
  const found = ids
    .flatMap((id) => db.all(sql, query.type, id))
    .map((row) => ({ doc: row.doc, row: rowOf(reader, row) }))
    .filter(({ row }) => matches(query, row))
    .sort((a, b) => compareRows(query, a.row, b.row));
  const rest = found.filter(({ row }) => isAfterCursor(query, row));
  const shown = rest.slice(0, query.count);
  const last = shown.at(-1);
  return {
    documents: load(
      db,
      shown.map(({ doc }) => ({ doc: doc ?? null })),
    ),
    total: limits.total ? found.length : undefined,
    next: rest.length > query.count && last !== undefined ? positionText(positionOf(query, last.row)) : undefined,
  };
}
