/** What of a changed configuration goes live in a running system. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../core/config.js';
import type { Log } from '../core/log.js';

/** Keys that are taken over; all others are read at the start only. */
const live: readonly string[] = ['tenants', 'clients', 'listeners', 'directories', 'profiles', 'mappings'];

/** Takes over a part of a configuration; the same one again changes nothing. Throws a fault of the catalogue. */
export type ReloadStep = (next: Config) => Promise<void>;

/**
 * Takes over the live keys of `next`, and logs those of the others that differ from what the system was started with. A
 * step that fails is logged and ends it; what was taken over before stays.
 */
export async function takeOver(started: Config, next: Config, steps: readonly ReloadStep[], log: Log): Promise<void> {
  const keys = Object.keys({ ...started, ...next }) as (keyof Config)[];
  const waiting = keys.filter((key) => !live.includes(key) && !isDeepStrictEqual(started[key], next[key]));
  if (waiting.length > 0) log.warn('changes of the configuration wait for a restart', { state: waiting.join(', ') });
  try {
    for (const step of steps) await step(next);
    log.info('the configuration is read again and in use');
  } catch (error) {
    log.error('the configuration cannot be taken over', { error });
  }
}
