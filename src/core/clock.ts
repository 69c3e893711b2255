/** The two clocks. Everything that needs the time gets a Clock, so that tests decide what time it is. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Milliseconds that only go forward; for ages and deadlines. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/**
 * Milliseconds that another machine's clock is ahead of this one's at least: it told its time at some moment between those two of ours. 0 where
 * both may be equal; negative where it is behind.
 */
export function leastDifference(theirs: number, asked: number, answered: number): number {
  if (theirs > answered) return theirs - answered;
  return theirs < asked ? theirs - asked : 0;
}
