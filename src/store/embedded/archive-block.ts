/**
 * Blocks: the payloads of several messages of one tenant that were committed together, compressed and sealed as one. On short
 * messages that costs a tenth of sealing each and takes a tenth of the room, since they are alike.
 */

import { Fault } from '../../core/errors.js';
import { seal, unseal } from '../../core/seal.js';
import { numberOf, runOf } from '../archive-ids.js';
import { pack, unpack } from '../packed.js';

/** A message of a block. */
export interface BlockMember {
  /** Row id: run × 2^32 + number. */
  readonly id: number;
  readonly payload: Uint8Array;
}

/** A block as its row holds it: `places` tells ids and lengths in the clear, and is bound into the seal. */
export interface SealedBlock {
  readonly places: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Bytes of a place: how far the member's id lies behind the block's, and its payload's length. */
const placeBytes = 8;

/** Seals members whose ids ascend from `id`, the block's own, and are of its run. */
export function sealBlock(
  key: Uint8Array,
  tenant: string | null,
  id: number,
  members: readonly BlockMember[],
): SealedBlock {
  const places = Buffer.allocUnsafe(members.length * placeBytes);
  members.forEach((member, at) => {
    places.writeUInt32LE(member.id - id, at * placeBytes);
    places.writeUInt32LE(member.payload.length, at * placeBytes + 4);
  });
  const body = pack(Buffer.concat(members.map(({ payload }) => payload)));
  return { places, sealed: seal(key, body, about(tenant, id, places)) };
}

/** Opens a block. The payloads share storage. Throws `seal-broken`. */
export function openBlock(key: Uint8Array, tenant: string | null, id: number, block: SealedBlock): BlockMember[] {
  const lengths = placesOf(block.places);
  const all = lengths.reduce((sum, { length }) => sum + length, 0);
  const body = unpack(unseal(key, block.sealed, about(tenant, id, block.places)), all);
  let at = 0;
  return lengths.map(({ offset, length }) => {
    at += length;
    return { id: id + offset, payload: body.subarray(at - length, at) };
  });
}

/** The ids of a block's members. */
export function idsOfBlock(id: number, places: Uint8Array): number[] {
  return placesOf(places).map(({ offset }) => id + offset);
}

/** The block without some members; undefined where it does not open, and so holds nothing that could be read. */
export function withoutMembers(
  key: Uint8Array,
  tenant: string | null,
  id: number,
  block: SealedBlock,
  gone: ReadonlySet<number>,
): SealedBlock | undefined {
  try {
    const left = openBlock(key, tenant, id, block).filter((member) => !gone.has(member.id));
    return sealBlock(key, tenant, id, left);
  } catch (error) {
    if (error instanceof Fault && error.code === 'seal-broken') return undefined;
    throw error;
  }
}

function placesOf(places: Uint8Array): { readonly offset: number; readonly length: number }[] {
  const view = Buffer.from(places.buffer, places.byteOffset, places.byteLength);
  return Array.from({ length: Math.floor(view.length / placeBytes) }, (_, at) => ({
    offset: view.readUInt32LE(at * placeBytes),
    length: view.readUInt32LE(at * placeBytes + 4),
  }));
}

function about(tenant: string | null, id: number, places: Uint8Array): string {
  const names = Buffer.from(places.buffer, places.byteOffset, places.byteLength).toString('latin1');
  return `archive-block:${tenant ?? ''}:${runOf(id)}-${numberOf(id)}:${names}`;
}
