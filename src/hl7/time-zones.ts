/** From `at` (epoch ms) on, a zone is `offset` ms ahead of UTC. */
interface Transition {
  readonly at: number;
  readonly offset: number;
}

const day = 86_400_000;
const zones = new Map<string, Zone>();

/** What a clock in a zone may mean by a local time. */
export interface LocalReading {
  /** Epoch ms. Of a repeated time the first; a skipped one is moved forward by the gap. */
  readonly instant: number;
  /** Epoch ms of the second reading of a repeated time. */
  readonly second: number | undefined;
  readonly skipped: boolean;
}

/** True when the IANA name is one the runtime knows. */
export function isKnownZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false;
  }
}

/** How far a zone is ahead of UTC at an instant (epoch ms), in ms. Throws RangeError for an unknown zone. */
export function zoneOffset(name: string, instant: number): number {
  return zoneOf(name).offsetAt(instant);
}

/**
 * The instants that a local time in a zone may mean. `local` is the local time written as if it were UTC, in epoch ms.
 * Throws RangeError for an unknown zone.
 */
export function readLocal(name: string, local: number): LocalReading {
  const zone = zoneOf(name);
  const before = zone.offsetAt(local - day);
  const after = zone.offsetAt(local + day);
  const early = local - before;
  if (before === after && zone.offsetAt(early) === before) return { instant: early, second: undefined, skipped: false };
  const late = local - after;
  const isEarly = zone.offsetAt(early) === before;
  const isLate = zone.offsetAt(late) === after;
  if (isEarly && isLate) return { instant: early, second: late === early ? undefined : late, skipped: false };
  if (isEarly || isLate) return { instant: isEarly ? early : late, second: undefined, skipped: false };
  return { instant: early, second: undefined, skipped: true };
}

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = new Zone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** A zone's offsets, asked of Intl once for each year and kept: asking costs microseconds each time. */
class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #years = new Map<number, readonly Transition[]>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetAt(instant: number): number {
    const year = new Date(instant).getUTCFullYear();
    let transitions = this.#years.get(year);
    if (transitions === undefined) {
      transitions = this.#transitionsIn(year);
      this.#years.set(year, transitions);
    }
    for (let n = transitions.length - 1; n > 0; n--) {
      const transition = transitions[n];
      if (transition !== undefined && transition.at <= instant) return transition.offset;
    }
    return transitions[0]?.offset ?? 0;
  }

  /** The offset at the start of a UTC year, then each change in it, found day by day and then by halving. */
  #transitionsIn(year: number): readonly Transition[] {
    const start = utc(year, 1, 1);
    const end = utc(year + 1, 1, 1);
    let offset = this.#ask(start);
    const found: Transition[] = [{ at: start, offset }];
    for (let at = start + day; at <= end; at += day) {
      const next = this.#ask(at);
      if (next === offset) continue;
      let low = at - day;
      let high = at;
      while (high - low > 1000) {
        const middle = low + Math.floor((high - low) / 2000) * 1000;
        if (this.#ask(middle) === offset) low = middle;
        else high = middle;
      }
      if (high < end) found.push({ at: high, offset: next });
      offset = next;
    }
    return found;
  }

  #ask(instant: number): number {
    const parts = new Map<string, number>();
    for (const { type, value } of this.#format.formatToParts(instant)) parts.set(type, Number(value));
    const part = (type: string) => parts.get(type) ?? 0;
    const local = utc(part('year'), part('month'), part('day'), part('hour'), part('minute'), part('second'));
    return local - instant;
  }
}

/** Epoch ms of a UTC time; unlike Date.UTC it takes years below 100 for what they are. */
export function utc(year: number, month: number, dayOfMonth: number, hour = 0, minute = 0, second = 0): number {
  if (year >= 100) return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second);
  return new Date(Date.UTC(2000, month - 1, dayOfMonth, hour, minute, second)).setUTCFullYear(
    year,
    month - 1,
    dayOfMonth,
  );
}
