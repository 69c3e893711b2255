/**
 * What became of the archive's messages, in `settle.db`, a file of its own, so that settling never delays an
 * acknowledgement. It is written with `synchronous=NORMAL`: resources are durable before a message is settled, so a settle
 * row that a power failure takes only makes its message be applied again, which changes nothing.
 */

import { createHash } from 'node:crypto';
import type { Sequence } from '../../core/stamp.js';
import { numberOf, rowId, runOf } from '../archive-ids.js';
import type { SettleOutcome, SettleState } from '../archive-port.js';
import { states } from './archive-files.js';
import { type Database, openDatabase } from './open-database.js';
import { closeNumbers, endRun, type OpenRange, openNumber, openRangesSchema, openRun } from './open-ranges.js';

/** An outcome without its place. */
export type Outcome = Omit<SettleOutcome, 'tenant' | 'sequence'>;

const chunk = 500;

const schema = `
  CREATE TABLE outcome (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, state INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX outcome_state ON outcome (tenant, state, id);
  CREATE TABLE message_key (key BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE tally (tenant TEXT NOT NULL, state INTEGER NOT NULL, rows INTEGER NOT NULL,
    PRIMARY KEY (tenant, state)) STRICT, WITHOUT ROWID;
  ${openRangesSchema}
`;

/** All state is in the file, so that several threads may each hold a ledger. Row ids are run × 2^32 + number. */
export class SettleLedger {
  readonly db: Database;

  constructor(file: string) {
    this.db = openDatabase(file, { kind: 'settle', format: 1, schema, durability: 'normal' });
  }

  settle(outcomes: readonly SettleOutcome[]): void {
    this.db.transaction(() => {
      for (const { run, first, last } of rangesOf(outcomes)) {
        openRun(this.db, run);
        closeNumbers(this.db, run, first, last);
      }
      const counts = new Map<string, { readonly tenant: string; readonly state: number; rows: number }>();
      for (const { tenant: named, sequence, ...outcome } of outcomes) {
        const tenant = named ?? '';
        const id = rowId(sequence);
        const state = states.indexOf(outcome.state);
        const row = [id, tenant, state, JSON.stringify(outcome)];
        if (this.db.run('INSERT OR IGNORE INTO outcome VALUES (?, ?, ?, ?)', ...row) === 0) {
          this.#forget(id);
          this.db.run('INSERT INTO outcome VALUES (?, ?, ?, ?)', ...row);
        }
        const name = `${tenant} ${state}`;
        const known = counts.get(name);
        if (known === undefined) counts.set(name, { tenant, state, rows: 1 });
        else known.rows++;
        for (const key of new Set(outcome.keys)) {
          this.db.run('INSERT OR IGNORE INTO message_key VALUES (?, ?)', shortKey(tenant, key), id);
        }
      }
      for (const { tenant, state, rows } of counts.values()) this.#count(tenant, state, rows);
    });
  }

  outcome(id: number): Outcome | undefined {
    const row = this.db.get('SELECT body FROM outcome WHERE id = ?', id);
    return row === undefined ? undefined : (JSON.parse(String(row.body)) as Outcome);
  }

  state(id: number): SettleState | undefined {
    const row = this.db.get('SELECT state FROM outcome WHERE id = ?', id);
    return row === undefined ? undefined : states[Number(row.state)];
  }

  /** Takes a parked or unmapped message back; false when it is in no such state. */
  release(sequence: Pick<Sequence, 'run' | 'number'>): boolean {
    return this.db.transaction(() => {
      const id = rowId(sequence);
      const state = this.state(id);
      if (state !== 'parked' && state !== 'unmapped') return false;
      this.#forget(id);
      openNumber(this.db, sequence.run, sequence.number);
      return true;
    });
  }

  /** Drops what is known of rows that were removed from the archive. */
  forget(ids: readonly number[]): void {
    this.db.transaction(() => {
      for (const id of ids) {
        this.#forget(id);
        closeNumbers(this.db, runOf(id), numberOf(id));
      }
    });
  }

