/**
 * Turns a search into SQL. Four ways to the answer: `ordered` reads a reference index that is already in the order asked
 * for (a patient's list); `collect` gathers what a narrow index finds and sorts that; `walk` reads the type in order and
 * stops when the page is full; `sift` walks too, in an index alone, and looks only at what another index found, so that
 * documents that are not on the page are not read. Conditions that no index decides are looked at by `matches`, row by row.
 */
import type { Condition, SearchQuery } from '../../fhir/search-query.js';
import { versionBit } from '../../fhir/version.js';
import type { SqlValue } from './open-database.js';
import { inTime } from './search-clock.js';
import {
  type Lookup,
  type ParameterCode,
  type Term,
  termOf,
  updatedWhere,
  type ValueCondition,
} from './search-terms.js';
import { chooseDriver, chooseWay, type Estimate, type SearchWay, type SimpleSort, simpleSort } from './search-way.js';

export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export interface SearchPlan {
  readonly way: SearchWay;
  /** Rows `doc`, `id` and `sort`, one more than the page holds; with `sorted` false all matches, as `doc`, `id` and `place`. */
  readonly page: Sql;
  readonly sorted: boolean;
  /** One row `total`. */
  readonly total: Sql;
  /** Conditions that `holds()` looks at. */
  readonly residual: readonly Condition[];
}

/** `undefined`: nothing can match. The query has no condition on `_id` alone; those are read by id. */
export function planSearch(query: SearchQuery, codeOf: ParameterCode, estimate: Estimate): SearchPlan | undefined {
  const bit = versionBit[query.version];
  const terms = new Map<Condition, Term>();
  for (const condition of query.where) {
    const term = termOf(query.type, condition, codeOf, bit);
    if (term === undefined) continue;
    if (term.lookups.length === 0 && !term.negate) return undefined;
    terms.set(condition, term);
  }
  const sort = simpleSort(query.sort);
  const driver = chooseDriver([...terms.values()], estimate);
  const way = chooseWay(query, driver, sort, estimate);
  const filter = filterOf(query, terms, way === 'walk' ? undefined : driver?.term);
  const used = way === 'walk' ? undefined : driver?.term;
  // counting reads all that match, so it goes by the narrowest index even where the page does not
  const total = totalOf(query, driver?.term, way === 'walk' ? filterOf(query, terms, driver?.term) : filter);
  const page = (): Sql => {
    if (way === 'ordered' && used !== undefined && sort !== undefined) return orderedPage(query, used, filter, sort);
    const from = way === 'sift' ? walked(query, filter, sort, used) : fromOf(query, used, filter, sort);
    return otherPage(query, from, filter, sort);
  };
  return { way, page: page(), sorted: sort !== undefined, total, residual: filter.residual };
}

interface Filter extends Sql {
  readonly residual: readonly Condition[];
  /** Only the document's number is asked for: indexes decide. */
  readonly byIndex: boolean;
}

/** What documents `d` must meet besides being found by the driver. */
function filterOf(query: SearchQuery, terms: ReadonlyMap<Condition, Term>, driver: Term | undefined): Filter {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const residual: Condition[] = [];
  let byIndex = true;
  for (const condition of query.where) {
    const term = terms.get(condition);
    if (term !== undefined && term === driver) {
      if (term.lookups.some((lookup) => !lookup.exact)) residual.push(condition);
    } else if (term?.lookups.every((lookup) => lookup.exact && lookup.point) === true) {
      const exists = term.lookups.map((lookup) => existsFor(lookup));
      if (term.lookups.some(isOrdered)) byIndex = false;
      for (const lookup of term.lookups) values.push(...lookup.values);
      parts.push(`${term.negate ? 'NOT ' : ''}(${exists.join(' OR ') || '0'})`);
    } else if (isPlainUpdated(condition)) {
      const tests = condition.anyOf.flatMap((test) => (test.kind === 'date' ? [updatedWhere(test, 'd')] : []));
      const texts = tests.map(([text]) => `(${text})`);
      for (const [, ...own] of tests) values.push(...own);
      parts.push(`(${texts.join(' OR ') || '0'})`);
      byIndex = false;
    } else {
      residual.push(condition);
    }
  }
  if (residual.length > 0) parts.push('holds(v.body, d.id, d.last_updated, d.sort_date)');
  const text = parts.map((part) => ` AND ${part}`).join('');
  return { text, values, residual, byIndex: byIndex && residual.length === 0 };
}

