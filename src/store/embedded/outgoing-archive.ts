/** Reads a whole archive out, in order: messages of all months, what became of them, and what is open. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/errors.js';
import { digestBytes } from '../archive-digest.js';
import { numberOf, rowId, runOf } from '../archive-ids.js';
import { type KeyOf, unsealPayload } from '../archive-seal.js';
import type { MovedMessage, MovedOutcome, MovedRun, OutgoingRows } from '../moved-rows.js';
import { openBlock, type SealedBlock } from './archive-block.js';
import { archivedMonths, openMonth } from './archive-files.js';
import { rowColumns, toArchiveRow } from './archive-row.js';
import { type Database, openDatabase, type SqlRow } from './open-database.js';
import type { Outcome } from './settle-ledger.js';

const chunk = 500;
/** Blocks of at most 64 KiB that stay open: those of several tenants lie between each other. */
const keptBlocks = 64;

type Range = readonly [first: number, last: number];

export class OutgoingArchive {
  readonly #keyOf: KeyOf;
  readonly #months: readonly Database[];
  readonly #settled: Database | undefined;
  readonly #blocks = new Map<number, ReadonlyMap<number, Uint8Array>>();

  /** @throws Fault `format-too-new`, `store-corrupt`, `store-unavailable` */
  constructor(folder: string, keyOf: KeyOf) {
    this.#keyOf = keyOf;
    const months = existsSync(folder) ? archivedMonths(folder) : [];
    this.#months = months.map((month) => openMonth(folder, month, { readOnly: true }));
    const file = join(folder, 'settle.db');
    this.#settled = existsSync(file)
      ? openDatabase(file, { kind: 'settle', format: 1, schema: '', readOnly: true })
      : undefined;
  }