  /** Takes note of all runs that have rows: those but the current one have ended with the number given. */
  knowRuns(lastOfRun: ReadonlyMap<number, number>, current: number): void {
    this.db.transaction(() => {
      for (const [run, last] of lastOfRun) if (run !== current) endRun(this.db, run, numberOf(last));
      for (const row of this.db.all('SELECT run FROM run WHERE ended = 0 AND run <> ?', current)) {
        if (!lastOfRun.has(Number(row.run))) endRun(this.db, Number(row.run), 0);
      }
      openRun(this.db, current);
    });
  }

  /** Ids below `before` of a tenant's (or of all) messages in one state, highest first. */
  *idsInState(tenant: string, state: SettleState, before: number): Generator<number> {
    const sql = `SELECT id FROM outcome WHERE tenant = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ${chunk}`;
    yield* this.#descending(before, (below) => this.db.all(sql, tenant, states.indexOf(state), below));
  }

  /** Ids below `before` of messages that name the patient or visit with this keyed hash, highest first. */
  *idsWithKey(tenant: string, key: string, before: number): Generator<number> {
    const sql = `SELECT id FROM message_key WHERE key = ? AND id < ? ORDER BY id DESC LIMIT ${chunk}`;
    for (const id of this.#descending(before, (below) => this.db.all(sql, shortKey(tenant, key), below))) {
      if (this.outcome(id)?.keys.includes(key) === true) yield id;
    }
  }

  tenants(): string[] {
    return this.db.all('SELECT DISTINCT tenant FROM tally').map((row) => String(row.tenant));
  }

  /** Number of messages by state, of one tenant or all. */
  tally(tenant: string | undefined): Map<SettleState, number> {
    const rows =
      tenant === undefined
        ? this.db.all('SELECT state, sum(rows) AS rows FROM tally GROUP BY state')
        : this.db.all('SELECT state, rows FROM tally WHERE tenant = ?', tenant);
    return new Map(rows.map((row) => [states[Number(row.state)] ?? 'parked', Number(row.rows)]));
  }

  close(): void {
    this.db.close();
  }

  *#descending(before: number, read: (below: number) => Record<string, unknown>[]): Generator<number> {
    let below = before;
    for (;;) {
      const rows = read(below);
      for (const row of rows) yield Number(row.id);
      const last = rows.at(-1);
      if (last === undefined || rows.length < chunk) return;
      below = Number(last.id);
    }
  }

  #forget(id: number): void {
    const row = this.db.get('SELECT tenant, state, body FROM outcome WHERE id = ?', id);
    if (row === undefined) return;
    const tenant = String(row.tenant);
    for (const key of (JSON.parse(String(row.body)) as Outcome).keys) {
      this.db.run('DELETE FROM message_key WHERE key = ? AND id = ?', shortKey(tenant, key), id);
    }
    this.#count(tenant, Number(row.state), -1);
    this.db.run('DELETE FROM outcome WHERE id = ?', id);
  }

  #count(tenant: string, state: number, rows: number): void {
    this.db.run(
      'INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT (tenant, state) DO UPDATE SET rows = rows + excluded.rows',
      tenant,
      state,
      rows,
    );
  }
}

/** The numbers of the outcomes as ranges without gaps: a batch settles in few of them what came one after another. */
function rangesOf(outcomes: readonly SettleOutcome[]): OpenRange[] {
  const places = outcomes.map(({ sequence }) => sequence).sort((a, b) => a.run - b.run || a.number - b.number);
  const ranges: { run: number; first: number; last: number }[] = [];
  for (const { run, number } of places) {
    const range = ranges.at(-1);
    if (range !== undefined && range.run === run && number - range.last <= 1) range.last = number;
    else ranges.push({ run, first: number, last: number });
  }
  return ranges;
}

/** Eight bytes are enough to find by: what is found is compared with the whole key. */
function shortKey(tenant: string, key: string): Uint8Array {
  return createHash('sha256').update(`${tenant}\n${key}`).digest().subarray(0, 8);
}
