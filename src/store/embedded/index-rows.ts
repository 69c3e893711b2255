/** Which index rows a resource's search values make. Pure; the writer stores the difference. */
import { equalJson } from '../../core/json.js';
import { gramsOf, tailsOf } from '../../fhir/search-text.js';
import type { SearchAtom, SearchValue } from '../../fhir/search-values.js';
import type { SqlValue } from './open-database.js';

/** Tables of index rows, with their key columns in order; each has `versions` beside. */
export const indexTables = {
  token_index: ['parameter', 'code', 'system', 'doc'],
  string_index: ['parameter', 'part', 'text', 'doc'],
  date_index: ['parameter', 'low', 'high', 'doc'],
  number_index: ['parameter', 'low', 'high', 'doc'],
  reference_index: ['parameter', 'target', 'sort_key', 'doc', 'type'],
  uri_index: ['parameter', 'value', 'doc'],
} as const;

export type IndexTable = keyof typeof indexTables;

/** A row as it stands and as it is to stand: the bits of the versions that show it, 0 for a row that is not there. */
export interface IndexRow {
  readonly table: IndexTable;
  readonly key: readonly SqlValue[];
  before: number;
  after: number;
}

/** What a document shows: its search values, and its place in the default order. */
export interface Indexed {
  readonly values: readonly SearchValue[];
  readonly sortKey: number;
}

/** What a row of `string_index` holds: the beginning of a text, a tail of it (three characters and more), or a gram. */
export const stringPart = { beginning: 0, tail: 1, gram: 2 } as const;

/** Characters of a string's beginning that are stored; a longer search is compared whole afterwards. */
export const longestBeginning = 64;

/** Suffix of a parameter's name that says: texts were stored that `:contains` finds by no gram. */
export const ungrammedSuffix = ':ungrammed';

/** Suffix of the parameter under which a reference's identifier is found. */
export const identifierSuffix = ':identifier';

/**
 * The index rows that differ between what a document showed and what it shows. Rows of one key are one, with the versions
 * of all values that make it. A text-only token makes no row: it says only that the parameter is not missing.
 */
export function changedRows(
  before: Indexed,
  after: Indexed,
  doc: number,
  codeOf: (parameter: string) => number,
): IndexRow[] {
  const rows = new Map<string, IndexRow>();
  const codes = new Map<string, number>();
  const code = (parameter: string): number => {
    const known = codes.get(parameter) ?? codeOf(parameter);
    codes.set(parameter, known);
    return known;
  };
  const add = (value: SearchValue, sortKey: number, wasThere: boolean, isThere: boolean): void => {
    const { versions } = value;
    // a composite is looked up by its first part and compared whole afterwards
    const atom: SearchAtom = value.kind === 'composite' ? value.parts[0] : value;
    addAtom(atom, value.parameter, (table, parameter, first, second) => {
      const key = keyOf(table, code(parameter), first, second, sortKey, doc);
      const name = nameOf(table, key);
      let row = rows.get(name);
      if (row === undefined) {
        row = { table, key, before: 0, after: 0 };
        rows.set(name, row);
      }
      if (wasThere) row.before |= versions;
      if (isThere) row.after |= versions;
    });
  };
  const moved = before.sortKey !== after.sortKey;
  const [old, young] = [byParameter(before.values), byParameter(after.values)];
  for (const parameter of new Set([...old.keys(), ...young.keys()])) {
    const [gone, come] = [old.get(parameter) ?? [], young.get(parameter) ?? []];
    const orders = moved && (gone.some(isOrdered) || come.some(isOrdered));
    if (!orders && areEqual(gone, come)) continue;
    const kept = orders ? new Set<SearchValue>() : inBoth(gone, come);
    for (const value of gone) add(value, before.sortKey, true, kept.has(value));
    for (const value of come) if (!kept.has(value)) add(value, after.sortKey, false, true);
  }
  return [...rows.values()].filter((row) => row.before !== row.after);
}

function byParameter(values: readonly SearchValue[]): Map<string, SearchValue[]> {
  const found = new Map<string, SearchValue[]>();
  for (const value of values) {
    const others = found.get(value.parameter);
    if (others === undefined) found.set(value.parameter, [value]);
    else others.push(value);
  }
  return found;
}

/** True for a value whose rows hold the document's place in the default order. */
function isOrdered(value: SearchValue): boolean {
  return (value.kind === 'composite' ? value.parts[0] : value).kind === 'reference';
}

function areEqual(a: readonly SearchValue[], b: readonly SearchValue[]): boolean {
  return a.length === b.length && a.every((value, at) => equalJson(value, b[at]));
}

/** The values of both that are equal, with those of the second that equal one of the first. */
function inBoth(a: readonly SearchValue[], b: readonly SearchValue[]): Set<SearchValue> {
  const first = new Map(a.map((value) => [textOf(value), value]));
  const both = new Set<SearchValue>();
  for (const value of b) {
    const same = first.get(textOf(value));
    if (same !== undefined) both.add(same).add(value);
  }
  return both;
}

/** Equal for equal values alone: `low` may be open to one side only, and so may `high`, so that `null` is told apart. */
function textOf(value: SearchValue): string {
  return JSON.stringify(value);
}

function keyOf(
  table: IndexTable,
  parameter: number,
  first: number | string,
  second: number | string | undefined,
  sortKey: number,
  doc: number,
): (number | string)[] {
  if (table === 'reference_index') return [parameter, first, sortKey, doc, second ?? ''];
  return second === undefined ? [parameter, first, doc] : [parameter, first, second, doc];
}

/** Equal for equal keys alone: a text stands after its length. */
function nameOf(table: IndexTable, key: readonly (number | string)[]): string {
  let name: string = table;
  for (const part of key) name += typeof part === 'number' ? ` ${part}` : ` ${part.length}:${part}`;
  return name;
}

function addAtom(
  atom: SearchAtom,
  parameter: string,
  add: (table: IndexTable, parameter: string, first: number | string, second?: number | string) => void,
): void {
  switch (atom.kind) {
    case 'token':
      if (atom.code !== null || atom.system !== null) add('token_index', parameter, atom.code ?? '', atom.system ?? '');
      return;
    case 'string':
      add('string_index', parameter, stringPart.beginning, beginningOf(atom.folded));
      if (!atom.grams) {
        add('string_index', parameter + ungrammedSuffix, stringPart.gram, '');
        return;
      }
      for (const gram of gramsOf(atom.folded)) add('string_index', parameter, stringPart.gram, gram);
      for (const tail of tailsOf(atom.folded)) add('string_index', parameter, stringPart.tail, tail);
      return;
    case 'date':
      add('date_index', parameter, atom.from, atom.to);
      return;
    case 'number':
    case 'quantity':
      add('number_index', parameter, atom.low, atom.high);
      return;
    case 'reference':
      if (atom.id !== null) add('reference_index', parameter, atom.id, atom.type ?? '');
      else if (atom.url !== null) add('reference_index', parameter, atom.url, urlType);
      if (atom.identifier !== null) {
        add('token_index', parameter + identifierSuffix, atom.identifier.code, atom.identifier.system ?? '');
      }
      return;
    case 'uri':
      add('uri_index', parameter, atom.value);
      return;
  }
}

/** Stands where a reference's type stands, for one that names a URL. */
export const urlType = ':url';

/** As much of a folded text as is stored of its beginning. */
export function beginningOf(folded: string): string {
  return folded.length <= longestBeginning ? folded : Array.from(folded).slice(0, longestBeginning).join('');
}
