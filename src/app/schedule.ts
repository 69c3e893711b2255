import type { Log } from '../core/log.js';

/**
 * Runs `task` every so many milliseconds, never twice at a time; says when it begins to fail and when it no longer does.
 * Gives the way to stop it.
 */
export function repeatEvery(milliseconds: number, log: Log, task: () => Promise<void>): () => void {
  let running = false;
  let failures = 0;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    task()
      .then(
        () => {
          if (failures > 0) log.info('a scheduled task no longer fails', { count: failures });
          failures = 0;
        },
        (error: unknown) => {
          if (failures === 0) log.error('a scheduled task fails', { error });
          failures++;
        },
      )
      .finally(() => {
        running = false;
      });
  }, milliseconds);
  return () => clearInterval(timer);
}
