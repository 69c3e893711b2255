/**
 * Ids that say nothing: HMAC-SHA-256 of type and business key under a key of the tenant, as UUIDv8 (RFC 9562 §5.8).
 * The same message twice names the same documents; nobody without the key gets from an id to an MRN by trying.
 */
import { createHmac } from 'node:crypto';
import type { TenantSettings } from '../core/tenant-settings.js';
import type { Names } from './contribution.js';

const cacheSize = 50_000;

/** Names under `key` (32 bytes); `settings` gives the order of a patient's authorities. */
export function tenantNames(key: Uint8Array, settings: TenantSettings): Names {
  const ids = new Map<string, string>();
  const digest = (purpose: string, name: string): Buffer =>
    createHmac('sha256', key)
      .update(`["${purpose}",${name.slice(1)}`)
      .digest();
  const idOf = (type: string, parts: readonly string[]): string => {
    const name = JSON.stringify([type, ...parts]);
    const known = ids.get(name);
    if (known !== undefined) return known;
    const id = uuid8(digest('id', name));
    if (ids.size >= cacheSize) ids.clear();
    ids.set(name, id);
    return id;
  };
  const order = settings.authorities.map((authority) => authority.id);
  const oids = settings.authorities.map((authority) => authority.oid ?? '');
  return {
    idOf,
    restOf: (type, parts) =>
      digest('rest', JSON.stringify([type, ...parts]))
        .subarray(0, 16)
        .toString('base64url'),
    rankOf: (type, [authority = '']) => {
      if (type !== 'Patient' || authority === '') return 0;
      const byId = order.indexOf(authority);
      return Math.max(0, byId >= 0 ? byId : oids.indexOf(authority));
    },
  };
}

function uuid8(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
