import type { Database } from './open-database.js';

/** Changes how many rows of a kind, and bytes of payloads as they arrived, a tenant has in a month file. */
export function addToTally(db: Database, tenant: string, kind: number, rows: number, bytes: number): void {
  db.run(
    'INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT (tenant, kind)' +
      ' DO UPDATE SET rows = rows + excluded.rows, bytes = bytes + excluded.bytes',
    tenant,
    kind,
    rows,
    bytes,
  );
}
