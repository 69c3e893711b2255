/** Rows of a month file as the archive tells them. */
import { numberOf, runOf } from '../archive-ids.js';
import type { ArchiveRow } from '../archive-port.js';
import { kinds } from './archive-files.js';
import type { SqlRow } from './open-database.js';

/** Columns that `toArchiveRow` reads. */
export const rowColumns =
  'id, arrival, tenant, kind, partition, listener, peer, sender, type, sent_at, control_id, flags, size';

export function toArchiveRow(row: SqlRow): ArchiveRow {
  const id = Number(row.id);
  const tenant = String(row.tenant);
  return {
    sequence: { arrival: Number(row.arrival), run: runOf(id), number: numberOf(id) },
    tenant: tenant === '' ? null : tenant,
    kind: kinds[Number(row.kind)] ?? 'rejected',
    partition: Number(row.partition),
    listener: String(row.listener),
    peer: String(row.peer),
    sender: String(row.sender),
    type: String(row.type),
    sentAt: String(row.sent_at),
    controlId: String(row.control_id),
    flags: row.flags === '' ? [] : String(row.flags).split(' '),
    size: Number(row.size),
  };
}
