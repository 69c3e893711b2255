/** One kind of rows on its way from one store to another: copied from where it was broken off, and compared. */
import { numberOf, runOf } from '../store/archive-ids.js';
import type { ComparedRow, IncomingRows, OutgoingRows } from '../store/moved-rows.js';
import { compareRows, type RowDifferences } from './row-differences.js';

/** Rows of a write, and bytes of them, about. */
const mostRows = 1_000;
const mostBytes = 8 * 1024 * 1024;

export interface MovePart {
  /** `messages`, `documents` … */
  readonly name: string;
  /** Rows in the old installation. */
  rows(): number;
  /** Those that are not in the new one yet. */
  left(): Promise<number>;
  /** Copies what is left; `copied` is told of each write. */
  copy(copied: (rows: number) => void): Promise<void>;
  compare(seen: () => void): Promise<RowDifferences>;
}

/** A part that is large. */
export function movePart<Row, Key>(name: string, from: OutgoingRows<Row, Key>, into: IncomingRows<Row, Key>): MovePart {
  return {
    name,
    rows: () => from.count(),
    left: async () => from.count(await into.last()),
    async copy(copied) {
      const last = await into.last();
      // one write is under way while the next is read, and never two, so that what is there is whole up to its last row
      let writing: Promise<void> = Promise.resolve();
      for (const rows of batches(from, last)) {
        await writing;
        writing = into.write(rows).then(() => copied(rows.length));
        // who waits for it hears of its failure, unless reading fails before
        writing.catch(() => undefined);
      }
      await writing;
    },
    compare: (seen) => compareRows(mapped(from.after(), into.expected), into.stored(), seen, nameOfKey),
  };
}

/** A part that is read and put whole. */
export function smallPart(
  name: string,
  part: {
    readonly expected: () => readonly ComparedRow[];
    readonly put: () => Promise<void>;
    readonly stored: () => AsyncIterable<ComparedRow>;
  },
): MovePart {
  return {
    name,
    rows: () => part.expected().length,
    left: async () => part.expected().length,
    async copy(copied) {
      await part.put();
      copied(part.expected().length);
    },
    compare: (seen) => compareRows(part.expected(), part.stored(), seen, String),
  };
}

function* batches<Row, Key>(from: OutgoingRows<Row, Key>, last: Key | undefined): Generator<Row[]> {
  let rows: Row[] = [];
  let bytes = 0;
  for (const row of from.after(last)) {
    rows.push(row);
    bytes += from.size(row);
    if (rows.length < mostRows && bytes < mostBytes) continue;
    yield rows;
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) yield rows;
}

function* mapped<From, To>(rows: Iterable<From>, change: (row: From) => To): Generator<To> {
  for (const row of rows) yield change(row);
}

/** Messages and records of the audit have numbers, documents names. */
function nameOfKey(key: ComparedRow['key']): string {
  return typeof key === 'number' ? `${runOf(key)}-${numberOf(key)}` : key;
}
