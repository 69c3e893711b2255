/**
 * The queue of a single process, in memory. It holds only places of messages; after a restart the sweep fills it again
 * from what the archive knows to be unsettled.
 */
import { fault } from '../../core/errors.js';
import type { QueuePort, WorkBatch, WorkItem } from '../queue-port.js';
import { BatchPace } from './batch-pace.js';
import { WaitingList } from './waiting-list.js';

export interface EmbeddedQueueOptions {
  /** Milliseconds before a batch that failed is handed out again, doubled at each further failure; 100 by default. */
  readonly firstDelay?: number;
  /** The longest such delay; 10,000 by default. */
  readonly longestDelay?: number;
}

interface Partition {
  readonly tenant: string;
  readonly partition: number;
  readonly waiting: WaitingList;
  /** `ready`: waits for a worker; `delayed`: waits for its backoff. */
  state: 'idle' | 'ready' | 'working' | 'delayed';
  failures: number;
}

interface Consumer {
  readonly handler: (batch: WorkBatch) => Promise<void>;
  readonly pace: BatchPace;
  readonly concurrency: number;
}

export class EmbeddedQueue implements QueuePort {
  readonly #firstDelay: number;
  readonly #longestDelay: number;
  readonly #partitions = new Map<string, Partition>();
  readonly #ready = new Set<Partition>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #working = new Set<Promise<void>>();
  #underWay = 0;
  #consumer: Consumer | undefined;
  #closed = false;

  constructor(options: EmbeddedQueueOptions = {}) {
    this.#firstDelay = options.firstDelay ?? 100;
    this.#longestDelay = options.longestDelay ?? 10_000;
  }

  async enqueue(items: readonly WorkItem[]): Promise<void> {
    if (this.#closed) throw fault('store-unavailable', 'the queue is closed');
    for (const { tenant, partition, sequence } of items) {
      const target = this.#partition(tenant, partition);
      target.waiting.add({ run: sequence.run, number: sequence.number });
      if (target.state === 'idle') this.#makeReady(target);
    }
    this.#handOut();
  }

  async consume(
    handler: Consumer['handler'],
    options: { readonly batchSize: number; readonly concurrency: number },
  ): Promise<void> {
    if (this.#consumer !== undefined) throw fault('internal', 'the embedded queue has one consumer');
    this.#consumer = { handler, pace: new BatchPace(options.batchSize), concurrency: options.concurrency };
    this.#handOut();
  }

  /** What is lost with the process its next start enqueues again. */
  async lost(): Promise<boolean> {
    return false;
  }

  async format(): Promise<undefined> {}

  async depth(): Promise<number> {
    let waiting = this.#underWay;
    for (const partition of this.#partitions.values()) waiting += partition.waiting.size;
    return waiting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#working);
  }

  #partition(tenant: string, partition: number): Partition {
    const name = `${partition}:${tenant}`;
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const made: Partition = { tenant, partition, waiting: new WaitingList(), state: 'idle', failures: 0 };
    this.#partitions.set(name, made);
    return made;
  }

  #makeReady(partition: Partition): void {
    partition.state = 'ready';
    this.#ready.add(partition);
  }

  #handOut(): void {
    const consumer = this.#consumer;
    if (consumer === undefined || this.#closed) return;
    for (const partition of this.#ready) {
      if (this.#working.size >= consumer.concurrency) return;
      this.#ready.delete(partition);
      partition.state = 'working';
      const work = this.#work(consumer, partition).finally(() => {
        this.#working.delete(work);
        this.#handOut();
      });
      this.#working.add(work);
    }
  }

  async #work(consumer: Consumer, partition: Partition): Promise<void> {
    const sequences = partition.waiting.take(consumer.pace.size);
    this.#underWay += sequences.length;
    const started = performance.now();
    try {
      await consumer.handler({ tenant: partition.tenant, partition: partition.partition, sequences });
      partition.failures = 0;
      consumer.pace.took(sequences.length, performance.now() - started);
      if (partition.waiting.size > 0) this.#makeReady(partition);
      else partition.state = 'idle';
    } catch {
      // the handler has reported why; what failed waits with what came meanwhile, in archive order
      for (const sequence of sequences) partition.waiting.add(sequence);
      this.#delay(partition);
    } finally {
      this.#underWay -= sequences.length;
    }
  }

  #delay(partition: Partition): void {
    partition.state = 'delayed';
    const delay = Math.min(this.#longestDelay, this.#firstDelay * 2 ** Math.min(partition.failures, 30));
    partition.failures++;
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#makeReady(partition);
      this.#handOut();
    }, delay);
    this.#timers.add(timer);
  }
}
