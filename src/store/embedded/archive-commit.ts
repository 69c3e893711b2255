/** What one commit of the archive writes: its rows, their blocks, and the sums that it changes. */

import { fault } from '../../core/errors.js';
import { lastNumber, rowId } from '../archive-ids.js';
import type { AppendResult, ArchiveEntry } from '../archive-port.js';
import { type KeyOf, sealPayload } from '../archive-seal.js';
import { sealBlock } from './archive-block.js';
import { kinds } from './archive-files.js';
import { EarlierMessages } from './archive-repeats.js';
import { addToTally } from './archive-tally.js';
import type { Database, SqlValue } from './open-database.js';

/** An entry with what recognises its bytes. */
export interface DigestedEntry {
  readonly entry: ArchiveEntry;
  readonly digest: Uint8Array;
}

/** Where the next row goes; moved on by each row. */
export interface ArchivePlace {
  readonly run: number;
  number: number;
  /** Epoch ms; arrivals never go back. */
  arrival: number;
}

interface NewRow extends DigestedEntry {
  readonly id: number;
  readonly arrival: number;
  /** Those of the entry, and what the archive found. */
  readonly flags: readonly string[];
}

/** Payloads beyond this are sealed alone; a block takes no more than that many bytes, so that one message is soon read. */
const mostOfMember = 16_384;
const mostOfBlock = 65_536;
const nothing = new Uint8Array(0);

/**
 * Writes entries into a month file, those that are no repeats of rows in `seen` or of each other, and moves `next` on. To be
 * called in a transaction of `db`. `window`: milliseconds for which repeats are recognised.
 */
export function writeEntries(
  db: Database,
  seen: readonly Database[],
  entries: readonly DigestedEntry[],
  next: ArchivePlace,
  { window, keyOf }: { readonly window: number; readonly keyOf: KeyOf },
): AppendResult[] {
  const first = Math.max(next.arrival, entries[0]?.entry.arrival ?? 0);
  const earlier = new EarlierMessages(
    seen,
    entries.map(({ entry }) => entry),
    first - window,
  );
  const rows: NewRow[] = [];
  const results = entries.map(({ entry, digest }): AppendResult => {
    next.arrival = Math.max(next.arrival, entry.arrival);
    const { arrival, run, number } = next;
    const { same, other } = earlier.of(entry, digest, arrival - window);
    if (same !== undefined) return { sequence: same, outcome: 'repeat', reusedControlId: false };
    if (number > lastNumber) throw fault('store-unavailable', 'this run has no numbers left: restart');
    const sequence = { arrival, run, number };
    const reusedControlId = other && entry.controlId !== '';
    const flags = reusedControlId ? [...entry.flags, 'reused-control-id'] : entry.flags;
    rows.push({ entry, digest, flags, id: rowId(sequence), arrival });
    earlier.add(entry, digest, sequence);
    next.number++;
    return { sequence, outcome: 'archived', reusedControlId };
  });
  for (const block of blocksOf(rows)) writeBlock(db, block, keyOf);
  tally(db, rows);
  return results;
}

/** Rows that share a block, in their order; what is large is alone. */
function blocksOf(rows: readonly NewRow[]): NewRow[][] {
  const blocks: NewRow[][] = [];
  const open = new Map<string | null, { readonly rows: NewRow[]; bytes: number }>();
  for (const row of rows) {
    const { tenant, payload } = row.entry;
    const current = open.get(tenant);
    if (payload.length > mostOfMember) blocks.push([row]);
    else if (current !== undefined && current.bytes + payload.length <= mostOfBlock) {
      current.rows.push(row);
      current.bytes += payload.length;
    } else {
      const started = { rows: [row], bytes: payload.length };
      open.set(tenant, started);
      blocks.push(started.rows);
    }
  }
  return blocks;
}

function writeBlock(db: Database, rows: readonly NewRow[], keyOf: KeyOf): void {
  const [first] = rows;
  if (first === undefined) return;
  const { tenant, payload } = first.entry;
  const key = keyOf(tenant);
  if (rows.length === 1) {
    writeRows(db, rows, sealPayload(key, tenant, first.id, payload), null);
    return;
  }
  const members = rows.map(({ id, entry }) => ({ id, payload: entry.payload }));
  const { places, sealed } = sealBlock(key, tenant, first.id, members);
  db.run('INSERT INTO block VALUES (?, ?, ?)', first.id, places, sealed);
  writeRows(db, rows, nothing, first.id);
}

/** Rows with their payload in a block, or one with its own. A statement for several rows costs less than one for each. */
function writeRows(db: Database, rows: readonly NewRow[], sealed: Uint8Array, block: number | null): void {
  let at = 0;
  for (; at + rowsOfStatement <= rows.length; at += rowsOfStatement) {
    const values = rows.slice(at, at + rowsOfStatement).flatMap((row) => valuesOf(row, sealed, block));
    db.run(insertSeveral, ...values);
  }
  for (const row of rows.slice(at)) db.run(insertOne, ...valuesOf(row, sealed, block));
}

const columns = `(${Array.from({ length: 16 }, () => '?').join(', ')})`;
const rowsOfStatement = 5;
const insertOne = `INSERT INTO message VALUES ${columns}`;
const insertSeveral = `INSERT INTO message VALUES ${Array.from({ length: rowsOfStatement }, () => columns).join(', ')}`;

function valuesOf({ entry, digest, flags, id, arrival }: NewRow, sealed: Uint8Array, block: number | null): SqlValue[] {
  return [
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
    digest,
    sealed,
    block,
  ];
}

function tally(db: Database, rows: readonly NewRow[]): void {
  const sums = new Map<string, { tenant: string; kind: number; rows: number; bytes: number }>();
  for (const { entry } of rows) {
    const name = `${entry.kind} ${entry.tenant ?? ''}`;
    const none = { tenant: entry.tenant ?? '', kind: kinds.indexOf(entry.kind), rows: 0, bytes: 0 };
    const sum = sums.get(name) ?? none;
    sum.rows++;
    sum.bytes += entry.payload.byteLength;
    sums.set(name, sum);
  }
  for (const { tenant, kind, rows: count, bytes } of sums.values()) addToTally(db, tenant, kind, count, bytes);
}
