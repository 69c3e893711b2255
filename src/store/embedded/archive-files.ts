/**
 * The archive's files: `archive-YYYY-MM.db`, one per month (UTC) for all tenants. Only the thread that archives writes them;
 * any thread may read.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchiveKind, SettleState } from '../archive-port.js';
import { type Database, type Durability, openDatabase } from './open-database.js';

/** Kinds and states as the files number them. */
export const kinds: readonly ArchiveKind[] = ['message', 'truncated', 'rejected'];
export const states: readonly SettleState[] = ['applied', 'filtered', 'unmapped', 'parked'];

/** The format of a month file that this program writes. */
export const archiveFormat = 2;

/** A message whose `block` is a row here has its payload in it, and none of its own. */
const blocks = 'CREATE TABLE block (id INTEGER PRIMARY KEY, places BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;';

const schema = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, arrival INTEGER NOT NULL, tenant TEXT NOT NULL, kind INTEGER NOT NULL,
    partition INTEGER NOT NULL, listener TEXT NOT NULL, peer TEXT NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL,
    sent_at TEXT NOT NULL, control_id TEXT NOT NULL, flags TEXT NOT NULL, size INTEGER NOT NULL,
    repeat BLOB NOT NULL, payload BLOB NOT NULL, block INTEGER) STRICT;
  CREATE INDEX message_kind ON message (kind, id) WHERE kind <> 0;
  CREATE TABLE tally (tenant TEXT NOT NULL, kind INTEGER NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (tenant, kind)) STRICT, WITHOUT ROWID;
  ${blocks}
`;

/** Format 1 knows no blocks, and finds repeats by an index that `prepareRepeats` replaces where it is still asked. */
const upgrades = { 1: `ALTER TABLE message ADD COLUMN block INTEGER; ${blocks}` };

/** The month (UTC, `YYYY-MM`) of an instant in epoch milliseconds. */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

/** Months that have a file, oldest first. */
export function archivedMonths(folder: string): string[] {
  const months: string[] = [];
  for (const name of readdirSync(folder)) {
    const month = /^archive-(\d{4,6}-\d\d)\.db$/.exec(name)?.[1];
    if (month !== undefined) months.push(month);
  }
  return months.sort();
}

export function monthFile(folder: string, month: string): string {
  return join(folder, `archive-${month}.db`);
}

export function openMonth(
  folder: string,
  month: string,
  how: { readonly readOnly: true } | { readonly durability: Durability },
): Database {
  return openDatabase(monthFile(folder, month), { kind: 'archive', format: archiveFormat, schema, upgrades, ...how });
}
