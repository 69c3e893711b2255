/** Between archive entries and rows of a month file: a payload of its own is compressed, then sealed with the tenant's data key. */
import { seal, unseal } from '../../core/seal.js';
import type { ArchiveRow } from '../archive-port.js';
import { kinds, numberOf, runOf } from './archive-files.js';
import type { SqlRow } from './open-database.js';
import { pack, unpack } from './packed.js';

/** The data key of a tenant, and with `null` the key of rows whose tenant is not known. Throws when there is none. */
export type KeyOf = (tenant: string | null) => Uint8Array;

/** Compresses and seals. Run and number are bound into the seal, and so is the tenant: rows cannot be swapped. */
export function sealPayload(key: Uint8Array, tenant: string | null, id: number, payload: Uint8Array): Uint8Array {
  return seal(key, pack(payload), place(tenant, id));
}

/** Opens what `sealPayload` made. Throws `seal-broken`. */
export function unsealPayload(key: Uint8Array, tenant: string | null, id: number, sealed: Uint8Array): Uint8Array {
  return unpack(unseal(key, sealed, place(tenant, id)));
}

function place(tenant: string | null, id: number): string {
  return `archive:${tenant ?? ''}:${runOf(id)}-${numberOf(id)}`;
}

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
