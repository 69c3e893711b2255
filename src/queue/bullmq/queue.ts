/**
 * The queue of many processes: BullMQ on Redis. Redis holds places of messages, never messages; what it loses the sweep brings
 * back from the archive.
 *
 * The places that wait in a partition are one sorted set, and one job at a time stands for the partition: `deduplication` drops a job
 * while another of its partition waits, and keeps exactly one to follow while another runs. So no two workers have a batch of one
 * partition, and what is enqueued while a partition works is not overlooked. A worker that dies or hangs loses its job's lock within
 * seconds, and another one takes the batch over.
 */
import { randomUUID } from 'node:crypto';
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { fault } from '../../core/errors.js';
import type { QueuePort, WorkBatch, WorkItem } from '../queue-port.js';
import { openWaitingSets, type WaitingSets } from './waiting-sets.js';

export interface BullmqQueueOptions {
  /** `redis://` or `rediss://`, with user and password where the server asks for them. */
  readonly url: string;
  /** Begin of every key; installations that share a Redis have different ones. `wardline` by default. */
  readonly prefix?: string;
  /** Milliseconds before a batch that failed is handed out again, doubled at each further failure; 100 by default. */
  readonly firstDelay?: number;
  /** The longest such delay; 10,000 by default. */
  readonly longestDelay?: number;
  /** Milliseconds after which the batch of a worker that gives no sign of life is another's; 5,000 by default. */
  readonly lockDuration?: number;
  /**
   * Milliseconds without an answer after which a connection is given up and made anew: a host that went without a word would
   * keep it for a quarter of an hour. Longer than a worker waits for work at a time, which is ten seconds; 15,000 by default.
   */
  readonly silence?: number;
}

type Place = Pick<WorkItem, 'tenant' | 'partition'>;

/** Of jobs, and of the places that wait: the newest that this program reads, and what it writes. */
const queueFormat = 1;

/** What a job holds; one without a format is of the first. */
type JobData = Place & { readonly format?: number };

/** Jobs fail as often as the store is down; none is ever given up. */
const withoutLimit = 2 ** 31 - 1;

/** Milliseconds that Redis has to answer an enqueue; the message is archived already, and the sweep finds it. */
const patience = 5_000;

