/**
 * Which numbers of each run are not settled: per run the open ranges, the last one reaching up to `lastNumber` while the
 * run lives. All below the first is settled. Finding unsettled work reads only here, never by comparing the archive with
 * what was settled, so its cost goes by what is open.
 */
import { lastNumber } from '../archive-ids.js';
import type { Database } from './open-database.js';

export const openRangesSchema = `
  CREATE TABLE run (run INTEGER PRIMARY KEY, ended INTEGER NOT NULL) STRICT;
  CREATE TABLE open_range (run INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (run, first)) STRICT, WITHOUT ROWID;
`;

export interface OpenRange {
  readonly run: number;
  readonly first: number;
  readonly last: number;
}

/** A run's numbers are open from 1 on, from when it is first seen. */
export function openRun(db: Database, run: number): void {
  if (db.run('INSERT OR IGNORE INTO run VALUES (?, 0)', run) === 1) {
    db.run('INSERT INTO open_range VALUES (?, 1, ?)', run, lastNumber);
  }
}

/** A run has ended with this number: what is above is void. */
export function endRun(db: Database, run: number, last: number): void {
  openRun(db, run);
  if (db.run('UPDATE run SET ended = 1 WHERE run = ? AND ended = 0', run) === 0) return;
  db.run('DELETE FROM open_range WHERE run = ? AND first > ?', run, last);
  db.run('UPDATE open_range SET last = ? WHERE run = ? AND last > ?', last, run, last);
}

/** Closes the numbers from `first` to `last` of a run, as far as they are open. */
export function closeNumbers(db: Database, run: number, first: number, last = first): void {
  const touched = db.all(
    'SELECT first, last FROM open_range WHERE run = ? AND first <= ? AND last >= ?' +
      ' AND first >= coalesce((SELECT max(first) FROM open_range WHERE run = ? AND first <= ?), 0)',
    run,
    last,
    first,
    run,
    first,
  );
  for (const row of touched) {
    const range = { first: Number(row.first), last: Number(row.last) };
    if (range.first < first) {
      db.run('UPDATE open_range SET last = ? WHERE run = ? AND first = ?', first - 1, run, range.first);
    } else {
      db.run('DELETE FROM open_range WHERE run = ? AND first = ?', run, range.first);
    }
    if (range.last > last) db.run('INSERT INTO open_range VALUES (?, ?, ?)', run, last + 1, range.last);
  }
}

/** Opens one number again. */
export function openNumber(db: Database, run: number, number: number): void {
  if (rangeAt(db, run, number) === undefined) db.run('INSERT INTO open_range VALUES (?, ?, ?)', run, number, number);
}

/** The first open range at or after this number, cut to begin there; of this run or a later one. */
export function nextRange(db: Database, run: number, number: number): OpenRange | undefined {
  const around = rangeAt(db, run, number);
  if (around !== undefined) return { ...around, first: number };
  const row =
    db.get('SELECT run, first, last FROM open_range WHERE run = ? AND first > ? ORDER BY first LIMIT 1', run, number) ??
    db.get('SELECT run, first, last FROM open_range WHERE run > ? ORDER BY run, first LIMIT 1', run);
  return row === undefined ? undefined : toRange(row);
}

/** The last open range that begins at or before this number, cut to end there; of this run or an earlier one. */
export function previousRange(db: Database, run: number, number: number): OpenRange | undefined {
  const row =
    db.get(
      'SELECT run, first, last FROM open_range WHERE run = ? AND first <= ? ORDER BY first DESC LIMIT 1',
      run,
      number,
    ) ?? db.get('SELECT run, first, last FROM open_range WHERE run < ? ORDER BY run DESC, first DESC LIMIT 1', run);
  if (row === undefined) return undefined;
  const range = toRange(row);
  return range.run === run ? { ...range, last: Math.min(range.last, number) } : range;
}

function rangeAt(db: Database, run: number, number: number): OpenRange | undefined {
  const row = db.get(
    'SELECT run, first, last FROM open_range WHERE run = ? AND first <= ? ORDER BY first DESC LIMIT 1',
    run,
    number,
  );
  const range = row === undefined ? undefined : toRange(row);
  return range !== undefined && range.last >= number ? range : undefined;
}

function toRange(row: Record<string, unknown>): OpenRange {
  return { run: Number(row.run), first: Number(row.first), last: Number(row.last) };
}
