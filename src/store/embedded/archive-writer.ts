/**
 * The writing side of the archive. Calls that arrive while a commit is under way are committed together, in one
 * transaction and one fsync; a single one is committed at once.
 */
import { rmSync } from 'node:fs';
import { systemClock } from '../../core/clock.js';
import { type Fault, fault } from '../../core/errors.js';
import type { AppendResult, ArchiveEntry } from '../archive-port.js';
import {
  archivedMonths,
  kinds,
  lastNumber,
  monthFile,
  monthOf,
  numberOf,
  openMonth,
  rowId,
  runOf,
} from './archive-files.js';
import { type KeyOf, repeatBytes, repeatKeys, sealPayload, senderBytes } from './archive-row.js';
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
  /** How long repeats are recognised; 30 by default. */
  readonly repeatDays?: number;
  /** `none` only to measure, and to show that the test of durability can fail. */
  readonly durability?: 'fsync' | 'none';
}

export interface ArchiveWriter {
  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]>;
  /** Removes rows, by id (run × 2^32 + number); resolves how many there were. */
  remove(ids: readonly number[]): Promise<number>;
  /** Deletes past months that are empty, and rewrites those with few rows left to their size. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly entries: readonly ArchiveEntry[];
  /** Recognises repeats; made before the commit, where a missing key harms this call alone. */
  readonly repeats: readonly Uint8Array[];
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
  readonly #repeatKey: (entry: ArchiveEntry) => Uint8Array;
  readonly #open = new Map<string, Database>();
  /** Ends of the range of repeat keys that is being looked at. */
  readonly #lowest = Buffer.alloc(repeatBytes, 0);
  readonly #highest = Buffer.alloc(repeatBytes, 0xff);
  #months: string[];
  #next: number;
  #arrival = 0;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #closed = false;

  constructor(folder: string, options: ArchiveWriterOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#repeatKey = repeatKeys(options.keyOf);
    this.#months = archivedMonths(folder);
    this.#next = this.#lastWritten() + 1;
    this.#arrival = this.#lastArrival();
    this.#month(monthOf(systemClock.now()));
  }

  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(fault('store-unavailable', 'the archive is closed'));
      if (entries.length === 0) return resolve([]);
      this.#waiting.push({ entries, repeats: entries.map(this.#repeatKey), resolve, reject });
      this.#schedule();
    });
  }

  async remove(ids: readonly number[]): Promise<number> {
    let removed = 0;
    for (const month of this.#months) {
      const db = this.#month(month);
      removed += db.transaction(() => ids.reduce((sum, id) => sum + removeRow(db, id), 0));
    }
    return removed;
  }

  async tidy(): Promise<void> {
    const current = monthOf(Math.max(systemClock.now(), this.#arrival));
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
    const batch = this.#takeBatch();
    const first = batch[0]?.entries[0];
    if (first === undefined) return;
    const before = { next: this.#next, arrival: this.#arrival };
    const month = monthOf(Math.max(first.arrival, this.#arrival));
    try {
      const db = this.#month(month);
      const seen = this.#monthsOfWindow(month).map((name) => this.#month(name));
      const results = db.transaction(() => {
        const written = batch.map((call) =>
          call.entries.map((entry, at) => this.#write(db, seen, entry, call.repeats[at])),
        );
        this.#tally(db, batch, written);
        return written;
      });
      for (const [at, call] of batch.entries()) call.resolve(results[at] ?? []);
    } catch (error) {
      this.#arrival = before.arrival;
      this.#next = before.next;
      for (const call of batch) call.reject(diskFault(error, 'the archive'));
      this.#resume();
    }
  }

  /** After a failed commit the files decide which numbers are taken. */
  #resume(): void {
    try {
      this.#next = Math.max(this.#next, this.#lastWritten() + 1);
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

  #write(
    db: Database,
    seen: readonly Database[],
    entry: ArchiveEntry,
    repeat: Uint8Array = new Uint8Array(),
  ): AppendResult {
    this.#arrival = Math.max(this.#arrival, entry.arrival);
    const arrival = this.#arrival;
    const earlier = this.#earlier(seen, repeat, arrival);
    if (earlier.same !== undefined) return { sequence: earlier.same, outcome: 'repeat', reusedControlId: false };
    if (this.#next > lastNumber) throw fault('store-unavailable', 'this run has no numbers left: restart');
    const sequence = { arrival, run: this.#options.run, number: this.#next };
    const id = rowId(sequence);
    const reusedControlId = earlier.other && entry.controlId !== '';
    const flags = reusedControlId ? [...entry.flags, 'reused-control-id'] : entry.flags;
    db.run(
      'INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      arrival,
      entry.tenant ?? '',
      kinds.indexOf(entry.kind),
      entry.partition,
      entry.listener,
      entry.peer,
      entry.sender,
      entry.type,
      entry.sentAt,
      entry.controlId,
      flags.join(' '),
      entry.payload.length,
      repeat,
      sealPayload(this.#options.keyOf(entry.tenant), entry.tenant, id, entry.payload),
    );
    this.#next++;
    return { sequence, outcome: 'archived', reusedControlId };
  }

  /** Looks for rows of the same sender and control id: with the same bytes (`same`) and with others (`other`). */
  #earlier(
    seen: readonly Database[],
    repeat: Uint8Array,
    arrival: number,
  ): { same?: AppendResult['sequence']; other: boolean } {
    const [low, high] = [this.#lowest, this.#highest];
    low.set(repeat.subarray(0, senderBytes));
    high.set(repeat.subarray(0, senderBytes));
    const since = arrival - (this.#options.repeatDays ?? 30) * day;
    let other = false;
    for (const db of seen) {
      const rows = db.all(
        'SELECT id, arrival, repeat FROM message WHERE repeat BETWEEN ? AND ? AND arrival >= ?',
        low,
        high,
        since,
      );
      for (const row of rows) {
        const id = Number(row.id);
        if (Buffer.compare(row.repeat as Uint8Array, repeat) !== 0) other = true;
        else return { same: { arrival: Number(row.arrival), run: runOf(id), number: numberOf(id) }, other };
      }
    }
    return { other };
  }

  #tally(db: Database, batch: readonly Waiting[], written: readonly (readonly AppendResult[])[]): void {
    const sums = new Map<string, { tenant: string; kind: number; rows: number; bytes: number }>();
    batch.forEach((call, at) => {
      call.entries.forEach((entry, place) => {
        if (written[at]?.[place]?.outcome !== 'archived') return;
        const name = `${entry.kind} ${entry.tenant ?? ''}`;
        const none = { tenant: entry.tenant ?? '', kind: kinds.indexOf(entry.kind), rows: 0, bytes: 0 };
        const sum = sums.get(name) ?? none;
        sum.rows++;
        sum.bytes += entry.payload.byteLength;
        sums.set(name, sum);
      });
    });
    for (const { tenant, kind, rows, bytes } of sums.values()) addToTally(db, tenant, kind, rows, bytes);
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

  #monthsOfWindow(month: string): string[] {
    const oldest = monthOf(Date.parse(`${month}-01T00:00:00Z`) - (this.#options.repeatDays ?? 30) * day);
    return this.#months.filter((name) => name >= oldest).reverse();
  }

  #lastWritten(): number {
    let last = 0;
    const { run } = this.#options;
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
    this.#open.delete(month);
    this.#months = this.#months.filter((name) => name !== month);
    for (const end of ['', '-wal', '-shm']) rmSync(monthFile(this.#folder, month) + end, { force: true });
  }
}

function removeRow(db: Database, id: number): number {
  const row = db.get('SELECT tenant, kind, size FROM message WHERE id = ?', id);
  if (row === undefined) return 0;
  addToTally(db, String(row.tenant), Number(row.kind), -1, -Number(row.size));
  return db.run('DELETE FROM message WHERE id = ?', id);
}

function addToTally(db: Database, tenant: string, kind: number, rows: number, bytes: number): void {
  db.run(
    'INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT (tenant, kind)' +
      ' DO UPDATE SET rows = rows + excluded.rows, bytes = bytes + excluded.bytes',
    tenant,
    kind,
    rows,
    bytes,
  );
}
