/** Between archive entries and rows of a month file: payloads are compressed, then sealed with the tenant's data key. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { deriveKey, seal, unseal } from '../../core/seal.js';
import type { ArchiveEntry, ArchiveRow } from '../archive-port.js';
import { kinds, numberOf, runOf } from './archive-files.js';
import type { SqlRow } from './open-database.js';

/** The data key of a tenant, and with `null` the key of rows whose tenant is not known. Throws when there is none. */
export type KeyOf = (tenant: string | null) => Uint8Array;

const asIs = 0;
const brotli = 1;
const worthCompressing = 200;
const mostChunk = 16_384;

/**
 * Compresses and seals. Run and number are bound into the seal, and so is the tenant: rows cannot be swapped. Brotli at its
 * lowest level: on the corpus it takes 31 µs a message where deflate takes 52, for the same size.
 */
export function sealPayload(key: Uint8Array, tenant: string | null, id: number, payload: Uint8Array): Uint8Array {
  const compressed =
    payload.length < worthCompressing
      ? payload
      : brotliCompressSync(payload, {
          // the output is smaller than this, or not used; the default of 16 kB for each message keeps the collector busy
          chunkSize: Math.min(payload.length, mostChunk),
          params: {
            [constants.BROTLI_PARAM_QUALITY]: 1,
            [constants.BROTLI_PARAM_SIZE_HINT]: payload.length,
          },
        });
  const smaller = compressed.length < payload.length;
  const body = Buffer.concat([Buffer.of(smaller ? brotli : asIs), smaller ? compressed : payload]);
  return seal(key, body, place(tenant, id));
}

/** Opens what `sealPayload` made. Throws `seal-broken`. */
export function unsealPayload(key: Uint8Array, tenant: string | null, id: number, sealed: Uint8Array): Uint8Array {
  const body = unseal(key, sealed, place(tenant, id));
  return body[0] === brotli ? brotliDecompressSync(body.subarray(1)) : body.subarray(1);
}

function place(tenant: string | null, id: number): string {
  return `archive:${tenant ?? ''}:${runOf(id)}-${numberOf(id)}`;
}

/** Bytes of a repeat key that stand for tenant, kind, sender and control id; the rest stands for the payload. */
export const senderBytes = 8;
export const repeatBytes = 20;

/** Makes repeat keys; a derived key per tenant is kept. */
export function repeatKeys(keyOf: KeyOf): (entry: ArchiveEntry) => Uint8Array {
  const known = new Map<string | null, KeyObject>();
  return (entry) => {
    let key = known.get(entry.tenant);
    if (key === undefined) {
      key = createSecretKey(deriveKey(keyOf(entry.tenant), 'archive-repeat'));
      known.set(entry.tenant, key);
    }
    const about = JSON.stringify([entry.tenant, entry.kind, entry.sender, entry.controlId]);
    const sender = createHmac('sha256', key).update(about).digest().subarray(0, senderBytes);
    const payload = createHmac('sha256', key).update(entry.payload).digest();
    return Buffer.concat([sender, payload.subarray(0, repeatBytes - senderBytes)]);
  };
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
