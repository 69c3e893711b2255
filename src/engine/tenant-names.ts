/**
 * Ids that say nothing: HMAC-SHA-256 of type and business key under a key of the tenant, as UUIDv8 (RFC 9562 §5.8).
 * The same message twice names the same documents; nobody without the key gets from an id to an MRN by trying.
 */
import { KeyedHash } from '../core/keyed-hash.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import type { Names } from './contribution.js';

const cacheSize = 50_000;

/** Names under `key` (32 bytes, or the hash under it); `settings` gives the order of a patient's authorities. */
export function tenantNames(key: Uint8Array | KeyedHash, settings: TenantSettings): Names {
  const ids = new Map<string, string>();
  const keyed = key instanceof KeyedHash ? key : new KeyedHash(key);
  const idOf = (type: string, parts: readonly string[]): string => {
    // with the length of each part no two keys have one text
    let name = type;
    for (const part of parts) name += `\u0000${part.length}\u0000${part}`;
    const known = ids.get(name);
    if (known !== undefined) return known;
    const id = uuid8(keyed.hex(JSON.stringify(['id', type, ...parts])));
    if (ids.size >= cacheSize) ids.clear();
    ids.set(name, id);
    return id;
  };
  const order = settings.authorities.map((authority) => authority.id);
  const oids = settings.authorities.map((authority) => authority.oid ?? '');
  return {
    idOf,
    restOf: (type, parts) => keyed.digest(JSON.stringify(['rest', type, ...parts])).toString('base64url', 0, 16),
    rankOf: (type, [authority = '']) => {
      if (type !== 'Patient' || authority === '') return 0;
      const byId = order.indexOf(authority);
      return Math.max(0, byId >= 0 ? byId : oids.indexOf(authority));
    },
  };
}

/** The first 16 bytes of a digest with version 8 and the variant of RFC 9562. */
function uuid8(digits: string): string {
  const variant = '89ab'[Number.parseInt(digits[16] ?? '0', 16) & 3];
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
