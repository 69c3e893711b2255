/**
 * What an index can say of a search's conditions. Each condition becomes, where it can, a lookup: the documents that may
 * meet it. Values are always parameters, never SQL text.
 */

import type {
  CompositeTest,
  Condition,
  DateTest,
  NumberTest,
  QuantityTest,
  ReferenceTest,
  Test,
  TokenTest,
} from '../../fhir/search-query.js';
import { containsLookup, foldText } from '../../fhir/search-text.js';
import { visitParameter } from '../../fhir/visit-reference.js';
import { identifierSuffix, longestBeginning, stringPart, ungrammedSuffix, urlType } from './index-rows.js';
import type { SqlValue } from './open-database.js';

/** Rows of one index table, named `i`: `table` with `where`. */
export interface Lookup {
  readonly table: string;
  readonly where: string;
  readonly values: readonly SqlValue[];
  /** Every document found meets the test; otherwise it has to be looked at. */
  readonly exact: boolean;
  /** With the document known, the lookup reads one place. */
  readonly point: boolean;
  /** Finds a document at most once. */
  readonly single: boolean;
}

export type ValueCondition = Extract<Condition, { readonly anyOf: unknown }>;

/** A condition with the lookups of its tests; a document that meets it, or of a negated one does not, is in one of them. */
export interface Term {
  readonly negate: boolean;
  readonly lookups: readonly Lookup[];
}

/** The number of a parameter of the searched type; `undefined` when nothing was ever stored under it. */
export type ParameterCode = (name: string) => number | undefined;

/** Greater than every text that begins with the same letters. */
const afterAll = '\u{10ffff}';

/** The term of a condition, or `undefined` when no index narrows it down. */
export function termOf(type: string, condition: Condition, codeOf: ParameterCode, bit: number): Term | undefined {
  if (condition.parameter === '_id') return undefined;
  if ('missing' in condition) return presentTerm(condition, codeOf, bit);
  if (condition.parameter === '_lastUpdated') return updatedTerm(type, condition);
  const lookups: Lookup[] = [];
  for (const test of condition.anyOf) {
    if (test.kind === 'reference' && test.visit !== undefined) {
      lookups.push(...visitLookups(type, test, condition.parameter, codeOf, bit));
      continue;
    }
    const lookup = lookupOf(test, condition.parameter, codeOf, bit);
    if (lookup === undefined) return undefined;
    if (lookup !== 'nothing') lookups.push(lookup);
  }
  return { negate: condition.negate, lookups };
}

/** Where the values of each kind are found, all of them: a composite's are by one part only. */
const presentIn: Readonly<Partial<Record<Condition['kind'], string>>> = {
  token: 'token_index',
  string: 'string_index',
  date: 'date_index',
  number: 'number_index',
  quantity: 'number_index',
  reference: 'reference_index',
  uri: 'uri_index',
};

/** Of a condition that a parameter has a value: every row of the parameter, where each value makes one. */
function presentTerm(
  { parameter, kind, missing, coded }: Extract<Condition, { readonly missing: boolean }>,
  codeOf: ParameterCode,
  bit: number,
): Term | undefined {
  const table = presentIn[kind];
  if (missing || parameter === '_lastUpdated' || table === undefined) return undefined;
  if (kind === 'token' && coded !== true) return undefined;
  const all = (name: string, from: string): Lookup[] => {
    const code = codeOf(name);
    if (code === undefined) return [];
    const [part, values] = kind === 'string' ? [' AND i.part = ?', [stringPart.beginning]] : ['', []];
    const where = `i.parameter = ?${part} AND (i.versions & ?) <> 0`;
    return [{ table: from, where, values: [code, ...values, bit], exact: true, point: false, single: false }];
  };
  const logical = kind === 'reference' ? all(parameter + identifierSuffix, 'token_index') : [];
  return { negate: false, lookups: [...all(parameter, table), ...logical] };
}

/**
 * A patient's rows but for those of some visits, or the rows of some visits that are of the patient: `i` is of the one, and
 * the row `e` of the same document of the other.
 */
