/**
 * The writing side of the archive. Calls that arrive while a commit is under way are committed together, in one
 * transaction and one fsync; a single one is committed at once.
 */
import { rmSync } from 'node:fs';
import { systemClock } from '../../core/clock.js';
import { type Fault, fault, isTransient } from '../../core/errors.js';
import { payloadDigests } from '../archive-digest.js';
import { lastNumber, numberOf, rowId } from '../archive-ids.js';
import type { AppendResult, ArchiveEntry } from '../archive-port.js';
import type { KeyOf } from '../archive-seal.js';
import { type ArchivePlace, type DigestedEntry, writeEntries } from './archive-commit.js';
import { archivedMonths, monthFile, monthOf, openMonth } from './archive-files.js';
import { removeRows } from './archive-removal.js';
import { prepareRepeats } from './archive-repeats.js';
import { diskFault } from './disk-errors.js';
import type { Database } from './open-database.js';

const day = 86_400_000;
const entriesPerCommit = 2000;
/** A past month with no more rows than this is rewritten to its size; the rewrite is short. */
const rowsWorthRewriting = 1000;

export interface ArchiveWriterOptions {
  /** This process's run, from the registry. */
  readonly run: number;
  readonly keyOf: KeyOf;
  /** Numbers of this run up to here are taken, even where their rows are gone; none by default. */
  readonly after?: number;
  /** How long repeats are recognised; 30 by default. */
  readonly repeatDays?: number;
  /** `none` only to measure, and to show that the test of durability can fail. */
  readonly durability?: 'fsync' | 'none';
}

export interface ArchiveWriter {
  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]>;
  /** Removes rows of a tenant (`null`: of none), by id (run × 2^32 + number); resolves how many there were. */
  remove(tenant: string | null, ids: readonly number[]): Promise<number>;
  /** Deletes past months that are empty, and rewrites those with few rows left to their size. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  /** Digested before the commit, where a missing key harms this call alone. */
  readonly entries: readonly DigestedEntry[];
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: Fault) => void;
}

/** Opens the archive of `folder` for writing in this thread. */
export function openArchiveWriter(folder: string, options: ArchiveWriterOptions): ArchiveWriter {
  return new EmbeddedArchiveWriter(folder, options);
}

class EmbeddedArchiveWriter implements ArchiveWriter {
  readonly #folder: string;
  readonly #options: ArchiveWriterOptions;
  readonly #digestOf: (entry: ArchiveEntry) => Uint8Array;
  readonly #open = new Map<string, Database>();
  /** Files whose repeats can be asked for. */
  readonly #prepared = new Set<Database>();
  readonly #next: ArchivePlace;
  /** Milliseconds for which repeats are recognised. */
  readonly #window: number;
  #months: string[];
  #waiting: Waiting[] = [];
  #scheduled = false;
  #closed = false;

  constructor(folder: string, options: ArchiveWriterOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#digestOf = payloadDigests(options.keyOf);
    this.#window = (options.repeatDays ?? 30) * day;
    this.#months = archivedMonths(folder);
    this.#next = { run: options.run, number: this.#lastWritten() + 1, arrival: this.#lastArrival() };
    const month = monthOf(systemClock.now());
    this.#month(month);
    this.#filesOfWindow(month);
  }

  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(fault('store-unavailable', 'the archive is closed'));
      if (entries.length === 0) return resolve([]);
      const digested = entries.map((entry) => ({ entry, digest: this.#digestOf(entry) }));
      this.#waiting.push({ entries: digested, resolve, reject });
      this.#schedule();
    });
  }

