/** What recognises the bytes of a message without telling them. */
import { createHmac } from 'node:crypto';
import { KeyedHash } from '../core/keyed-hash.js';
import { deriveKey } from '../core/seal.js';
import type { ArchiveEntry } from './archive-port.js';
import type { KeyOf } from './archive-seal.js';

/** Bytes of a digest. Rows of format 1 hold eight other bytes before it. */
export const digestBytes = 12;
/** Longer payloads are not copied to be hashed. */
const short = 65_536;

/** Makes digests of payloads under a key of the tenant; a derived key per tenant is kept. */
export function payloadDigests(keyOf: KeyOf): (entry: ArchiveEntry) => Uint8Array {
  const known = new Map<string | null, { readonly key: Uint8Array; readonly hash: KeyedHash }>();
  return ({ tenant, payload }) => {
    let made = known.get(tenant);
    if (made === undefined) {
      const key = deriveKey(keyOf(tenant), 'archive-repeat');
      made = { key, hash: new KeyedHash(key) };
      known.set(tenant, made);
    }
    const digest =
      payload.length <= short ? made.hash.digest(payload) : createHmac('sha256', made.key).update(payload).digest();
    return digest.subarray(0, digestBytes);
  };
}
