import type { Log } from './log.js';

/** Something that runs and can be stopped. */
export interface Running {
  /** Stops all parts, the last started first. Safe to call twice; resolves when all have stopped. */
  stop(): Promise<void>;
}

/** The parts that run, and how to stop each. */
export class StartedParts implements Running {
  readonly #log: Log;
  readonly #started: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  #stopping: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Notes a part that has started; its `stop` is called before those of the parts noted earlier. */
  add<T>(name: string, part: T, stop: (part: T) => Promise<void> | void): T {
    this.#started.push({ name, stop: () => stop(part) });
    return part;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const { name, stop } of this.#started.reverse()) {
      try {
        await stop();
      } catch (error) {
        this.#log.error('part did not stop cleanly', { part: name, error });
      }
    }
  }
}

/**
 * Runs `start`, which notes every part that it starts. When it throws, those that run are stopped in reverse and its error
 * is thrown on: nothing is left half-started.
 */
export async function startAll<T>(log: Log, start: (parts: StartedParts) => Promise<T>): Promise<T> {
  const parts = new StartedParts(log);
  try {
    return await start(parts);
  } catch (error) {
    await parts.stop();
    throw error;
  }
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
