/** The stamps of a message: its own, and what follows from it for values of another kind. */
import type { Stamp } from '../core/stamp.js';
import { weakAuthority } from './authority-rank.js';

const dayMs = 86_400_000;

/** What is never taken back needs no time: said again, it is the same. */
export const timeless: Stamp = {
  authority: 0,
  time: 0,
  sequence: { arrival: 0, run: 0, number: 0 },
  mappingVersion: 0,
};

/** The stamps under which a message says what it says. */
export interface MessageStamps {
  readonly exact: Stamp;
  /** Documents that every partition writes are stamped by whole days, so that their stamps move at most once a day. */
  readonly day: Stamp;
  /** The same two for weak values. */
  readonly weak: Stamp;
  readonly weakDay: Stamp;
}

/** All stamps of a message by its own. */
export function stampsOf(exact: Stamp): MessageStamps {
  const day: Stamp = {
    authority: exact.authority,
    time: Math.floor(exact.time / dayMs) * dayMs,
    sequence: { arrival: 0, run: 0, number: 0 },
    mappingVersion: exact.mappingVersion,
  };
  return {
    exact,
    day,
    weak: { ...exact, authority: weakAuthority },
    weakDay: { ...day, authority: weakAuthority },
  };
}

/** The stamp that takes the place of one of those before. */
export function stampInPlaceOf(stamp: Stamp, before: MessageStamps, after: MessageStamps): Stamp {
  if (stamp === before.exact) return after.exact;
  if (stamp === before.weak) return after.weak;
  if (stamp === before.day) return after.day;
  if (stamp === before.weakDay) return after.weakDay;
  if (stamp === timeless) return timeless;
  throw new RangeError('a register has a stamp that is none of its message');
}
