import { isResourceType } from './definitions/type-model.js';
import {
  isRefusedParameter,
  mainDateParameter,
  type SearchParameter,
  searchParametersOf,
} from './search-parameters.js';
import type { CompositeTest, Condition, CursorPosition, SearchQuery, SortKey, Test } from './search-query.js';
import { type ResultParameters, readResultParameter } from './search-result-parameters.js';
import { parseTest, splitUnescaped, unescaped, type ValueModifier, type ValueOptions } from './search-test.js';
import type { SearchKind } from './search-values.js';
import { type FhirVersion, r4TypeOf } from './version.js';

/** What the facade knows beside the request. */
export interface ParseOptions {
  /** Own base URLs, without a trailing slash. */
  readonly bases: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
  readonly defaultCount: number;
  readonly largestCount: number;
  /** Opened from the request's cursor. */
  readonly after?: CursorPosition;
}

/** A parameter that was left out, by its name as sent. */
export interface IgnoredParameter {
  readonly parameter: string;
  readonly reason: 'unknown' | 'refused';
}

/** A parameter that cannot be served: answer 400. The message says what would be right and never holds the value. */
export interface ParameterError {
  readonly parameter: string;
  readonly message: string;
}

export interface ParsedSearch extends ResultParameters {
  readonly query: SearchQuery;
  readonly unknown: readonly IgnoredParameter[];
  readonly errors: readonly ParameterError[];
}

/**
 * Reads the parameters of a search of one type (as the version names it), from URL and form body alike. Names are taken in
 * any case, `id` as `_id`, and both spellings of `_sort` on every base. A parameter without a value is passed over. What is
 * not known goes to `unknown`, what is known but wrong to `errors`; the query holds the rest.
 */
export function parseSearch(
  version: FhirVersion,
  type: string,
  params: readonly (readonly [name: string, value: string])[],
  options: ParseOptions,
): ParsedSearch {
  const where: Condition[] = [];
  const sort: SortKey[] = [];
  const unknown: IgnoredParameter[] = [];
  const errors: ParameterError[] = [];
  let result: ResultParameters = { include: [], summary: null, elements: null, total: null, format: null };
  let count = Math.min(options.defaultCount, options.largestCount);
  for (const [sent, value] of params) {
    const [name, modifier] = splitName(sent);
    if (value === '') continue;
    if (name === '_sort') {
      for (const part of value.split(',')) {
        const key = sortKey(version, type, part.trim(), modifier);
        if (key === null)
          errors.push({ parameter: sent, message: 'names no parameter that this type can be sorted by' });
        else sort.push(key);
      }
    } else if (name === '_count') {
      if (/^\d+$/.test(value)) count = Math.min(Number(value), options.largestCount);
      else errors.push({ parameter: sent, message: 'must be a number, 0 or more' });
    } else {
      const read = readResultParameter(version, type, name, modifier, value, result);
      if (read === null) readCondition(version, type, sent, name, modifier, value, options, { where, unknown, errors });
      else if ('message' in read) errors.push({ parameter: sent, message: read.message });
      else result = read;
    }
  }
  const order: readonly SortKey[] = sort.length > 0 ? sort : [{ by: 'date', descending: true }];
  const after = options.after === undefined ? {} : { after: options.after };
  return {
    ...result,
    query: { type: r4TypeOf(version, type), version, where, sort: order, count, ...after },
    unknown,
    errors,
  };
}

interface Collected {
  readonly where: Condition[];
  readonly unknown: IgnoredParameter[];
  readonly errors: ParameterError[];
}

/** The name in lower case with `id` as `_id`, and the modifier as sent. */
function splitName(sent: string): [string, string | null] {
  const colon = sent.indexOf(':');
  const name = (colon < 0 ? sent : sent.slice(0, colon)).toLowerCase();
  return [name === 'id' ? '_id' : name, colon < 0 ? null : sent.slice(colon + 1)];
}

function readCondition(
  version: FhirVersion,
  type: string,
  sent: string,
  name: string,
  modifier: string | null,
  value: string,
  options: ParseOptions,
  into: Collected,
): void {
  const own = name === '_id' || name === '_lastupdated' ? rowParameter(version, name) : undefined;
  const parameter = own ?? searchParametersOf(version, type).get(name);
  if (parameter === undefined) {
    into.unknown.push({ parameter: sent, reason: isRefusedParameter(name) ? 'refused' : 'unknown' });
    return;
  }
  if (modifier?.includes('.') === true) {
    into.unknown.push({ parameter: sent, reason: 'refused' });
    return;
  }
  const condition = parseCondition(version, parameter, modifier, value, {
    version,
    bases: options.bases,
    now: options.now,
  });
  if ('message' in condition) into.errors.push({ parameter: sent, message: condition.message });
  else into.where.push(condition);
}