  /** By id. Months follow each other in it, but for a clock that was set back. */
  readonly messages: OutgoingRows<MovedMessage, number> = {
    count: (after) =>
      after === undefined
        ? sum(this.#months, 'SELECT sum(rows) AS rows FROM tally')
        : sum(this.#months, 'SELECT count(*) AS rows FROM message WHERE id > ?', after),
    after: (after) => ascending(this.#months.map((db) => this.#ofMonth(db, after ?? -1))),
    size: ({ row }) => row.size,
  };

  readonly outcomes: OutgoingRows<MovedOutcome, number> = {
    count: (after) =>
      after === undefined
        ? sum(this.#ledger(), 'SELECT sum(rows) AS rows FROM tally')
        : sum(this.#ledger(), 'SELECT count(*) AS rows FROM outcome WHERE id > ?', after),
    after: (after) => this.#outcomesAfter(after ?? -1),
    size: ({ keys, made }) => 200 + 50 * keys.length + 100 * made.length,
  };

  /**
   * Runs with what is open in them. A run that the ledger did not come to know is open as far as it has messages, and above its last
   * message nothing is. Where more ranges are open than one document should hold, those with little between them become one:
   * what is settled in it is found to be so.
   */
  runs(most = 10_000): MovedRun[] {
    const last = this.#lastOfRuns();
    const open = new Map<number, Range[]>();
    for (const db of this.#ledger()) {
      for (const { run } of db.all('SELECT run FROM run')) open.set(Number(run), []);
      for (const range of db.all('SELECT run, first, last FROM open_range ORDER BY run, first')) {
        const [first, end] = [Number(range.first), Math.min(Number(range.last), last.get(Number(range.run)) ?? 0)];
        if (first <= end) open.get(Number(range.run))?.push([first, end]);
      }
    }
    for (const [run, number] of last) if (!open.has(run)) open.set(run, [[1, number]]);
    for (const id of this.#forgotten()) open.get(runOf(id))?.push([numberOf(id), numberOf(id)]);
    return [...open]
      .sort(([a], [b]) => a - b)
      .map(([run, ranges]) => ({ run, open: fewer(joined(ranges.sort(([a], [b]) => a - b)), most) }));
  }

  close(): void {
    for (const db of [...this.#months, ...this.#ledger()]) db.close();
  }

  #ledger(): readonly Database[] {
    return this.#settled === undefined ? [] : [this.#settled];
  }

  *#ofMonth(db: Database, after: number): Generator<MovedMessage> {
    const sql = `SELECT ${rowColumns}, repeat, block FROM message WHERE id > ? ORDER BY id LIMIT ${chunk}`;
    let last = after;
    for (;;) {
      const rows = db.all(sql, last);
      for (const row of rows) {
        const repeat = row.repeat as Uint8Array;
        const id = Number(row.id);
        yield {
          id,
          row: toArchiveRow(row),
          digest: repeat.subarray(repeat.length - digestBytes),
          payload: this.#payload(db, id, row),
        };
      }
      if (rows.length < chunk) return;
      last = Number(rows.at(-1)?.id);
    }
  }

  #payload(db: Database, id: number, row: SqlRow): MovedMessage['payload'] {
    const tenant = row.tenant === '' ? null : String(row.tenant);
    const sealed =
      row.block === null
        ? (db.get('SELECT payload FROM message WHERE id = ?', id)?.payload as Uint8Array)
        : new Uint8Array(0);
    try {
      const key = this.#keyOf(tenant);
      const opened =
        row.block === null
          ? unsealPayload(key, tenant, id, sealed)
          : this.#block(db, key, tenant, Number(row.block)).get(id);
      return opened === undefined ? { sealed } : { opened };
    } catch (error) {
      // changed, or sealed with a key that is gone: nobody can read it here either
      if (error instanceof Fault) return { sealed };
      throw error;
    }
  }

  #block(db: Database, key: Uint8Array, tenant: string | null, id: number): ReadonlyMap<number, Uint8Array> {
    const known = this.#blocks.get(id);
    if (known !== undefined) return known;
    const row = db.get('SELECT places, sealed FROM block WHERE id = ?', id) as SealedBlock | undefined;
    const opened = row === undefined ? [] : openBlock(key, tenant, id, row);
    const members = new Map(opened.map((member) => [member.id, member.payload]));
    const oldest = this.#blocks.size < keptBlocks ? undefined : this.#blocks.keys().next().value;
    if (oldest !== undefined) this.#blocks.delete(oldest);
    this.#blocks.set(id, members);
    return members;
  }

  *#outcomesAfter(after: number): Generator<MovedOutcome> {
    let last = after;
    for (const db of this.#ledger()) {
      for (;;) {
        const rows = db.all(`SELECT id, tenant, body FROM outcome WHERE id > ? ORDER BY id LIMIT ${chunk}`, last);
        for (const { id, tenant, body } of rows) {
          const outcome = JSON.parse(String(body)) as Outcome;
          yield { ...outcome, id: Number(id), tenant: tenant === '' ? null : String(tenant) };
        }
        if (rows.length < chunk) return;
        last = Number(rows.at(-1)?.id);
      }
    }
  }

  #lastOfRuns(): Map<number, number> {
    const last = new Map<number, number>();
    for (const db of this.#months) {
      let id = db.get('SELECT min(id) AS id FROM message')?.id;
      while (typeof id === 'number') {
        const run = runOf(id);
        const next = rowId({ run: run + 1, number: 0 });
        const highest = Number(db.get('SELECT max(id) AS id FROM message WHERE id < ?', next)?.id);
        last.set(run, Math.max(last.get(run) ?? 0, numberOf(highest)));
        id = db.get('SELECT min(id) AS id FROM message WHERE id >= ?', next)?.id;
      }
    }
    return last;
  }

  /** Messages without a tenant that were not parked, for the process that took them in died before. Looked for where one is missing. */
  *#forgotten(): Generator<number> {
    const settled = sum(this.#ledger(), "SELECT sum(rows) AS rows FROM tally WHERE tenant = ''");
    const messages = sum(this.#months, "SELECT sum(rows) AS rows FROM tally WHERE tenant = '' AND kind = 0");
    if (messages <= settled) return;
    for (const db of this.#months) {
      for (const { id } of db.all("SELECT id FROM message WHERE tenant = '' AND kind = 0 ORDER BY id")) {
        const outcome = this.#settled?.get('SELECT 1 FROM outcome WHERE id = ?', Number(id));
        if (outcome === undefined) yield Number(id);
      }
    }
  }
}

function sum(files: readonly Database[], sql: string, ...values: number[]): number {
  return files.reduce((rows, db) => rows + Number(db.get(sql, ...values)?.rows ?? 0), 0);
}

/** Merges rows in the order of their ids. */
function* ascending(sources: readonly Generator<MovedMessage>[]): Generator<MovedMessage> {
  const heads = sources.map((source) => ({ source, head: source.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const entry of heads) {
      if (entry.head.done === true || entry.head.value.id >= lowest) continue;
      first = entry;
      lowest = entry.head.value.id;
    }
    if (first === undefined || first.head.done === true) return;
    yield first.head.value;
    first.head = first.source.next();
  }
}

/** Ranges in order, those that touch or overlap as one. */
function joined(ranges: readonly Range[], within = 1): Range[] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges) {
    const before = result.at(-1);
    if (before !== undefined && first - before[1] <= within) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

function fewer(ranges: readonly Range[], most: number): readonly Range[] {
  let found = ranges;
  for (let within = 2; found.length > most; within *= 2) found = joined(ranges, within);
  return found;
}
