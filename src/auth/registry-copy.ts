import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import type { RegistryPort, RegistrySnapshot } from '../store/registry-port.js';

/** This process's copy of the registry: what tokens and clients are checked against. */
export interface RegistryCopy {
  /**
   * The copy, at once when its read began less than a second ago, else after a fresh read.
   * @throws Fault `stale-registry` when no fresh read came within the patience
   */
  current(): Promise<RegistrySnapshot>;
  /** The copy after a read that begins now: shows everything that was written before the call. Throws like `current`. */
  refresh(): Promise<RegistrySnapshot>;
  close(): void;
}

interface CopySettings {
  /** Milliseconds between two reads. */
  readonly interval: number;
  /** Milliseconds, from the start of its read, for which a copy is believed. */
  readonly freshFor: number;
  /** Milliseconds that a request waits for a fresh copy. */
  readonly patience: number;
}

const usual: CopySettings = { interval: 500, freshFor: 1000, patience: 2000 };

interface Held {
  readonly snapshot: RegistrySnapshot;
  /** Monotonic time at which the read of it began. */
  readonly readAt: number;
}

/**
 * Keeps a copy of the registry by asking for its generation twice a second. A copy's age counts from the start of its
 * read by the monotonic clock, so that neither a slow read nor a clock set back makes a revoked secret live longer.
 */
export function openRegistryCopy(
  registry: Pick<RegistryPort, 'snapshot' | 'generation'>,
  clock: Pick<Clock, 'monotonic'>,
  settings: Partial<CopySettings> = {},
): RegistryCopy {
  const { interval, freshFor, patience } = { ...usual, ...settings };
  let held: Held | undefined;
  let reading: Promise<Held> | undefined;

  const read = (): Promise<Held> => {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const readOnce = async (): Promise<Held> => {
    const readAt = clock.monotonic();
    const unchanged = held !== undefined && (await registry.generation()) === held.snapshot.generation;
    held = { snapshot: unchanged && held !== undefined ? held.snapshot : await registry.snapshot(), readAt };
    return held;
  };
  const readSince = async (since: number): Promise<RegistrySnapshot> => {
    for (;;) {
      const fresh = await read();
      if (fresh.readAt >= since) return fresh.snapshot;
    }
  };
  const fresh = (): Held | undefined =>
    held !== undefined && clock.monotonic() - held.readAt < freshFor ? held : undefined;

  const timer = setInterval(() => read().catch(() => undefined), interval);
  timer.unref();
  return {
    async current() {
      const now = fresh();
      if (now !== undefined) return now.snapshot;
      return within(patience, readSince(clock.monotonic() - freshFor + 1));
    },
    refresh: () => within(patience, readSince(clock.monotonic())),
    close: () => clearInterval(timer),
  };
}

async function within<T>(patience: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(fault('stale-registry', 'the registry could not be read in time; nothing can be authorized')),
      patience,
    );
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw fault('stale-registry', 'the registry could not be read; nothing can be authorized', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