/** Its rows stand in the documents' default order. */
function isOrdered({ table }: Lookup): boolean {
  return table === 'reference_index';
}

function existsFor(lookup: Lookup): string {
  const sortKey = isOrdered(lookup) ? ' AND i.sort_key = d.sort_key' : '';
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
      `${valuesJoin(filter)} WHERE ${lookup.where}${onIndex} AND d.shown = 1 AND ${inTime('d')}${filter.text}`
    );
  });
  const alone = driver.lookups.length === 1 && driver.lookups[0]?.single === true;
  const order = `ORDER BY sort ${sort.descending ? 'DESC' : 'ASC'}, id`;
  const text = alone ? parts.join('') : parts.concat(parts.length === 1 ? parts : []).join(' UNION ');
  if (!alone && parts.length === 1) values.push(...values);
  return { text: `${text} ${order} LIMIT ?`, values: [...values, query.count + 1] };
}

function otherPage(query: SearchQuery, from: Sql, filter: Filter, sort: SimpleSort | undefined): Sql {
  const cursor = cursorOf(query, sort);
  const where = `${from.text}${cursor.text} AND ${inTime('d')}${filter.text}`;
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
  if (driver === undefined) return walked(query, filter, sort);
  const found = foundBy(driver);
  return {
    text: `FROM (${found.text}) c CROSS JOIN document d ON d.doc = c.doc${valuesJoin(filter)} WHERE d.shown = 1`,
    values: found.values,
  };
}

/** The type in an order; of it only what a term finds, where one is given: its documents are remembered by number first. */
function walked(query: SearchQuery, filter: Filter, sort: SimpleSort | undefined, sieve?: Term): Sql {
  const index = { sort_key: ' INDEXED BY document_order', last_updated: ' INDEXED BY document_updated', id: '' };
  const found = sieve === undefined ? undefined : eachFoundBy(sieve);
  return {
    text:
      `FROM document d${sort === undefined ? '' : index[sort.column]}${valuesJoin(filter)} WHERE d.type = ? AND d.shown = 1` +
      (found === undefined ? '' : ` AND d.doc IN (${found.text})`),
    values: [query.type, ...(found?.values ?? [])],
  };
}

/** The documents that a term finds, each once. */
function foundBy(term: Term): Sql {
  const found = eachFoundBy(term);
  const [only] = term.lookups;
  if (term.lookups.length === 1 && only?.single === true) return found;
  return { ...found, text: `SELECT DISTINCT doc FROM (${found.text})` };
}

/** The documents that a term finds, some of them more than once. */
function eachFoundBy({ lookups }: Term): Sql {
  const parts = lookups.map(
    ({ table, where }) => `SELECT i.doc AS doc FROM ${table} i WHERE ${where} AND ${inTime('i')}`,
  );
  return { text: parts.join(' UNION ALL '), values: lookups.flatMap(({ values }) => values) };
}

function totalOf(query: SearchQuery, driver: Term | undefined, filter: Filter): Sql {
  if (query.where.length === 0) return shownOf(query.type);
  // what stands in an index is shown, so where indexes alone decide it is counted without its documents
  if (driver !== undefined && filter.byIndex) {
    const found = foundBy(driver);
    const where = filter.text === '' ? '' : ` c WHERE 1${filter.text.replaceAll('d.doc', 'c.doc')}`;
    return {
      text: `SELECT count(*) AS total FROM (${found.text})${where}`,
      values: [...found.values, ...filter.values],
    };
  }
  const from = fromOf(query, driver, filter, undefined);
  return {
    text: `SELECT count(*) AS total ${from.text} AND ${inTime('d')}${filter.text}`,
    values: [...from.values, ...filter.values],
  };
}

/** How many documents of a type there are, as the writer counts them. One row `total`. */
export function shownOf(type: string): Sql {
  return { text: 'SELECT coalesce(sum(documents), 0) AS total FROM shown_count WHERE type = ?', values: [type] };
}
