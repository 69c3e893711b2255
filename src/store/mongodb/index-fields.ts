/** What a document's search values become in the database: all of them, which decide, and a few index entries, which narrow down. */
import type { JsonObject } from '../../core/json.js';
import type { StringTest } from '../../fhir/search-query.js';
import { containsLookup, foldText, gramsOf, tailsOf } from '../../fhir/search-text.js';
import { type CompositeValue, type SearchAtom, type SearchValue, searchEdition } from '../../fhir/search-values.js';
import type { IndexChoice } from './indexes.js';

/** One search value: `v` the bits of the versions that show it, `k` its kind; null members are left out. */
export type StoredValue = StoredAtom & { readonly v: number };

/** Members as those of a SearchAtom; `a` and `b` are the parts of a composite. */
type StoredAtom = Readonly<Record<string, string | number | JsonObject>>;

/** Letters for the kinds of search values. */
export const kindLetter = {
  token: 't',
  string: 's',
  date: 'd',
  number: 'n',
  quantity: 'q',
  reference: 'r',
  uri: 'u',
  composite: 'c',
} as const satisfies Record<SearchValue['kind'], string>;

/** Absent where there is nothing to be found by. */
export interface IndexFields {
  /** Edition of the code that made what follows; absent: from before there were editions. */
  readonly edition?: number;
  /** By parameter, so that a condition looks at the values of its own alone. */
  readonly values?: Readonly<Record<string, readonly StoredValue[]>>;
  /** `id/Type` of all that is referred to, and URLs. What we refer to under a name of our own has entries of its own. */
  readonly refs?: readonly string[];
  /** Codes, without system, and identifiers. */
  readonly tokens?: readonly string[];
  /** Letter of the group, then `^` and a beginning, `:` and a gram, or `~` and a tail. */
  readonly texts?: readonly string[];
  /** Where dates begin, epoch ms. */
  readonly dates?: readonly number[];
}

/** The fields for a document's search values. */
export function indexFields(
  type: string,
  {
    values,
    edition = searchEdition,
  }: { readonly values: readonly SearchValue[]; readonly edition?: number | undefined },
  choice: IndexChoice,
): IndexFields {
  const entries = {
    refs: new Set<string>(),
    tokens: new Set<string>(),
    texts: new Set<string>(),
    dates: new Set<number>(),
  };
  for (const value of values) {
    switch (value.kind) {
      case 'reference':
        if (value.id !== null) entries.refs.add(refEntry(value.parameter, value.id, value.type ?? ''));
        else if (value.url !== null) entries.refs.add(value.url);
        if (value.identifier !== null) entries.tokens.add(value.identifier.code);
        break;
      case 'token':
        if (value.code !== null && choice.token(type, value.parameter)) entries.tokens.add(value.code);
        break;
      case 'string': {
        const group = choice.text(type, value.parameter);
        if (group !== undefined) addTexts(group, value.folded, entries.texts);
        break;
      }
      case 'date':
        if (choice.date(type, value.parameter)) entries.dates.add(value.from);
        break;
      default:
    }
  }
  return {
    edition,
    ...(values.length === 0 ? {} : { values: byParameter(values) }),
    ...(entries.refs.size === 0 ? {} : { refs: [...entries.refs] }),
    ...(entries.tokens.size === 0 ? {} : { tokens: [...entries.tokens] }),
    ...(entries.texts.size === 0 ? {} : { texts: [...entries.texts] }),
    ...(entries.dates.size === 0 ? {} : { dates: [...entries.dates] }),
  };
}

/** The entry of a reference. FHIR's parameters share theirs; ours, whose names begin with a colon, are not searched with them. */
export function refEntry(parameter: string, id: string, type: string): string {
  return `${id}/${type}${parameter.startsWith(':') ? parameter : ''}`;
}

function byParameter(values: readonly SearchValue[]): Record<string, StoredValue[]> {
  const found = new Map<string, StoredValue[]>();
  for (const value of values) {
    const stored = { v: value.versions, ...storedAtom(value) };
    const others = found.get(value.parameter);
    if (others === undefined) found.set(value.parameter, [stored]);
    else others.push(stored);
  }
  return Object.fromEntries(found);
}

function storedAtom(atom: SearchAtom | CompositeValue): StoredAtom {
  const k = kindLetter[atom.kind];
  switch (atom.kind) {
    case 'composite':
      return { k, a: { ...storedAtom(atom.parts[0]) }, b: { ...storedAtom(atom.parts[1]) } };
    case 'token':
      return { k, ...present({ system: atom.system, code: atom.code }) };
    case 'string':
      return { k, text: atom.folded, ...(atom.exact === atom.folded ? {} : { exact: atom.exact }) };
    case 'date':
      return { k, from: atom.from, to: atom.to };
    case 'number':
      return { k, low: atom.low, high: atom.high };
    case 'quantity':
      return {
        k,
        low: atom.low,
        high: atom.high,
        ...present({ system: atom.system, code: atom.code, unit: atom.unit }),
      };
    case 'reference':
      return {
        k,
        ...present({ type: atom.type, id: atom.id, url: atom.url }),
        ...(atom.identifier === null ? {} : { identifier: present(atom.identifier) }),
      };
    case 'uri':
      return { k, value: atom.value };
  }
}

function present(members: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).filter((one): one is [string, string] => one[1] !== null));
}

/** As many characters of a beginning as are stored; a longer search is compared whole afterwards. */
const longestBeginning = 64;

function addTexts(group: string, folded: string, into: Set<string>): void {
  into.add(`${group}^${beginningOf(folded)}`);
  for (const gram of gramsOf(folded)) into.add(`${group}:${gram}`);
  for (const tail of tailsOf(folded)) into.add(`${group}~${tail}`);
}

function beginningOf(folded: string): string {
  return folded.length <= longestBeginning ? folded : Array.from(folded).slice(0, longestBeginning).join('');
}

/** The entry that every text has which meets a test: the whole of it, or what it begins with. */
export function textLookup(group: string, test: StringTest): { readonly text: string; readonly whole: boolean } {
  if (test.match === 'contains') {
    const lookup = containsLookup(test.text);
    if (lookup.by === 'gram') return { text: `${group}:${lookup.text}`, whole: true };
    return { text: `${group}~${lookup.prefix}`, whole: false };
  }
  const folded = test.match === 'exact' ? foldText(test.text) : test.text;
  return { text: `${group}^${beginningOf(folded)}`, whole: false };
}
