const tolerance = 10 * 60_000;

/**
 * The event time that stamps go by: what the message says, never later than ten minutes after its arrival. One MSH-7 in
 * 2062 must not freeze a patient. `stated` undefined: arrival.
 */
export function stampTime(stated: number | undefined, arrival: number): { time: number; flagged: boolean } {
  if (stated === undefined) return { time: arrival, flagged: false };
  return stated <= arrival + tolerance ? { time: stated, flagged: false } : { time: arrival, flagged: true };
}