  async remove(tenant: string | null, ids: readonly number[]): Promise<number> {
    let removed = 0;
    for (const month of this.#months) {
      const db = this.#month(month);
      removed += db.transaction(() => removeRows(db, tenant, ids, this.#options.keyOf));
    }
    return removed;
  }

  async tidy(): Promise<void> {
    const current = monthOf(Math.max(systemClock.now(), this.#next.arrival));
    for (const month of this.#months.filter((name) => name < current)) {
      const db = this.#month(month);
      const rows = Number(
        db.get('SELECT count(*) AS rows FROM (SELECT 1 FROM message LIMIT ?)', rowsWorthRewriting + 1)?.rows,
      );
      if (rows === 0) this.#drop(month, db);
      else if (rows <= rowsWorthRewriting && Number(db.get('PRAGMA freelist_count')?.freelist_count) > 0)
        db.exec('VACUUM');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
    for (const db of this.#open.values()) db.close();
    this.#open.clear();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    this.#commit(this.#takeBatch());
  }

  /** What one call cannot have must not cost the others theirs; they keep their order. */
  #commit(batch: readonly Waiting[]): void {
    const first = batch[0]?.entries[0];
    if (first === undefined) return;
    const { number, arrival } = this.#next;
    const month = monthOf(Math.max(first.entry.arrival, arrival));
    try {
      const db = this.#month(month);
      const seen = this.#filesOfWindow(month);
      const entries = batch.length === 1 ? (batch[0]?.entries ?? []) : batch.flatMap((call) => call.entries);
      const how = { window: this.#window, keyOf: this.#options.keyOf };
      const results = db.transaction(() => writeEntries(db, seen, entries, this.#next, how));
      let at = 0;
      for (const call of batch) {
        call.resolve(results.slice(at, at + call.entries.length));
        at += call.entries.length;
      }
    } catch (error) {
      this.#next.arrival = arrival;
      this.#next.number = number;
      this.#resume();
      const failure = diskFault(error, 'the archive');
      if (batch.length > 1 && !isTransient(failure)) for (const call of batch) this.#commit([call]);
      else for (const call of batch) call.reject(failure);
    }
  }

  /** After a failed commit the files decide which numbers are taken. */
  #resume(): void {
    try {
      this.#next.number = Math.max(this.#next.number, this.#lastWritten() + 1);
    } catch {
      // still unreadable: the next commit fails or the files did not move
    }
  }

  #takeBatch(): Waiting[] {
    let entries = 0;
    let calls = 0;
    while (calls < this.#waiting.length && entries < entriesPerCommit) {
      entries += this.#waiting[calls]?.entries.length ?? 0;
      calls++;
    }
    return this.#waiting.splice(0, calls);
  }

  #month(month: string): Database {
    const known = this.#open.get(month);
    if (known !== undefined) return known;
    const durability = this.#options.durability === 'none' ? 'off' : 'full';
    const opened = openMonth(this.#folder, month, { durability });
    this.#open.set(month, opened);
    if (!this.#months.includes(month)) this.#months = [...this.#months, month].sort();
    return opened;
  }

  /** The files in which a message of a month may have come before, newest first. */
  #filesOfWindow(month: string): Database[] {
    const oldest = monthOf(Date.parse(`${month}-01T00:00:00Z`) - this.#window);
    const files = this.#months.filter((name) => name >= oldest).map((name) => this.#month(name));
    for (const db of files) {
      if (!this.#prepared.has(db)) prepareRepeats(db);
      this.#prepared.add(db);
    }
    return files.reverse();
  }

  #lastWritten(): number {
    const { run, after = 0 } = this.#options;
    let last = after;
    for (const month of this.#months) {
      const row = this.#month(month).get(
        'SELECT max(id) AS id FROM message WHERE id BETWEEN ? AND ?',
        rowId({ run, number: 0 }),
        rowId({ run, number: lastNumber }),
      );
      if (typeof row?.id === 'number') last = Math.max(last, numberOf(row.id));
    }
    return last;
  }

  /** Arrival of the last message of all runs: a clock that was set back meanwhile does not put later messages before it. */
  #lastArrival(): number {
    const last = this.#months.map((month) =>
      Number(this.#month(month).get('SELECT arrival FROM message ORDER BY id DESC LIMIT 1')?.arrival ?? 0),
    );
    return Math.max(0, ...last);
  }

  #drop(month: string, db: Database): void {
    db.close();
    this.#prepared.delete(db);
    this.#open.delete(month);
    this.#months = this.#months.filter((name) => name !== month);
    for (const end of ['', '-wal', '-shm']) rmSync(monthFile(this.#folder, month) + end, { force: true });
  }
}