/** `_id` and `_lastUpdated`, which stores answer from the row. */
function rowParameter(version: FhirVersion, name: '_id' | '_lastupdated'): SearchParameter {
  const common = { of: version, expression: '', composite: null, targets: [], grams: false, anywhere: false };
  return name === '_id' ? { ...common, name: '_id', kind: 'token' } : { ...common, name: '_lastUpdated', kind: 'date' };
}

function parseCondition(
  version: FhirVersion,
  parameter: SearchParameter,
  modifier: string | null,
  value: string,
  options: ValueOptions,
): Condition | { readonly message: string } {
  const name = parameter.name;
  const kind = name === '_id' ? 'id' : parameter.kind;
  if (modifier === 'missing') {
    if (value !== 'true' && value !== 'false') return { message: 'with :missing must be true or false' };
    return { parameter: name, kind, missing: value === 'true' };
  }
  const how = readModifier(version, parameter, modifier);
  if (how === null)
    return { message: `cannot take this modifier; a ${parameter.kind} takes ${modifiersOf(parameter.kind)}` };
  const anyOf: (Test | CompositeTest)[] = [];
  for (const raw of splitUnescaped(value, ',')) {
    if (raw === '') continue;
    const test =
      name === '_id' ? ({ kind: 'id', id: unescaped(raw) } as const) : parseAny(parameter, raw, how, options);
    if (test === null) return { message: `is not a value of a ${parameter.kind} parameter` };
    anyOf.push(test);
  }
  if (anyOf.length === 0) return { message: `is not a value of a ${parameter.kind} parameter` };
  return { parameter: name, kind, negate: modifier === 'not', anyOf };
}

function parseAny(
  parameter: SearchParameter,
  raw: string,
  how: ValueModifier,
  options: ValueOptions,
): Test | CompositeTest | null {
  if (parameter.kind !== 'composite') return parseTest(parameter.kind, raw, how, options);
  const [left, right, ...more] = splitUnescaped(raw, '$');
  const kinds = parameter.composite?.parts.map(([, kind]) => kind);
  if (left === undefined || right === undefined || more.length > 0 || kinds === undefined) return null;
  const first = parsePart(kinds[0], left, how, options);
  const second = parsePart(kinds[1], right, how, options);
  return first === null || second === null ? null : { kind: 'composite', parts: [first, second] };
}

function parsePart(kind: SearchKind | undefined, raw: string, how: ValueModifier, options: ValueOptions): Test | null {
  return kind === undefined || kind === 'composite' ? null : parseTest(kind, raw, how, options);
}

/** Null for a modifier that the parameter cannot take. */
function readModifier(version: FhirVersion, parameter: SearchParameter, modifier: string | null): ValueModifier | null {
  const plain = { match: parameter.anywhere ? 'contains' : 'starts', identifier: false, type: null } as const;
  if (modifier === null) return plain;
  if (parameter.name === '_id') return null;
  switch (parameter.kind) {
    case 'string':
      return modifier === 'exact' || modifier === 'contains' ? { ...plain, match: modifier } : null;
    case 'token':
      return modifier === 'not' ? plain : null;
    case 'reference':
      if (modifier === 'identifier') return { ...plain, identifier: true };
      return isResourceType(version, modifier) || parameter.targets.includes(modifier)
        ? { ...plain, type: r4TypeOf(version, modifier) }
        : null;
    default:
      return null;
  }
}

function modifiersOf(kind: SearchKind): string {
  if (kind === 'string') return ':exact, :contains and :missing';
  if (kind === 'token') return ':not and :missing';
  return kind === 'reference' ? ':identifier, :missing and the name of a type' : ':missing';
}

/** Both spellings: `-date` in the value, or `:desc` as a modifier of `_sort`. */
function sortKey(version: FhirVersion, type: string, part: string, modifier: string | null): SortKey | null {
  if (modifier !== null && modifier !== 'asc' && modifier !== 'desc') return null;
  const descending = part.startsWith('-') || modifier === 'desc';
  const name = part.replace(/^-/, '').toLowerCase();
  if (name === '_id' || name === 'id') return { by: '_id', descending };
  if (name === '_lastupdated') return { by: '_lastUpdated', descending };
  if (name === mainDateParameter(version, type)) return { by: 'date', descending };
  const parameter = searchParametersOf(version, type).get(name);
  if (parameter === undefined) return name === 'date' ? { by: 'date', descending } : null;
  return parameter.kind === 'composite' ? null : { by: 'parameter', parameter: parameter.name, descending };
}
