import { parseDateRange } from './search-date.js';
import type { NumberTest, Prefix, ReferenceTest, Test, TokenTest } from './search-query.js';
import { foldText } from './search-text.js';
import type { SearchKind } from './search-values.js';
import { type FhirVersion, r4TypeOf } from './version.js';

/** What a value is read with. */
export interface ValueOptions {
  readonly version: FhirVersion;
  /** Own base URLs, without a trailing slash; absolute references under them are our own. */
  readonly bases: readonly string[];
  /** Now, in epoch milliseconds: `ap` on a date is a tenth of its distance from now. */
  readonly now: number;
}

/** How strings are compared, and what a reference must be: what the modifier says. */
export interface ValueModifier {
  readonly match: 'starts' | 'contains' | 'exact';
  readonly identifier: boolean;
  /** R4 name; `patient:Patient=`. */
  readonly type: string | null;
}

const prefixes: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

/**
 * Reads one value of a parameter of a kind (R4 §3.1.1.4), still with its escapes. Null when it is not one: the caller
 * says so without repeating it.
 */
export function parseTest(
  kind: Exclude<SearchKind, 'composite'>,
  raw: string,
  modifier: ValueModifier,
  options: ValueOptions,
): Test | null {
  switch (kind) {
    case 'token':
      return parseToken(raw);
    case 'string':
      return parseString(unescaped(raw), modifier);
    case 'date':
      return parseDate(raw, options);
    case 'number':
      return parseNumber(raw);
    case 'quantity':
      return parseQuantity(raw);
    case 'reference':
      return modifier.identifier ? logicalReference(raw) : parseReferenceTest(unescaped(raw), modifier, options);
    case 'uri':
      return { kind: 'uri', value: unescaped(raw) };
  }
}

/** Splits at a separator that no backslash escapes; the parts keep their escapes (R4 §3.1.1.4.0.1). */
export function splitUnescaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Takes the backslash from `\,` `\|` `\$` and `\\`; any other stands for itself. */
export function unescaped(text: string): string {
  return text.replaceAll(/\\([,|$\\])/g, '$1');
}

/** `code`, `system|code`, `|code` (no system) or `system|` (any code). */
function parseToken(raw: string): TokenTest | null {
  const parts = splitUnescaped(raw, '|').map(unescaped);
  const [first = '', second] = parts;
  if (parts.length > 2) return null;
  if (second === undefined) return first === '' ? null : { kind: 'token', code: first.toLowerCase() };
  if (first === '' && second === '') return null;
  const system = first === '' ? null : first;
  return second === '' ? { kind: 'token', system } : { kind: 'token', system, code: second.toLowerCase() };
}

function parseString(value: string, { match }: ValueModifier): Test | null {
  const text = match === 'exact' ? value : foldText(value);
  return text === '' ? null : { kind: 'string', match, text };
}

function parseDate(raw: string, { now }: ValueOptions): Test | null {
  const [prefix, value] = splitPrefix(raw);
  // A plus sign that was sent unencoded in a URL arrives as a space.
  const range = parseDateRange(value.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (range === null) return null;
  if (prefix !== 'ap') return { kind: 'date', prefix, from: range.from, to: range.to };
  const margin = Math.round(Math.abs(now - range.from) / 10);
  return { kind: 'date', prefix, from: range.from - margin, to: range.to + margin };
}

function parseNumber(raw: string): NumberTest | null {
  const [prefix, text] = splitPrefix(raw);
  const match = /^[+-]?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const value = Number(text);
  if (match === null || !Number.isFinite(value)) return null;
  const half = 0.5 * 10 ** (Number(match[3] ?? '0') - (match[2]?.length ?? 0));
  const margin = prefix === 'ap' ? Math.abs(value) / 10 : half;
  return { kind: 'number', prefix, value, low: value - margin, high: value + margin };
}

/** `number`, `number|system|code`, `number||code` (a code or unit, whatever the system). */
function parseQuantity(raw: string): Test | null {
  const parts = splitUnescaped(raw, '|').map(unescaped);
  const [numeral = '', system = '', code = ''] = parts;
  const number = parseNumber(numeral);
  if (number === null || parts.length === 2 || parts.length > 3) return null;
  return {
    ...number,
    kind: 'quantity',
    ...(system === '' ? {} : { system }),
    ...(code === '' ? {} : { code }),
  };
}

function splitPrefix(raw: string): [Prefix, string] {
  const head = raw.slice(0, 2);
  return prefixes.has(head) ? [head as Prefix, raw.slice(2)] : ['eq', raw];
}

function logicalReference(raw: string): ReferenceTest | null {
  const identifier = parseToken(raw);
  return identifier === null ? null : { kind: 'reference', identifier };
}

/** `id`, `Type/id`, a URL under one of our bases, or any other URL. */
function parseReferenceTest(value: string, modifier: ValueModifier, options: ValueOptions): ReferenceTest | null {
  const base = options.bases.find((own) => value.startsWith(`${own}/`));
  const local = base === undefined ? value : value.slice(base.length + 1);
  const match = /^(?:([A-Z][A-Za-z]*)\/)?([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/.exec(local);
  if (match !== null) {
    const named = match[1] === undefined ? null : r4TypeOf(options.version, match[1]);
    if (named !== null && modifier.type !== null && named !== modifier.type) return null;
    const type = named ?? modifier.type;
    return { kind: 'reference', id: match[2] ?? '', ...(type === null ? {} : { type }) };
  }
  return local === '' || modifier.type !== null ? null : { kind: 'reference', url: value };
}
