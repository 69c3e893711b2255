/** Takes rows out of a month file. */

import { Fault } from '../../core/errors.js';
import type { KeyOf } from '../archive-seal.js';
import { idsOfBlock, type SealedBlock, withoutMembers } from './archive-block.js';
import { addToTally } from './archive-tally.js';
import type { Database } from './open-database.js';

/**
 * Removes a tenant's rows by id and tells how many there were. A payload goes with its row, out of a block that others stay in too: the
 * block is sealed anew without it. One that does not open stays until its file goes, as nobody can read it.
 */
export function removeRows(db: Database, tenant: string | null, ids: readonly number[], keyOf: KeyOf): number {
  let removed = 0;
  const touched = new Map<number, Set<number>>();
  for (const id of ids) {
    const row = db.get('SELECT kind, size, block FROM message WHERE id = ? AND tenant = ?', id, tenant ?? '');
    if (row === undefined) continue;
    addToTally(db, tenant ?? '', Number(row.kind), -1, -Number(row.size));
    removed += db.run('DELETE FROM message WHERE id = ?', id);
    if (row.block === null) continue;
    const gone = touched.get(Number(row.block));
    if (gone === undefined) touched.set(Number(row.block), new Set([id]));
    else gone.add(id);
  }
  for (const [block, gone] of touched) shrink(db, block, tenant, gone, keyOf);
  return removed;
}

function shrink(db: Database, id: number, tenant: string | null, gone: ReadonlySet<number>, keyOf: KeyOf): void {
  const block = db.get('SELECT places, sealed FROM block WHERE id = ?', id) as SealedBlock | undefined;
  if (block === undefined) return;
  if (idsOfBlock(id, block.places).every((member) => gone.has(member))) {
    db.run('DELETE FROM block WHERE id = ?', id);
    return;
  }
  const key = knownKey(keyOf, tenant);
  const left = key === undefined ? undefined : withoutMembers(key, tenant, id, block, gone);
  if (left !== undefined) db.run('UPDATE block SET places = ?, sealed = ? WHERE id = ?', left.places, left.sealed, id);
}

/** Undefined for a tenant whose key is no longer known. */
function knownKey(keyOf: KeyOf, tenant: string | null): Uint8Array | undefined {
  try {
    return keyOf(tenant);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
