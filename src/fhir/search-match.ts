import type {
  CompositeTest,
  Condition,
  DateTest,
  NumberTest,
  QuantityTest,
  ReferenceTest,
  SearchQuery,
  StringTest,
  Test,
  TokenTest,
} from './search-query.js';
import type {
  CompositeValue,
  QuantityAtom,
  ReferenceAtom,
  SearchAtom,
  SearchValue,
  StringAtom,
} from './search-values.js';
import { versionBit } from './version.js';
import { visitParameter } from './visit-reference.js';

/** A stored resource as a search sees it. `lastUpdated` and `date` (sortDate) in epoch milliseconds. */
export interface SearchRow {
  readonly id: string;
  readonly lastUpdated: number;
  readonly date: number | null;
  readonly values: readonly SearchValue[];
}

/**
 * Whether a resource of the query's type meets all conditions. The reference for every store: an index may only narrow
 * down what this decides. Type, paging and order are not looked at.
 */
export function matches(query: SearchQuery, row: SearchRow): boolean {
  const bit = versionBit[query.version];
  return query.where.every((condition) => meets(query.type, condition, row, bit));
}

function meets(type: string, condition: Condition, row: SearchRow, bit: number): boolean {
  const candidates = candidatesOf(condition, row, bit);
  if ('missing' in condition) return (candidates.length === 0) === condition.missing;
  const met = candidates.some((value) =>
    condition.anyOf.some((test) => passes(test, value) && visitPasses(type, test, row)),
  );
  return met !== condition.negate;
}

function visitPasses(type: string, test: Test | CompositeTest, row: SearchRow): boolean {
  const visit = test.kind === 'reference' ? test.visit : undefined;
  if (visit === undefined) return true;
  const parameter = visitParameter(type);
  const isAmong = row.values.some(
    (value) =>
      value.parameter === parameter &&
      value.kind === 'reference' &&
      value.type === 'Encounter' &&
      visit.among.includes(value.id ?? ''),
  );
  return isAmong === visit.is;
}

type Candidate = SearchAtom | CompositeValue | { readonly kind: 'id'; readonly id: string };

function candidatesOf(condition: Condition, row: SearchRow, bit: number): readonly Candidate[] {
  if (condition.parameter === '_id') return [{ kind: 'id', id: row.id }];
  if (condition.parameter === '_lastUpdated') return [{ kind: 'date', from: row.lastUpdated, to: row.lastUpdated + 1 }];
  return row.values.filter((value) => value.parameter === condition.parameter && (value.versions & bit) !== 0);
}

/** Whether one value meets one test. Values of another kind than the test's never do. */
export function passes(test: Test | CompositeTest, value: Candidate): boolean {
  switch (test.kind) {
    case 'id':
      return value.kind === 'id' && value.id === test.id;
    case 'token':
      return value.kind === 'token' && tokenPasses(test, value.system, value.code);
    case 'string':
      return value.kind === 'string' && stringPasses(test, value);
    case 'date':
      return value.kind === 'date' && datePasses(test, value.from, value.to);
    case 'number':
      return value.kind === 'number' && numberPasses(test, value.low, value.high);
    case 'quantity':
      return value.kind === 'quantity' && quantityPasses(test, value);
    case 'reference':
      return value.kind === 'reference' && referencePasses(test, value);
    case 'uri':
      return value.kind === 'uri' && value.value === test.value;
    case 'composite':
      return (
        value.kind === 'composite' && passes(test.parts[0], value.parts[0]) && passes(test.parts[1], value.parts[1])
      );
  }
}

function tokenPasses(test: TokenTest, system: string | null, code: string | null): boolean {
  if (system === null && code === null) return false;
  return (test.system === undefined || test.system === system) && (test.code === undefined || test.code === code);
}

function stringPasses(test: StringTest, value: StringAtom): boolean {
  if (test.match === 'exact') return value.exact === test.text;
  return test.match === 'starts' ? value.folded.startsWith(test.text) : value.folded.includes(test.text);
}

/** R4 §3.1.1.4.7, both as ranges: `eq` asks that the search's range holds the value's. */
function datePasses(test: DateTest, from: number, to: number): boolean {
  const within = test.from <= from && to <= test.to;
  switch (test.prefix) {
    case 'eq':
      return within;
    case 'ne':
      return !within;
    case 'gt':
      return to > test.to;
    case 'lt':
      return from < test.from;
    case 'ge':
      return to > test.to || within;
    case 'le':
      return from < test.from || within;
    case 'sa':
      return from >= test.to;
    case 'eb':
      return to <= test.from;
    case 'ap':
      return from < test.to && to > test.from;
  }
}

/** R4 §3.1.1.4.6: precision counts for `eq`, `ne` and `ap`; the others compare with the number itself. */
function numberPasses(test: NumberTest | QuantityTest, low: number, high: number): boolean {
  const within = (test.low <= low && high < test.high) || (low === test.value && high === test.value);
  switch (test.prefix) {
    case 'eq':
      return within;
    case 'ne':
      return !within;
    case 'gt':
      return high > test.value;
    case 'lt':
      return low < test.value;
    case 'ge':
      return high >= test.value;
    case 'le':
      return low <= test.value;
    case 'sa':
      return low > test.value;
    case 'eb':
      return high < test.value;
    case 'ap':
      return (low < test.high && high >= test.low) || within;
  }
}

function quantityPasses(test: QuantityTest, value: QuantityAtom): boolean {
  if (test.system !== undefined && test.system !== value.system) return false;
  if (test.code !== undefined && test.code !== value.code && test.code !== value.unit) return false;
  return numberPasses(test, value.low, value.high);
}

function referencePasses(test: ReferenceTest, value: ReferenceAtom): boolean {
  if (test.identifier !== undefined) {
    return value.identifier !== null && tokenPasses(test.identifier, value.identifier.system, value.identifier.code);
  }
  if (test.url !== undefined) return value.url === test.url;
  return value.id !== null && value.id === test.id && (test.type === undefined || value.type === test.type);
}
