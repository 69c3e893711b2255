/** The reading side of the archive: its own read-only connections, usable in any thread. */

import { Fault, fault } from '../../core/errors.js';
import type { ArchiveRow } from '../archive-port.js';
import { type KeyOf, unsealPayload } from '../archive-seal.js';
import { openBlock, type SealedBlock } from './archive-block.js';
import { archivedMonths, kinds, openMonth } from './archive-files.js';
import { rowColumns, toArchiveRow } from './archive-row.js';
import type { Database, SqlRow } from './open-database.js';

const chunk = 500;
/** Blocks of at most 64 KiB that stay open. */
const keptBlocks = 64;

export type ArchiveRowWithPayload = ArchiveRow & { payload: Uint8Array };

/** Row ids are run × 2^32 + number throughout. */
export class ArchiveReader {
  readonly #folder: string;
  readonly #keyOf: KeyOf;
  readonly #open = new Map<string, Database>();
  /** Blocks that were opened last, with their payloads by row id. */
  readonly #blocks = new Map<number, Map<number, Uint8Array>>();

  constructor(folder: string, keyOf: KeyOf) {
    this.#folder = folder;
    this.#keyOf = keyOf;
    this.#refresh();
  }

  row(id: number): ArchiveRow | undefined {
    const found = this.#find(id, `SELECT ${rowColumns} FROM message WHERE id = ?`);
    return found === undefined ? undefined : toArchiveRow(found);
  }

  /** Throws `seal-broken` when the payload does not open. */
  rowWithPayload(id: number): ArchiveRowWithPayload | undefined {
    const found = this.#find(id, `SELECT ${rowColumns}, payload, block FROM message WHERE id = ?`);
    if (found === undefined) return undefined;
    const row = toArchiveRow(found);
    const payload =
      found.block === null
        ? unsealPayload(this.#keyOf(row.tenant), row.tenant, id, found.payload as Uint8Array)
        : this.#fromBlock(row.tenant, Number(found.block), id);
    return { ...row, payload };
  }

  /** Messages are mostly read in the order in which they came, so neighbours find their block open. */
  #fromBlock(tenant: string | null, block: number, id: number): Uint8Array {
    const members = this.#blocks.get(block) ?? this.#openBlock(tenant, block);
    const payload = members.get(id);
    if (payload === undefined) throw fault('seal-broken', 'a sealed block lacks a message that is said to be in it');
    // of its own storage: it may be handed to another thread, and outlives the block
    return new Uint8Array(payload);
  }

  #openBlock(tenant: string | null, id: number): Map<number, Uint8Array> {
    const row = this.#find(id, 'SELECT places, sealed FROM block WHERE id = ?') as SealedBlock | undefined;
    if (row === undefined) throw fault('seal-broken', 'the sealed block of a message is gone');
    const opened = openBlock(this.#keyOf(tenant), tenant, id, row);
    const members = new Map(opened.map((member) => [member.id, member.payload]));
    const oldest = this.#blocks.size < keptBlocks ? undefined : this.#blocks.keys().next().value;
    if (oldest !== undefined) this.#blocks.delete(oldest);
    this.#blocks.set(id, members);
    return members;
  }

  /** Rows with ids from `low` to `high`, read in chunks, so that nothing is held open between two of them. */
  *range(low: number, high: number, descending: boolean): Generator<ArchiveRow> {
    this.#refresh();
    const order = descending ? 'DESC' : 'ASC';
    for (const db of this.#months(descending)) {
      const sql = `SELECT ${rowColumns} FROM message WHERE id BETWEEN ? AND ? ORDER BY id ${order} LIMIT ${chunk}`;
      let [from, to] = [low, high];
      for (;;) {
        const rows = db.all(sql, from, to);
        for (const row of rows) yield toArchiveRow(row);
        const last = rows.at(-1);
        if (last === undefined || rows.length < chunk) break;
        if (descending) to = Number(last.id) - 1;
        else from = Number(last.id) + 1;
      }
    }
  }