export class BullmqQueue implements QueuePort {
  readonly #options: Required<BullmqQueueOptions>;
  readonly #connections: Redis[] = [];
  readonly #producer: Redis;
  readonly #jobs: Queue<JobData>;
  readonly #waiting: WaitingSets;
  readonly #mark: string;
  readonly #formatKey: string;
  /** Which Redis it was, with which mark, when that was asked last. */
  #known: string | undefined;
  #worker: Worker<JobData> | undefined;
  /** Batches under way. */
  readonly #inHand = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(options: BullmqQueueOptions) {
    this.#options = {
      prefix: 'wardline',
      firstDelay: 100,
      longestDelay: 10_000,
      lockDuration: 5_000,
      silence: 15_000,
      ...options,
    };
    // one slot of a cluster: a script touches keys of one place only
    const prefix = `{${this.#options.prefix}}`;
    this.#mark = `${prefix}:mark`;
    this.#formatKey = `${prefix}:format`;
    this.#producer = this.#connect({ maxRetriesPerRequest: 1, commandTimeout: patience });
    this.#waiting = openWaitingSets(this.#producer, prefix);
    this.#jobs = new Queue<JobData>('work', {
      connection: this.#producer,
      prefix,
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: {
        attempts: withoutLimit,
        backoff: { type: 'capped' },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
      },
    });
    this.#jobs.on('error', ignore);
  }

  async enqueue(items: readonly WorkItem[]): Promise<void> {
    if (this.#closed !== undefined) throw fault('store-unavailable', 'the queue is closed');
    if (items.length === 0) return;
    const places = new Map<string, WorkItem[]>();
    for (const item of items) {
      const name = nameOf(item);
      const known = places.get(name);
      if (known === undefined) places.set(name, [item]);
      else known.push(item);
    }
    await answered(async () => {
      // first the places, then the job: one that runs just now either sees them or is followed by another
      await this.#waiting.add(places);
      await this.#stand([...places.values()].flatMap(([first]) => first ?? []));
    });
  }

  async consume(
    handler: (batch: WorkBatch) => Promise<void>,
    { batchSize, concurrency }: { readonly batchSize: number; readonly concurrency: number },
  ): Promise<void> {
    if (this.#worker !== undefined) throw fault('internal', 'the queue has one consumer in a process');
    const { found } = await this.format();
    if (found > queueFormat) {
      throw fault(
        'format-too-new',
        `the queue has format ${found} and this program reads up to ${queueFormat}: start the newer Wardline that wrote it`,
      );
    }
    const { firstDelay, longestDelay, lockDuration, prefix } = this.#options;
    this.#worker = new Worker<JobData>('work', (job) => this.#hold(this.#work(job, handler, batchSize)), {
      connection: this.#connect({ maxRetriesPerRequest: null }),
      prefix: `{${prefix}}`,
      concurrency,
      lockDuration,
      stalledInterval: Math.ceil(lockDuration * 0.4),
      maxStalledCount: withoutLimit,
      runRetryDelay: firstDelay,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      settings: {
        backoffStrategy: (attempts) => Math.min(longestDelay, firstDelay * 2 ** Math.min(attempts - 1, 30)),
      },
    });
    // a connection that comes and goes is tried again by itself; what fails for it is found by the sweep
    this.#worker.on('error', ignore);
    await answered(() => this.#worker?.waitUntilReady() ?? Promise.resolve());
  }

  /** Noted by the first who looks: a Redis that was emptied holds nothing of another format. */
  async format(): Promise<{ readonly found: number; readonly known: number }> {
    const noted = await answered(() => this.#producer.set(this.#formatKey, queueFormat, 'NX', 'GET'));
    return { found: Number(noted ?? queueFormat), known: queueFormat };
  }

  depth(): Promise<number> {
    return answered(() => this.#waiting.size());
  }

  /** A Redis that was started anew may lack the last it was told, one without our mark lacks everything. */
  async lost(): Promise<boolean> {
    const now = await answered(async () => {
      const [, start] = /^run_id:(\S+)/m.exec(await this.#producer.info('server')) ?? [];
      const mark = randomUUID();
      return `${start} ${(await this.#producer.set(this.#mark, mark, 'NX', 'GET')) ?? mark}`;
    });
    const lost = this.#known !== undefined && this.#known !== now;
    this.#known = now;
    return lost;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /**
   * Redis is told that the batches are done, if it answers. One that does not is not waited for: whoever works next finds them by
   * their locks, and that they are settled.
   */
  async #close(): Promise<void> {
    await this.#worker?.pause(true);
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand);
    const answers = await this.#producer.ping().then(
      () => true,
      () => false,
    );
    await this.#worker?.close(!answers);
    if (answers) await this.#jobs.close();
    for (const connection of this.#connections) connection.disconnect();
  }

  async #hold(batch: Promise<void>): Promise<void> {
    this.#inHand.add(batch);
    try {
      await batch;
    } finally {
      this.#inHand.delete(batch);
    }
  }

  /** One batch of the partition that the job stands for. */
  async #work(
    { data: { tenant, partition, format = 1 } }: Job<JobData>,
    handler: (batch: WorkBatch) => Promise<void>,
    batchSize: number,
  ): Promise<void> {
    // a newer process takes it sooner or later; were there none, the sweep would find its messages
    if (format > queueFormat) throw new Error('the job is of a newer format');
    const name = nameOf({ tenant, partition });
    const sequences = await this.#waiting.first(name, batchSize);
    if (sequences.length === 0) return;
    try {
      await handler({ tenant, partition, sequences });
    } catch {
      // the handler has reported why; Redis is not told what could speak of a patient
      throw new Error('the batch is to be handed out again');
    }
    if ((await this.#waiting.remove(name, sequences)) > 0) await this.#stand([{ tenant, partition }]);
  }

  /** Sees to it that a job stands for each of the partitions, or follows the one that runs. */
  async #stand(places: readonly Place[]): Promise<void> {
    await this.#jobs.addBulk(
      places.map(({ tenant, partition }) => ({
        name: 'drain',
        data: { tenant, partition, format: queueFormat },
        opts: { deduplication: { id: nameOf({ tenant, partition }), keepLastIfActive: true } },
      })),
    );
  }

  #connect(options: { readonly maxRetriesPerRequest: number | null; readonly commandTimeout?: number }): Redis {
    const retryStrategy = (times: number): number => Math.min(2_000, 50 * times);
    const limits = { connectTimeout: patience, socketTimeout: this.#options.silence };
    const connection = new Redis(this.#options.url, { ...options, ...limits, retryStrategy });
    connection.on('error', ignore);
    this.#connections.push(connection);
    return connection;
  }
}

function nameOf({ tenant, partition }: Place): string {
  return `${tenant}.${partition}`;
}

/** @throws Fault `store-unavailable` for whatever Redis answers, or does not */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch {
    // the error of the client holds the command that failed
    throw fault('store-unavailable', 'the queue does not answer');
  }
}

/** For what the calls tell as well. */
function ignore(): void {}
