/** Which index rows a resource's search values make. Pure; the writer stores the difference to what was there before. */

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

export interface IndexRow {
  readonly table: IndexTable;
  readonly key: readonly SqlValue[];
  readonly versions: number;
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
 * The rows of one document, by a text that is equal for equal keys; rows of one key are one, with the versions of all.
 * A text-only token makes no row: it says only that the parameter is not missing.
 */
export function indexRows(
  values: readonly SearchValue[],
  doc: number,
  sortKey: number,
  codeOf: (parameter: string) => number,
): Map<string, IndexRow> {
  const rows = new Map<string, IndexRow>();
  const add = (table: IndexTable, versions: number, ...key: SqlValue[]): void => {
    const name = JSON.stringify([table, ...key.map((part) => (typeof part === 'number' ? String(part) : part))]);
    const known = rows.get(name);
    rows.set(name, { table, key, versions: versions | (known?.versions ?? 0) });
  };
  for (const value of values) {
    // a composite is looked up by its first part and compared whole afterwards
    const atom: SearchAtom = value.kind === 'composite' ? value.parts[0] : value;
    addAtom(atom, value.parameter, (table, parameter, ...key) => {
      const tail = table === 'reference_index' ? [sortKey, doc] : [doc];
      const parts = table === 'reference_index' ? [key[0] ?? '', ...tail, key[1] ?? ''] : [...key, ...tail];
      add(table, value.versions, codeOf(parameter), ...parts);
    });
  }
  return rows;
}

function addAtom(
  atom: SearchAtom,
  parameter: string,
  add: (table: IndexTable, parameter: string, ...key: SqlValue[]) => void,
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
