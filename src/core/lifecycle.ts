import type { Log } from './log.js';

/** Something that runs and can be stopped. */
export interface Running {
  /** Stops all parts, the last started first. Safe to call twice; resolves when all have stopped. */
  stop(): Promise<void>;
}

/** The parts that run, and how to stop each. */
export class StartedParts implements Running {
  readonly #log: Log;
  readonly #cancelled: AbortSignal | undefined;
  readonly #started: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  #stopping: Promise<void> | undefined;

  constructor(log: Log, cancelled?: AbortSignal) {
    this.#log = log;
    this.#cancelled = cancelled;
  }

  /**
   * Notes a part that has started; its `stop` is called before those of the parts noted earlier.
   * @throws the reason of the signal when starting was cancelled meanwhile
   */
  add<T>(name: string, part: T, stop: (part: T) => Promise<void> | void): T {
    this.#started.push({ name, stop: () => stop(part) });
    this.#cancelled?.throwIfAborted();
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
 * is thrown on: nothing is left half-started. `cancelled` makes it throw before the next part.
 */
export async function startAll<T>(
  log: Log,
  start: (parts: StartedParts) => Promise<T>,
  cancelled?: AbortSignal,
): Promise<T> {
  const parts = new StartedParts(log, cancelled);
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
  /** What SIGHUP asks for; left out, as where a terminal closes, it stops too. */
  readonly reload?: () => Promise<void>;
}

/**
 * Waits for SIGTERM or SIGINT, reloading at each SIGHUP, then stops gracefully. Resolves with the exit code: 0 when all stopped, 1 when the deadline
 * passed or a second signal came.
 */
export function stopOnSignal(running: Running, { log, deadline, reload }: SignalOptions): Promise<number> {
  const signals: readonly NodeJS.Signals[] = [
    'SIGTERM',
    'SIGINT',
    ...(reload === undefined ? ['SIGHUP' as const] : []),
  ];
  return new Promise((resolve) => {
    let asked = false;
    let timer: NodeJS.Timeout | undefined;
    const finish = (code: number): void => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, onSignal);
      process.off('SIGHUP', onHangup);
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
    const onHangup = (): void => {
      reload?.().catch((error: unknown) => log.error('reloading failed', { error }));
    };
    for (const signal of signals) process.on(signal, onSignal);
    if (reload !== undefined) process.on('SIGHUP', onHangup);
  });
}
