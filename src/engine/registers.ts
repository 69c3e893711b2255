/**
 * A document is a set of registers, each holding the value with the highest stamp. Joining is commutative, associative
 * and idempotent, so every order of applying messages ends the same.
 */
import { canonicalJson, equalJson, type Json } from '../core/json.js';
import { compareStamps, type Stamp } from '../core/stamp.js';

export interface Register {
  /** `null`: deleted. */
  readonly value: Json;
  readonly stamp: Stamp;
}

export type Registers = Map<string, Register>;

/** What a contribution did to a document's registers. */
export interface JoinResult {
  /** Another value, or the same under more authority: the document's state has to be written. */
  readonly changed: boolean;
  /** Registers that hold the same value under the same authority with a newer stamp now. */
  readonly touched: readonly string[];
}

/** Joins `contribution` into `registers`. */
export function join(registers: Registers, contribution: ReadonlyMap<string, Register>): JoinResult {
  let changed = false;
  const touched: string[] = [];
  for (const [key, challenger] of contribution) {
    const holder = registers.get(key);
    if (holder === undefined) {
      registers.set(key, challenger);
      changed = true;
      continue;
    }
    const same = equalJson(holder.value, challenger.value);
    const order = compareStamps(challenger.stamp, holder.stamp);
    if (order < 0 || (order === 0 && same)) continue;
    if (order === 0 && !greaterValue(challenger.value, holder.value)) continue;
    registers.set(key, challenger);
    if (same && challenger.stamp.authority === holder.stamp.authority) touched.push(key);
    else changed = true;
  }
  return { changed, touched };
}

/** Of two different values under equal stamps the greater one by canonical JSON stays; nothing else could be fair. */
function greaterValue(a: Json, b: Json): boolean {
  return canonicalJson(a) > canonicalJson(b);
}
