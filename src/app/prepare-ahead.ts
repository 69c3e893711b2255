/**
 * Under a backlog that lasts a thread of its own reads and maps the next batches while one is applied. It takes seconds of
 * work to start and some tens of megabytes, so it is ended when the backlog is over; where it is not there, fails, or knows another mapping, a
 * batch is prepared where it is applied.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Log } from '../core/log.js';
import { callsOver } from '../core/thread-rpc.js';
import type { Prepared } from '../engine/prepare-batch.js';
import { readPrepared } from '../engine/prepared-text.js';
import type { WorkBatch } from '../queue/queue-port.js';
import { type PrepareService, prepareMethods } from './prepare-service.js';
import { type TransformData, youngMemory } from './transform-service.js';

/** Messages of a batch that is worth the way to another thread and back. */
const worthwhile = 50;
/** Milliseconds of such batches, one soon after the other, that are a backlog. */
const usuallyLasting = 60_000;
const soon = 2000;
/** Milliseconds without one after which the thread is ended, and after a failure before another is started. */
const pause = 60_000;

interface Working {
  readonly worker: Worker;
  readonly calls: PrepareService;
}

export class PrepareAhead {
  #data: TransformData;
  readonly #log: Log;
  #working: Working | undefined;
  readonly #lasting: number;
  /** When the first of these batches came, and the last. */
  #first = 0;
  #last = Number.NEGATIVE_INFINITY;
  #failed = Number.NEGATIVE_INFINITY;
  #ended = false;

  /** `lasting`: for how long there is a backlog before the thread is started, in milliseconds. */
  constructor(data: TransformData, log: Log, lasting = usuallyLasting) {
    this.#lasting = lasting;
    this.#data = data;
    this.#log = log;
  }

  /** The batch as a mapping of this generation of the registry prepares it; undefined where it is to be prepared here. */
  async prepare(batch: WorkBatch, generation: number): Promise<readonly Prepared[] | undefined> {
    if (batch.sequences.length < worthwhile) return undefined;
    const now = performance.now();
    if (now - this.#last > soon) this.#first = now;
    this.#last = now;
    if (this.#working === undefined && now - this.#first >= this.#lasting) this.#start();
    const working = this.#working;
    if (working === undefined) return undefined;
    try {
      const text = await working.calls.prepare(batch, generation);
      return text === undefined ? undefined : readPrepared(text);
    } catch (error) {
      this.#lost(working, error);
      return undefined;
    }
  }

  useProfiles(profiles: TransformData['profiles']): void {
    this.#data = { ...this.#data, profiles };
    const working = this.#working;
    working?.calls.useProfiles(profiles).catch((error: unknown) => this.#lost(working, error));
  }

  /** Ends the thread where nothing has needed it for long; to be called from time to time. */
  async rest(): Promise<void> {
    if (this.#working !== undefined && performance.now() - this.#last > pause) await this.#stop();
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#stop();
  }

  #start(): void {
    // where stores are shared the other half of the work is another process's
    if (this.#data.stores.kind !== 'embedded' || this.#ended || availableParallelism() < 2) return;
    if (performance.now() - this.#failed < pause) return;
    const resourceLimits = { maxYoungGenerationSizeMb: youngMemory };
    const worker = new Worker(new URL('./prepare-thread.js', import.meta.url), {
      workerData: this.#data,
      resourceLimits,
    });
    const working = { worker, calls: callsOver<PrepareService>(worker, prepareMethods) };
    worker.on('error', (error) => this.#lost(working, error));
    this.#working = working;
    this.#log.info('a backlog: messages are mapped in a thread of their own');
  }

  /** A thread that failed is done without; what it failed at is done by the caller, who tells of it if it fails again. */
  #lost(working: Working, error: unknown): void {
    if (this.#working !== working) return;
    this.#working = undefined;
    this.#failed = performance.now();
    this.#log.warn('the thread that maps messages of a backlog has failed', { error });
    void working.worker.terminate();
  }

  async #stop(): Promise<void> {
    const working = this.#working;
    this.#working = undefined;
    if (working === undefined) return;
    await working.calls.end().catch(() => undefined);
    await working.worker.terminate();
  }
}
