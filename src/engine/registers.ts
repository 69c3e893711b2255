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
  /** Neither a value nor which of two registers is the newer changed: what composing them shows is the same. */
  readonly alike: boolean;
}

/** Joins `contribution` into `registers`. */
export function join(registers: Registers, contribution: ReadonlyMap<string, Register>): JoinResult {
  let changed = false;
  const touched: string[] = [];
  const before: Stamp[] = [];
  // what one message said has one stamp, so that few pairs are compared again and again
  let pair: { readonly a: Stamp; readonly b: Stamp; readonly order: number } | undefined;
  for (const [key, challenger] of contribution) {
    const holder = registers.get(key);
    if (holder === undefined) {
      registers.set(key, challenger);
      changed = true;
      continue;
    }
    if (pair?.a !== challenger.stamp || pair.b !== holder.stamp) {
      pair = { a: challenger.stamp, b: holder.stamp, order: compareStamps(challenger.stamp, holder.stamp) };
    }
    const { order } = pair;
    if (order < 0) continue;
    const same = equalJson(holder.value, challenger.value);
    if (order === 0 && same) continue;
    if (order === 0 && !greaterValue(challenger.value, holder.value)) continue;
    // a value that stays keeps its object: what was made of it is known by that
    registers.set(key, same ? { value: holder.value, stamp: challenger.stamp } : challenger);
    if (same && challenger.stamp.authority === holder.stamp.authority) {
      touched.push(key);
      before.push(holder.stamp);
    } else changed = true;
  }
  return { changed, touched, alike: !changed && keepsOrder(registers, touched, before) };
}

/**
 * True when the registers touched moved together, from one stamp to another for each authority, past no other register:
 * then every two registers compare as they did before.
 */
function keepsOrder(registers: Registers, touched: readonly string[], before: readonly Stamp[]): boolean {
  if (touched.length === 0) return true;
  const moves = new Map<number, { readonly from: Stamp; readonly to: Stamp; moved: number }>();
  for (const [at, key] of touched.entries()) {
    const from = before[at];
    const to = registers.get(key)?.stamp;
    if (from === undefined || to === undefined) return false;
    const move = moves.get(to.authority);
    if (move === undefined) moves.set(to.authority, { from, to, moved: 1 });
    else if (compareStamps(move.from, from) === 0 && compareStamps(move.to, to) === 0) move.moved++;
    else return false;
  }
  for (const { stamp } of registers.values()) {
    const move = moves.get(stamp.authority);
    if (move === undefined || compareStamps(stamp, move.from) < 0) continue;
    const order = compareStamps(stamp, move.to);
    if (order < 0) return false;
    if (order === 0) move.moved--;
  }
  // a register that had that stamp already is not one of those that came to it
  return [...moves.values()].every(({ moved }) => moved === 0);
}

/** Of two different values under equal stamps the greater one by canonical JSON stays; nothing else could be fair. */
function greaterValue(a: Json, b: Json): boolean {
  return canonicalJson(a) > canonicalJson(b);
}
