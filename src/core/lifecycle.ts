import type { Log } from './log.js';

/** Something that runs: a store, a listener, a server. `start` either resolves with the way to stop it or leaves nothing. */
export interface Part {
  readonly name: string;
  start(): Promise<() => Promise<void>>;
}

export interface Running {
  /** Stops all parts, the last started first. Safe to call twice; resolves when all have stopped. */
  stop(): Promise<void>;
}

/**
 * Starts parts one after another. When one cannot start, those that run are stopped in reverse and its error is thrown:
 * nothing is left half-started.
 */
export async function startParts(parts: readonly Part[], log: Log): Promise<Running> {
  const started: { name: string; stop: () => Promise<void> }[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    for (const { name, stop } of started.reverse()) {
      try {
        await stop();
      } catch (error) {
        log.error('part did not stop cleanly', { part: name, error });
      }
    }
  };
  for (const part of parts) {
    try {
      started.push({ name: part.name, stop: await part.start() });
    } catch (error) {
      await stopAll();
      throw error;
    }
  }
  return {
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

interface SignalOptions {
  readonly log: Log;
  /** Milliseconds after which stopping is given up. */
  readonly deadline: number;
}

/**
 * Waits for SIGTERM or SIGINT, then stops gracefully. Resolves with the exit code: 0 when all stopped, 1 when the deadline
 * passed or a second signal came.
 */
export function stopOnSignal(running: Running, { log, deadline }: SignalOptions): Promise<number> {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  return new Promise((resolve) => {
    let asked = false;
    let timer: NodeJS.Timeout | undefined;
    const finish = (code: number): void => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, onSignal);
      resolve(code);
    };
    const onSignal = (): void => {
      if (asked) {
        finish(1);
        return;
      }
      asked = true;
      log.info('stopping');
      timer = setTimeout(() => {
        log.error('parts did not stop in time', { milliseconds: deadline });
        finish(1);
      }, deadline);
      running.stop().then(
        () => finish(0),
        () => finish(1),
      );
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}
