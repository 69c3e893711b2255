import type { Log } from '../core/log.js';

/** Runs `task` every so many milliseconds, never twice at a time. Gives the way to stop it. */
export function repeatEvery(milliseconds: number, log: Log, task: () => Promise<void>): () => void {
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    task()
      .catch((error: unknown) => log.error('a scheduled task failed', { error }))
      .finally(() => {
        running = false;
      });
  }, milliseconds);
  return () => clearInterval(timer);
}
