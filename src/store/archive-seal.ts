/** A message at rest: compressed where that helps, then sealed with the tenant's data key. */
import { seal, unseal } from '../core/seal.js';
import { numberOf, runOf } from './archive-ids.js';
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
