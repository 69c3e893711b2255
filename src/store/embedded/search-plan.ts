/**
 * Turns a search into SQL. Three ways to the answer: `ordered` reads a reference index that is already in the order asked
 * for (a patient's list); `collect` gathers what a narrow index finds and sorts that; `walk` reads the type in order and
 * stops when the page is full. Conditions that no index decides are looked at by `matches`, row by row.
 */
import type { Condition, SearchQuery, SortKey } from '../../fhir/search-query.js';
import { versionBit } from '../../fhir/version.js';
import type { SqlValue } from './open-database.js';
import {
  type Lookup,
  type ParameterCode,
  type Term,
  termOf,
  updatedWhere,
  type ValueCondition,
} from './search-terms.js';

export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export interface SearchPlan {
  readonly way: 'ordered' | 'collect' | 'walk';
  /** Rows `doc`, `id` and `sort`, one more than the page holds; with `sorted` false all matches, as `doc`, `id` and `place`. */
  readonly page: Sql;
  readonly sorted: boolean;
  /** One row `total`. */
  readonly total: Sql;
  /** Conditions that `holds()` looks at. */
  readonly residual: readonly Condition[];
}

/** Estimates how many rows a term finds, up to `wide`: from there on it is too wide to be gathered and sorted. */
export interface Estimate {
  readonly wide: number;
  rowsOf(term: Term): number;
}

/** `undefined`: nothing can match. The query has no condition on `_id` alone; those are read by id. */
export function planSearch(query: SearchQuery, codeOf: ParameterCode, estimate: Estimate): SearchPlan | undefined {
  const bit = versionBit[query.version];
  const terms = new Map<Condition, Term>();
  for (const condition of query.where) {
    const term = termOf(query.type, condition, codeOf, bit);
    if (term === undefined) continue;
    if (term.lookups.length === 0 && !term.condition.negate) return undefined;
    terms.set(condition, term);
  }
  const sort = simpleSort(query.sort);
  const driver = chooseDriver([...terms.values()], estimate);
  const way = chooseWay(driver, sort, estimate.wide);
  const filter = filterOf(query, terms, way === 'walk' ? undefined : driver?.term);
  const used = way === 'walk' ? undefined : driver?.term;
  // counting reads all that match, so it goes by the narrowest index even where the page does not
  const total = totalOf(query, driver?.term, way === 'walk' ? filterOf(query, terms, driver?.term) : filter);
  const page =
    way === 'ordered' && used !== undefined && sort !== undefined
      ? orderedPage(query, used, filter, sort)
      : otherPage(query, used, filter, sort);
  return { way, page, sorted: sort !== undefined, total, residual: filter.residual };
}

interface Driver {
  readonly term: Term;
  readonly estimate: number;
}

