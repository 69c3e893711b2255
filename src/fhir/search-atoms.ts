import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { impliedSystem } from './definitions/value-sets.js';
import type { Item } from './fhirpath-items.js';
import { parseReference } from './reference.js';
import { type DateRange, earliest, latest, parseDateRange } from './search-date.js';
import { readQuantityRange } from './search-quantity.js';
import { foldText } from './search-text.js';
import type { DateAtom, SearchAtom, SearchKind, TokenAtom } from './search-values.js';
import { type FhirVersion, r4TypeOf } from './version.js';

/** What reading needs to know beside the item itself. */
export interface ReadingOptions {
  readonly version: FhirVersion;
  /** See SearchParameter. */
  readonly targets: readonly string[];
  readonly grams: boolean;
}

type Reader = (item: Item, options: ReadingOptions, into: SearchAtom[]) => void;

const readers: Readonly<Record<Exclude<SearchKind, 'composite'>, Reader>> = {
  token: readToken,
  string: readString,
  date: readDate,
  reference: readReference,
  number: readNumber,
  quantity: readQuantity,
  uri: readUri,
};

/**
 * Adds the atoms by which an item is found as a parameter of a kind, by its FHIR type (R4 §3.1.1.4.4 to .12). Items of a
 * type that the kind does not know, and values that are not what their type says, give none; nothing throws.
 */
export function readAtoms(kind: SearchKind, item: Item, options: ReadingOptions, into: SearchAtom[]): void {
  if (item.value === null || kind === 'composite') return;
  if (item.model === null || isJsonObject(item.value)) readers[kind](item, options, into);
}

function readToken(item: Item, options: ReadingOptions, into: SearchAtom[]): void {
  const value = item.value;
  if (isJsonObject(value)) {
    if (item.type === 'CodeableConcept') readConcept(value, into);
    else if (item.type === 'Coding') into.push(token(value.system, value.code));
    else if (item.type === 'Identifier') into.push(token(value.system, value.value));
    else if (item.type === 'ContactPoint') into.push(token(null, value.value));
  } else if (item.type === 'code' && typeof value === 'string') {
    const binding = item.element?.binding;
    const system = binding?.strength === 'required' ? impliedSystem(options.version, binding.valueSet, value) : null;
    into.push(token(system, value));
  } else if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    into.push(token(null, String(value)));
  }
}

function readConcept(concept: JsonObject, into: SearchAtom[]): void {
  const before = into.length;
  const codings = concept.coding;
  if (Array.isArray(codings)) {
    for (const coding of codings) if (isJsonObject(coding)) into.push(token(coding.system, coding.code));
  }
  if (into.length === before && textOf(concept.text) !== null) into.push(token(null, null));
}

function token(system: Json | undefined, code: Json | undefined): TokenAtom {
  return { kind: 'token', system: textOf(system), code: textOf(code)?.toLowerCase() ?? null };
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

const nameMembers = ['family', 'given', 'prefix', 'suffix', 'text'];
const addressMembers = ['line', 'city', 'district', 'state', 'country', 'postalCode', 'text'];

function readString(item: Item, { grams }: ReadingOptions, into: SearchAtom[]): void {
  const value = item.value;
  if (typeof value === 'string') pushString(value, grams, into);
  else if (typeof value === 'number') pushString(String(value), grams, into);
  else if (isJsonObject(value) && item.type === 'HumanName') {
    for (const name of nameMembers) pushStrings(value[name], grams, into);
    const whole = [value.given, value.family].flat().filter((part) => typeof part === 'string');
    if (whole.length > 1) pushString(whole.join(' '), grams, into);
  } else if (isJsonObject(value) && item.type === 'Address') {
    for (const name of addressMembers) pushStrings(value[name], grams, into);
  }
}

function pushStrings(value: Json | undefined, grams: boolean, into: SearchAtom[]): void {
  if (Array.isArray(value)) for (const part of value) pushStrings(part, grams, into);
  else if (typeof value === 'string') pushString(value, grams, into);
}

function pushString(value: string, grams: boolean, into: SearchAtom[]): void {
  const folded = foldText(value);
  if (folded !== '') into.push({ kind: 'string', folded, exact: value, grams });
}

function readDate(item: Item, _options: ReadingOptions, into: SearchAtom[]): void {
  const value = item.value;
  if (typeof value === 'string') {
    const range = parseDateRange(value);
    if (range !== null) into.push({ kind: 'date', ...range });
  } else if (isJsonObject(value)) {
    const range = item.type === 'Period' ? periodOf(value) : item.type === 'Timing' ? timingOf(value) : null;
    if (range !== null) into.push(range);
  }
}

function periodOf(period: JsonObject): DateAtom | null {
  const start = rangeOf(period.start);
  const end = rangeOf(period.end);
  if (start === null && end === null) return null;
  return { kind: 'date', from: start?.from ?? earliest, to: end?.to ?? latest };
}

/** R4 §3.1.1.4.7: the outer limits of all that the timing names. */
function timingOf(timing: JsonObject): DateAtom | null {
  const events = Array.isArray(timing.event) ? timing.event.map(rangeOf).filter((range) => range !== null) : [];
  const repeat = isJsonObject(timing.repeat) ? timing.repeat : {};
  const bounds = isJsonObject(repeat.boundsPeriod) ? periodOf(repeat.boundsPeriod) : null;
  const ranges: DateRange[] = bounds === null ? events : [...events, bounds];
  if (ranges.length === 0) return null;
  return {
    kind: 'date',
    from: Math.min(...ranges.map((range) => range.from)),
    to: Math.max(...ranges.map((range) => range.to)),
  };
}

function rangeOf(value: Json | undefined): DateRange | null {
  return typeof value === 'string' ? parseDateRange(value) : null;
}

function readReference(item: Item, options: ReadingOptions, into: SearchAtom[]): void {
  const { value } = item;
  if (item.model?.resource === true && isJsonObject(value)) {
    if (typeof value.id === 'string' && allowed(item.type, options)) into.push(within(item.type, value.id, options));
    return;
  }
  const parsed = parseReference(value);
  const identifier = isJsonObject(value) && isJsonObject(value.identifier) ? value.identifier : {};
  const logical = token(identifier.system, identifier.value);
  const code = logical.code === null ? null : { system: logical.system, code: logical.code };
  if (parsed?.type != null && !allowed(parsed.type, options)) return;
  if (parsed !== null && parsed.url === null && parsed.type !== null && parsed.id !== null) {
    into.push({ ...within(parsed.type, parsed.id, options), identifier: code });
  } else if (code !== null || (parsed !== null && parsed.url !== null)) {
    into.push({ kind: 'reference', type: null, id: null, url: parsed?.url ?? null, identifier: code });
  }
}

function within(type: string, id: string, { version }: ReadingOptions) {
  return { kind: 'reference', type: r4TypeOf(version, type), id, url: null, identifier: null } as const;
}

function allowed(type: string, { targets }: ReadingOptions): boolean {
  return targets.length === 0 || targets.includes(type);
}

function readNumber(item: Item, _options: ReadingOptions, into: SearchAtom[]): void {
  const range = readQuantityRange(item);
  if (range !== null) into.push({ kind: 'number', low: range.low, high: range.high });
}

function readQuantity(item: Item, _options: ReadingOptions, into: SearchAtom[]): void {
  const range = readQuantityRange(item);
  if (range !== null) into.push({ kind: 'quantity', ...range });
}

function readUri(item: Item, _options: ReadingOptions, into: SearchAtom[]): void {
  if (typeof item.value === 'string' && item.value !== '') into.push({ kind: 'uri', value: item.value });
}
