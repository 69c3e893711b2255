/** The chain of audit records: every record's hash covers the one before it, under a key that only the installation has. */
import { createHmac } from 'node:crypto';
import type { AuditEvent, AuditRecord } from './audit-port.js';

export interface AuditOptions {
  /** This process's run, from the registry. */
  readonly run: number;
  /** Key of chains and anchors, made from the master key: without it no chain can be forged. */
  readonly key: Uint8Array;
}

/** Where a run's chain stands: the number of its last record, 0 for none, and that record's hash. */
export interface ChainEnd {
  readonly number: number;
  readonly chain: string;
}

export const chainBegin: ChainEnd = { number: 0, chain: '' };

/** The end of a chain after one more record. `body` is the record's text as it is stored. */
export function chained(key: Uint8Array, run: number, { number, chain }: ChainEnd, body: string): ChainEnd {
  const next = number + 1;
  return { number: next, chain: keyedHash(key, `${run}\n${next}\n${chain}\n${body}`).toString('base64url') };
}

/** HMAC-SHA-256. */
export function keyedHash(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** A record from its stored text. */
export function auditRecord(run: number, { number, chain }: ChainEnd, body: string): AuditRecord {
  return { ...(JSON.parse(body) as AuditEvent), run, number, chain };
}