function chooseDriver(terms: readonly Term[], estimate: Estimate): Driver | undefined {
  let best: Driver | undefined;
  const positive = terms.filter((term) => !term.condition.negate);
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

function chooseWay(driver: Driver | undefined, sort: SimpleSort | undefined, wide: number): SearchPlan['way'] {
  if (driver === undefined) return 'walk';
  const references = driver.term.lookups.every((lookup) => lookup.table === 'reference_index');
  if (sort?.column === 'sort_key' && references) return 'ordered';
  return driver.estimate >= wide && sort !== undefined ? 'walk' : 'collect';
}

interface SimpleSort {
  readonly column: 'sort_key' | 'last_updated' | 'id';
  readonly descending: boolean;
}

/** One key that is a column, which SQL sorts by; any other order is made afterwards. */
function simpleSort(sort: readonly SortKey[]): SimpleSort | undefined {
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

interface Filter extends Sql {
  readonly residual: readonly Condition[];
}

/** What documents `d` must meet besides being found by the driver. */
function filterOf(query: SearchQuery, terms: ReadonlyMap<Condition, Term>, driver: Term | undefined): Filter {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const residual: Condition[] = [];
  for (const condition of query.where) {
    const term = terms.get(condition);
    if (term !== undefined && term === driver) {
      if (term.lookups.some((lookup) => !lookup.exact)) residual.push(condition);
    } else if (term?.lookups.every((lookup) => lookup.exact && lookup.point) === true) {
      const exists = term.lookups.map((lookup) => existsFor(lookup));
      for (const lookup of term.lookups) values.push(...lookup.values);
      parts.push(`${term.condition.negate ? 'NOT ' : ''}(${exists.join(' OR ') || '0'})`);
    } else if (isPlainUpdated(condition)) {
      const tests = condition.anyOf.flatMap((test) => (test.kind === 'date' ? [updatedWhere(test, 'd')] : []));
      const texts = tests.map(([text]) => `(${text})`);
      for (const [, ...own] of tests) values.push(...own);
      parts.push(`(${texts.join(' OR ') || '0'})`);
    } else {
      residual.push(condition);
    }
  }
  if (residual.length > 0) parts.push('holds(v.body, d.id, d.last_updated, d.sort_date)');
  return { text: parts.map((part) => ` AND ${part}`).join(''), values, residual };
}

function existsFor(lookup: Lookup): string {
  const sortKey = lookup.table === 'reference_index' ? ' AND i.sort_key = d.sort_key' : '';
  return `EXISTS (SELECT 1 FROM ${lookup.table} i WHERE ${lookup.where}${sortKey} AND i.doc = d.doc)`;
}

function isPlainUpdated(condition: Condition): condition is ValueCondition {
  return condition.parameter === '_lastUpdated' && !('missing' in condition) && !condition.negate;
}

/** The rows after the cursor, in an order that is a column and the id. */
function cursorOf(query: SearchQuery, sort: SimpleSort | undefined): Sql {
  if (query.after === undefined || sort === undefined) return { text: '', values: [] };
  const { id } = query.after;
  const column = `d.${sort.column}`;
  const compare = sort.descending ? '<' : '>';
  if (sort.column === 'id') return { text: ` AND ${column} ${compare} ?`, values: [id] };
  const value = query.after.values[0] ?? 0;
  return { text: ` AND ${column} ${compare}= ? AND (${column} ${compare} ? OR d.id > ?)`, values: [value, value, id] };
}

function valuesJoin(filter: Filter): string {
  return filter.residual.length > 0 ? ' LEFT JOIN search_values v ON v.doc = d.doc' : '';
}

/** Each reference's rows come in order from its index; several are merged. Only ids of equal dates are sorted. */
function orderedPage(query: SearchQuery, driver: Term, filter: Filter, sort: SimpleSort): Sql {
  const cursor = cursorOf(query, sort);
  const onIndex = cursor.text.replaceAll('d.sort_key', 'i.sort_key');
  const values: SqlValue[] = [];
  const parts = driver.lookups.map((lookup) => {
    values.push(...lookup.values, ...cursor.values, ...filter.values);
    return (
      `SELECT i.sort_key AS sort, d.id AS id, d.doc AS doc FROM reference_index i CROSS JOIN document d ON d.doc = i.doc` +
      `${valuesJoin(filter)} WHERE ${lookup.where}${onIndex} AND d.shown = 1 AND tick(d.doc)${filter.text}`
    );
  });
  const alone = driver.lookups.length === 1 && driver.lookups[0]?.single === true;
  const order = `ORDER BY sort ${sort.descending ? 'DESC' : 'ASC'}, id`;
  const text = alone ? parts.join('') : parts.concat(parts.length === 1 ? parts : []).join(' UNION ');
  if (!alone && parts.length === 1) values.push(...values);
  return { text: `${text} ${order} LIMIT ?`, values: [...values, query.count + 1] };
}

function otherPage(query: SearchQuery, driver: Term | undefined, filter: Filter, sort: SimpleSort | undefined): Sql {
  const from = fromOf(query, driver, filter, sort);
  const cursor = cursorOf(query, sort);
  const where = `${from.text}${cursor.text} AND tick(d.doc)${filter.text}`;
  const values = [...from.values, ...cursor.values, ...filter.values];
  if (sort === undefined) {
    return { text: `SELECT d.doc AS doc, d.id AS id, place(${placeArguments(filter)}) AS place ${where}`, values };
  }
  const order = sort.column === 'id' ? '' : `d.${sort.column} ${sort.descending ? 'DESC' : 'ASC'}, `;
  const last = sort.column === 'id' && sort.descending ? 'd.id DESC' : 'd.id';
  return {
    text: `SELECT d.doc AS doc, d.id AS id, d.${sort.column} AS sort ${where} ORDER BY ${order}${last} LIMIT ?`,
    values: [...values, query.count + 1],
  };
}

function placeArguments(filter: Filter): string {
  const body = filter.residual.length > 0 ? 'v.body' : '(SELECT body FROM search_values WHERE doc = d.doc)';
  return `${body}, d.id, d.last_updated, d.sort_date`;
}

function fromOf(query: SearchQuery, driver: Term | undefined, filter: Filter, sort: SimpleSort | undefined): Sql {
  if (driver === undefined) {
    const index = { sort_key: ' INDEXED BY document_order', last_updated: ' INDEXED BY document_updated', id: '' };
    return {
      text: `FROM document d${sort === undefined ? '' : index[sort.column]}${valuesJoin(filter)} WHERE d.type = ? AND d.shown = 1`,
      values: [query.type],
    };
  }
  const found = foundBy(driver);
  return {
    text: `FROM (${found.text}) c CROSS JOIN document d ON d.doc = c.doc${valuesJoin(filter)} WHERE d.shown = 1`,
    values: found.values,
  };
}

/** The documents that a term finds, each once. */
function foundBy(term: Term): Sql {
  const values = term.lookups.flatMap((lookup) => lookup.values);
  const [only] = term.lookups;
  if (term.lookups.length === 1 && only?.single === true) {
    return { text: `SELECT i.doc AS doc FROM ${only.table} i WHERE ${only.where} AND tick(i.doc)`, values };
  }
  const parts = term.lookups.map(
    (lookup) => `SELECT i.doc AS doc FROM ${lookup.table} i WHERE ${lookup.where} AND tick(i.doc)`,
  );
  return { text: `SELECT DISTINCT doc FROM (${parts.join(' UNION ALL ')})`, values };
}

function totalOf(query: SearchQuery, driver: Term | undefined, filter: Filter): Sql {
  // what stands in an index is shown, so an index that decides alone is counted without its documents
  if (driver !== undefined && filter.text === '') {
    const found = foundBy(driver);
    return { text: `SELECT count(*) AS total FROM (${found.text})`, values: found.values };
  }
  const from = fromOf(query, driver, filter, undefined);
  return {
    text: `SELECT count(*) AS total ${from.text} AND tick(d.doc)${filter.text}`,
    values: [...from.values, ...filter.values],
  };
}
