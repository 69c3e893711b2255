/**
 * A thread that is started anew when it ends by itself: by an exception that nobody caught, or for want of memory. Until
 * the fresh one works, calls reject with `store-unavailable`; those that were under way too, and may have taken effect.
 */
import { Worker } from 'node:worker_threads';
import { type Fault, fault } from './errors.js';
import { callsOver } from './thread-rpc.js';

/** Hears of a thread's ends and returns. */
export interface ThreadEvents {
  /** The thread has ended, or a fresh one could not begin, for the n-th time since one last worked for long. */
  lost(error: unknown, times: number): void;
  /** A fresh thread works. */
  back(): void;
}

export interface KeptThreadOptions<T> {
  /** The module that the thread runs; it serves `methods` by `serveCalls`. */
  readonly entry: URL;
  readonly methods: readonly (keyof T & string)[];
  /** What a thread is started with; asked for each. */
  workerData(): unknown;
  /** Makes a thread ready to work; called for each, and not in time with others. Its failure ends the thread. */
  begin(calls: T): Promise<void>;
  /** Asks a thread to end its work; called once, at the end. */
  end(calls: T): Promise<void>;
  readonly events?: ThreadEvents;
  /** Hears what a thread posts beside its answers. */
  posted?(message: unknown): void;
  /**
   * MiB for what a thread makes and soon drops (Node's own measure is 48); one that makes much for each call, and keeps it
   * until the call is over, copies less of it with more.
   */
  readonly youngMemory?: number;
  /** Milliseconds before a fresh thread is started, doubled at each further end in a row. */
  readonly firstPause?: number;
  readonly longestPause?: number;
}

export interface KeptThread<T> {
  /** Calls to the thread of the moment. While one is beginning they wait for it. */
  readonly calls: T;
  /** Resolves when the first thread works; rejects with what prevented that, and then none is started any more. */
  start(): Promise<void>;
  /** Resolves when the thread has ended its work and is gone. */
  close(): Promise<void>;
}

/** A thread that has worked for so many milliseconds is not held to have ended at once. */
const longWork = 60_000;

/** Starts the first thread at once; calls are answered when it has begun. */
export function keepThread<T extends object>(options: KeptThreadOptions<T>): KeptThread<T> {
  const kept = new Kept(options);
  const calls: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
  for (const method of options.methods) calls[method] = (...args) => kept.call(method, args);
  return { calls: calls as T, start: () => kept.start(), close: () => kept.close() };
}

type Calls = Record<string, (...args: unknown[]) => Promise<unknown>>;

class Kept<T extends object> {
  readonly #options: KeptThreadOptions<T>;
  #working: { readonly worker: Worker; readonly calls: T } | undefined;
  #beginning: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #ends = 0;
  #first = true;
  #closing: Promise<void> | undefined;

  constructor(options: KeptThreadOptions<T>) {
    this.#options = options;
    this.#beginning = this.#begin();
    this.#beginning.catch(() => undefined);
  }

  async start(): Promise<void> {
    await this.#beginning;
  }

  call(method: string, args: unknown[]): Promise<unknown> {
    const now = this.#working;
    if (now !== undefined) return (now.calls as Calls)[method]?.(...args) ?? Promise.reject(unavailable());
    return this.#afterBegin(method, args);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #afterBegin(method: string, args: unknown[]): Promise<unknown> {
    await this.#beginning.catch(() => undefined);
    const now = this.#working;
    if (now === undefined) throw unavailable();
    return (now.calls as Calls)[method]?.(...args);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#beginning.catch(() => undefined);
    const now = this.#working;
    if (now === undefined) return;
    try {
      await this.#options.end(now.calls);
    } finally {
      await now.worker.terminate();
    }
  }

  /** Resolves when a thread works. A failure after the first start is told, and tried again. */
  async #begin(): Promise<void> {
    const { entry, methods, workerData, youngMemory, begin, posted, events } = this.#options;
    const resourceLimits = youngMemory === undefined ? {} : { maxYoungGenerationSizeMb: youngMemory };
    const worker = new Worker(entry, { workerData: workerData(), resourceLimits });
    const startedAt = performance.now();
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    if (posted !== undefined) {
      worker.on('message', (message) => {
        if (!Array.isArray(message)) posted(message);
      });
    }
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const calls = callsOver<T>(worker, methods);
    try {
      await begin(calls);
    } catch (error) {
      await worker.terminate();
      await ended;
      throw cause ?? error;
    }
    this.#working = { worker, calls };
    const again = !this.#first;
    this.#first = false;
    if (again) events?.back();
    void ended.then(() => {
      this.#working = undefined;
      if (this.#closing !== undefined) return;
      if (performance.now() - startedAt >= longWork) this.#ends = 0;
      this.#lost(cause);
    });
  }

  #lost(error: unknown): void {
    const { firstPause = 100, longestPause = 2000, events } = this.#options;
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(this.#ends, 30));
    this.#ends++;
    events?.lost(error, this.#ends);
    this.#timer = setTimeout(() => {
      this.#beginning = this.#begin();
      this.#beginning.catch((failure: unknown) => {
        if (this.#closing === undefined) this.#lost(failure);
      });
    }, pause);
  }
}

function unavailable(): Fault {
  return fault('store-unavailable', 'the thread that does this work has ended and is started anew');
}