function visitLookups(
  type: string,
  { visit, ...test }: ReferenceTest,
  parameter: string,
  codeOf: ParameterCode,
  bit: number,
): Lookup[] {
  const plain = lookupOf(test, parameter, codeOf, bit);
  if (plain === undefined || plain === 'nothing') return [];
  const code = codeOf(visitParameter(type) ?? '');
  const among = visit?.among ?? [];
  if (code === undefined) return visit?.is === true ? [] : [plain];
  const same = 'e.sort_key = i.sort_key AND e.doc = i.doc';
  if (visit?.is !== true) {
    const marks = among.map(() => '?').join(', ');
    const other = `SELECT 1 FROM reference_index e WHERE e.parameter = ? AND e.target IN (${marks}) AND ${same}`;
    const where = `${plain.where} AND NOT EXISTS (${other})`;
    return [{ ...plain, where, values: [...plain.values, code, ...among] }];
  }
  const other = `SELECT 1 FROM reference_index e WHERE ${plain.where.replaceAll('i.', 'e.')} AND ${same}`;
  return among.map((id) => ({
    ...plain,
    where: `i.parameter = ? AND i.target = ? AND i.type = 'Encounter' AND EXISTS (${other})`,
    values: [code, id, ...plain.values],
    single: true,
  }));
}

function lookupOf(
  test: Test | CompositeTest,
  parameter: string,
  codeOf: ParameterCode,
  bit: number,
): Lookup | 'nothing' | undefined {
  if (test.kind === 'composite') {
    const first = lookupOf(test.parts[0], parameter, codeOf, bit);
    return first === undefined || first === 'nothing' ? first : { ...first, exact: false };
  }
  const logical = test.kind === 'reference' && test.identifier !== undefined;
  const code = codeOf(logical ? parameter + identifierSuffix : parameter);
  if (code === undefined) return 'nothing';
  const make = (table: string, where: string, values: readonly SqlValue[], how: Partial<Lookup> = {}): Lookup => ({
    table,
    where: `i.parameter = ? AND ${where} AND (i.versions & ?) <> 0`,
    values: [code, ...values, bit],
    exact: true,
    point: false,
    single: false,
    ...how,
  });
  switch (test.kind) {
    case 'token':
      return tokenLookup(test, make);
    case 'string':
      // some of its texts are in no gram index: all are looked at
      if (test.match === 'contains' && codeOf(parameter + ungrammedSuffix) !== undefined) return undefined;
      return stringLookup(test, make);
    case 'date': {
      const [where, ...values] = dateWhere(test);
      return make('date_index', where, values);
    }
    case 'number':
    case 'quantity': {
      const [where, ...values] = numberWhere(test);
      return make('number_index', where, values, { exact: false });
    }
    case 'reference':
      if (test.identifier !== undefined) return tokenLookup(test.identifier, make);
      return referenceLookup(test, make);
    case 'uri':
      return make('uri_index', 'i.value = ?', [test.value], { point: true, single: true });
    case 'id':
      return undefined;
  }
}

type Make = (table: string, where: string, values: readonly SqlValue[], how?: Partial<Lookup>) => Lookup;

function tokenLookup(test: TokenTest, make: Make): Lookup {
  const system = test.system === undefined ? undefined : (test.system ?? '');
  // a code of no characters stands for none in the index
  const exact = test.code !== '';
  if (test.code === undefined) return make('token_index', 'i.system = ?', [system ?? ''], { exact: false });
  if (system === undefined) return make('token_index', 'i.code = ?', [test.code], { exact, point: true });
  return make('token_index', 'i.code = ? AND i.system = ?', [test.code, system], { exact, point: true, single: true });
}

function stringLookup(test: Extract<Test, { kind: 'string' }>, make: Make): Lookup | undefined {
  if (test.match === 'contains') {
    const lookup = containsLookup(test.text);
    if (lookup.by === 'gram') {
      return make('string_index', 'i.part = ? AND i.text = ?', [stringPart.gram, lookup.text], {
        point: true,
        single: true,
      });
    }
    const range = [stringPart.tail, lookup.prefix, lookup.prefix + afterAll];
    return make('string_index', 'i.part = ? AND i.text >= ? AND i.text < ?', range, { exact: lookup.whole });
  }
  // `:exact` is looked up by the folded text and compared as sent
  const folded = test.match === 'exact' ? foldText(test.text) : test.text;
  const letters = Array.from(folded);
  const prefix = letters.slice(0, longestBeginning).join('');
  return make(
    'string_index',
    'i.part = ? AND i.text >= ? AND i.text < ?',
    [stringPart.beginning, prefix, prefix + afterAll],
    { exact: test.match === 'starts' && letters.length <= longestBeginning },
  );
}

