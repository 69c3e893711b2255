import { type ErrorCode, Fault } from '../core/errors.js';
import type { Log } from '../core/log.js';

interface PatientStartOptions {
  readonly log: Log;
  /** Ends waiting, by throwing its reason. */
  readonly cancelled?: AbortSignal;
  /** Milliseconds for which it is tried, and between two tries. */
  readonly patience?: number;
  readonly pause?: number;
}

/** What servers that are on their way answer. */
const notYet: readonly ErrorCode[] = ['store-unavailable', 'stale-registry'];

/**
 * Runs `start` again while servers do not answer: whole systems start together, and a replica set may be electing its primary. What
 * it throws has undone what it had begun. Says once that it waits.
 * @throws what `start` throws last
 */
export async function startPatiently<T>(
  start: () => Promise<T>,
  { log, cancelled, patience = 60_000, pause = 500 }: PatientStartOptions,
): Promise<T> {
  const end = performance.now() + patience;
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof Fault) || !notYet.includes(error.code) || performance.now() > end) throw error;
      if (tries === 1) log.warn('a server does not answer yet, starting is tried again', { error });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    cancelled?.throwIfAborted();
  }
}
