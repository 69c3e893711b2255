/** How long it took until things went on after something was disturbed. */
import type { Wait } from './journal.js';

export interface Disturbance {
  readonly kind: string;
  readonly how: 'kill' | 'pause';
  /** Which process of the kind. */
  readonly target: string;
  /** Ms of the monotonic clock. */
  readonly at: number;
}

export interface Recovery {
  readonly kind: string;
  readonly how: Disturbance['how'];
  readonly times: number;
  /** The longest time in seconds from a disturbance of this kind until what waited then, or came before the next one, was done. */
  readonly acknowledged: number;
  readonly settled: number;
  readonly read: number;
}

export interface Waits {
  readonly acknowledged: readonly Wait[];
  readonly settled: readonly Wait[];
  readonly read: readonly Wait[];
}

/** One line for each kind and way, in the order in which they first came. `end` is when the run was counted. */
export function recoveries(disturbances: readonly Disturbance[], waits: Waits, end: number): Recovery[] {
  const found = new Map<string, Recovery>();
  for (const [index, { kind, how, at }] of disturbances.entries()) {
    const until = disturbances[index + 1]?.at ?? end;
    const name = `${how} ${kind}`;
    const before = found.get(name);
    const longest = (of: readonly Wait[], known = 0): number => Math.max(known, longestWait(of, at, until, end));
    found.set(name, {
      ...{ kind, how },
      times: (before?.times ?? 0) + 1,
      acknowledged: longest(waits.acknowledged, before?.acknowledged),
      settled: longest(waits.settled, before?.settled),
      read: longest(waits.read, before?.read),
    });
  }
  return [...found.values()];
}

/** Seconds, counted from `at`, of the longest wait that lasted at some time from `at` to `until`. */
export function longestWait(waits: readonly Wait[], at: number, until: number, end: number): number {
  let longest = 0;
  for (const { from, to = end } of waits) {
    if (from < until && to > at) longest = Math.max(longest, to - Math.max(from, at));
  }
  return longest / 1000;
}