function referenceLookup(test: Extract<Test, { kind: 'reference' }>, make: Make): Lookup | undefined {
  const where = 'i.target = ? AND i.type = ?';
  if (test.url !== undefined) return make('reference_index', where, [test.url, urlType], { point: true, single: true });
  if (test.id === undefined) return undefined;
  if (test.type !== undefined)
    return make('reference_index', where, [test.id, test.type], { point: true, single: true });
  return make('reference_index', 'i.target = ? AND i.type <> ?', [test.id, urlType], { point: true });
}

/** The same comparisons as `matches` makes, of `i.low` and `i.high`, with the first bounded wherever they allow. */
function dateWhere({ prefix, from, to }: DateTest): [string, ...SqlValue[]] {
  const within = 'i.low >= ? AND i.high <= ?';
  switch (prefix) {
    case 'eq':
      return [`${within} AND i.low <= ?`, from, to, to];
    case 'ne':
      return [`NOT (${within})`, from, to];
    case 'gt':
      return ['i.high > ?', to];
    case 'lt':
      return ['i.low < ?', from];
    case 'ge':
      return [`(i.high > ? OR ${within})`, to, from, to];
    case 'le':
      return [`(i.low < ? OR ${within}) AND i.low <= ?`, from, from, to, Math.max(from, to)];
    case 'sa':
      return ['i.low >= ?', to];
    case 'eb':
      return ['i.high <= ? AND i.low <= ?', from, from];
    case 'ap':
      return ['i.low < ? AND i.high > ?', to, from];
  }
}

function updatedTerm(type: string, condition: ValueCondition): Term {
  const lookups = condition.anyOf.flatMap((test): Lookup[] => {
    if (test.kind !== 'date') return [];
    const [where, ...values] = updatedWhere(test, 'i');
    return [
      {
        table: 'document',
        where: `i.type = ? AND i.shown = 1 AND ${where}`,
        values: [type, ...values],
        exact: true,
        point: false,
        single: true,
      },
    ];
  });
  return { negate: condition.negate, lookups };
}

/** `_lastUpdated` of document `of` is an instant, in whole milliseconds: a range from itself to the next. */
export function updatedWhere({ prefix, from, to }: DateTest, of: string): [string, ...SqlValue[]] {
  const column = `${of}.last_updated`;
  switch (prefix) {
    case 'eq':
      return [`${column} BETWEEN ? AND ?`, from, to - 1];
    case 'ne':
      return [`${column} NOT BETWEEN ? AND ?`, from, to - 1];
    case 'gt':
      return [`${column} > ?`, to - 1];
    case 'lt':
      return [`${column} < ?`, from];
    case 'ge':
      return [`${column} >= ?`, Math.min(from, to)];
    case 'le':
      return [`${column} < ?`, Math.max(from, to)];
    case 'sa':
      return [`${column} >= ?`, to];
    case 'eb':
      return [`${column} <= ?`, from - 1];
    case 'ap':
      return [`${column} > ? AND ${column} < ?`, from - 1, to];
  }
}

/** Narrows only: what is found is compared by `matches`. */
function numberWhere({ prefix, value, low, high }: NumberTest | QuantityTest): [string, ...SqlValue[]] {
  switch (prefix) {
    case 'eq':
    case 'ap':
      return ['i.low <= ? AND i.high >= ?', Math.max(high, value), Math.min(low, value)];
    case 'ne':
      return ['i.low = i.low'];
    case 'gt':
    case 'ge':
    case 'sa':
      return ['i.high >= ?', value];
    case 'lt':
    case 'le':
    case 'eb':
      return ['i.low <= ?', value];
  }
}