  /** Ids below `before` of rows of a kind that is never processed, highest first. */
  *idsOfKind(kind: 'truncated' | 'rejected', before: number): Generator<number> {
    this.#refresh();
    const sql = `SELECT id FROM message WHERE kind = ? AND kind <> 0 AND id < ? ORDER BY id DESC LIMIT ${chunk}`;
    for (const db of this.#months(true)) {
      let below = before;
      for (;;) {
        const rows = db.all(sql, kinds.indexOf(kind), below);
        for (const row of rows) yield Number(row.id);
        const last = rows.at(-1);
        if (last === undefined || rows.length < chunk) break;
        below = Number(last.id);
      }
    }
  }

  /** Rows of a tenant (`null`: without one) that arrived before an instant, oldest first. */
  *arrivedBefore(tenant: string | null, before: number): Generator<ArchiveRow> {
    this.#refresh();
    const sql = `SELECT ${rowColumns} FROM message WHERE id > ? AND tenant = ? AND arrival < ? ORDER BY id LIMIT ${chunk}`;
    for (const db of this.#months(false)) {
      let after = -1;
      for (;;) {
        const rows = db.all(sql, after, tenant ?? '', before);
        for (const row of rows) yield toArchiveRow(row);
        const last = rows.at(-1);
        if (last === undefined || rows.length < chunk) break;
        after = Number(last.id);
      }
    }
  }

  /** Number of rows by kind, of one tenant or all. */
  tally(tenant: string | undefined): Map<string, number> {
    this.#refresh();
    const sums = new Map<string, number>();
    for (const db of this.#months(false)) {
      const rows =
        tenant === undefined
          ? db.all('SELECT kind, sum(rows) AS rows FROM tally GROUP BY kind')
          : db.all('SELECT kind, rows FROM tally WHERE tenant = ?', tenant);
      for (const row of rows) {
        const kind = kinds[Number(row.kind)] ?? '';
        sums.set(kind, (sums.get(kind) ?? 0) + Number(row.rows));
      }
    }
    return sums;
  }

  /** Bytes of a tenant's messages as they arrived. */
  bytes(tenant: string | null): number {
    this.#refresh();
    const sql = 'SELECT sum(bytes) AS bytes FROM tally WHERE tenant = ?';
    return this.#months(false).reduce((sum, db) => sum + Number(db.get(sql, tenant ?? '')?.bytes ?? 0), 0);
  }

  /** Runs that have rows, each with its highest row id. */
  runs(runOf: (id: number) => number, firstOf: (run: number) => number): Map<number, number> {
    this.#refresh();
    const last = new Map<number, number>();
    for (const db of this.#months(false)) {
      let id = db.get('SELECT id FROM message ORDER BY id LIMIT 1')?.id;
      while (typeof id === 'number') {
        const next = firstOf(runOf(id) + 1);
        const highest = Number(db.get('SELECT max(id) AS id FROM message WHERE id < ?', next)?.id);
        last.set(runOf(id), Math.max(last.get(runOf(id)) ?? 0, highest));
        id = db.get('SELECT id FROM message WHERE id >= ? ORDER BY id LIMIT 1', next)?.id;
      }
    }
    return last;
  }

  close(): void {
    for (const db of this.#open.values()) db.close();
    this.#open.clear();
  }

  #find(id: number, sql: string): SqlRow | undefined {
    const found = this.#findOpen(id, sql);
    if (found !== undefined || !this.#refresh()) return found;
    return this.#findOpen(id, sql);
  }

  #findOpen(id: number, sql: string): SqlRow | undefined {
    for (const db of this.#months(true)) {
      const row = db.get(sql, id);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  #months(descending: boolean): Database[] {
    const months = [...this.#open.keys()].sort();
    if (descending) months.reverse();
    return months.flatMap((month) => this.#open.get(month) ?? []);
  }

  /** Follows the folder: new months are opened, deleted ones closed. True when there is a new one. */
  #refresh(): boolean {
    const months = archivedMonths(this.#folder);
    for (const [month, db] of this.#open) {
      if (months.includes(month)) continue;
      db.close();
      this.#open.delete(month);
    }
    let grew = false;
    for (const month of months) {
      if (this.#open.has(month)) continue;
      try {
        this.#open.set(month, openMonth(this.#folder, month, { readOnly: true }));
        grew = true;
      } catch (error) {
        // being made this moment: it holds no row yet
        if (!(error instanceof Fault) || error.code !== 'store-unavailable') throw error;
      }
    }
    return grew;
  }
}
