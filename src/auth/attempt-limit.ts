import type { Clock } from '../core/clock.js';

/** Counts failed attempts by client and address. Good attempts are never counted and never limited. */
export interface AttemptLimit {
  /**
   * Records a failed attempt.
   * @returns seconds until the next attempt may fail without being refused as one too many; 0 while within the limit
   */
  failed(client: string, address: string): number;
}

interface Window {
  readonly start: number;
  count: number;
}

const windowLength = 60_000;
const perClient = 10;
const perAddress = 60;
const mostKept = 20_000;

/**
 * Ten failures a minute for one client from one address, sixty from one address for all clients. Memory is bounded:
 * the oldest windows are forgotten first.
 */
export function openAttemptLimit(clock: Pick<Clock, 'monotonic'>): AttemptLimit {
  const windows = new Map<string, Window>();
  const count = (key: string, most: number, now: number): number => {
    const found = windows.get(key);
    if (found !== undefined && now - found.start < windowLength) {
      found.count++;
      return found.count > most ? Math.ceil((found.start + windowLength - now) / 1000) : 0;
    }
    windows.delete(key);
    windows.set(key, { start: now, count: 1 });
    for (const oldest of windows.keys()) {
      if (windows.size <= mostKept) break;
      windows.delete(oldest);
    }
    return 0;
  };
  return {
    failed(client, address) {
      const now = clock.monotonic();
      const one = count(JSON.stringify([client.slice(0, 64), address]), perClient, now);
      const all = count(address, perAddress, now);
      return Math.max(one, all);
    },
  };
}
