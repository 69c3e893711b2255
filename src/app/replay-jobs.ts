/**
 * Replays as jobs of the transform thread: one at a time, looked at while they run. Where other processes write the same resources there is one
 * at a time over all of them, kept on a board, so that each process can show and stop it.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { Fault, fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { Log } from '../core/log.js';
import { seal, unseal } from '../core/seal.js';
import type { TenantContext } from '../engine/prepare-batch.js';
import { type ReplayWish, replay } from '../engine/replay.js';
import type { ReplayJob, ReplayRequest } from '../engine/replay-job.js';
import { newTally, type ReplayDifference, type ReplayParts } from '../engine/replay-parts.js';
import { openScratch } from '../store/embedded/scratch.js';
import { pack, unpack } from '../store/packed.js';
import type { KeptReplay, ReplayBoardPort, ReplayProgress } from '../store/replay-board-port.js';
import { patientKey } from './patient-key.js';

interface Running {
  job: ReplayJob;
  readonly differences: ReplayDifference[];
  stopping: boolean;
  /** Another process has taken its place. */
  lost: boolean;
  ended: Promise<void>;
}

const mostKept = 20;
/** Differences kept with a job; the counts go on. */
const mostDifferences = 200;
/** What of them others are shown, in bytes. */
const mostSealed = 4 * 1024 * 1024;
const goesOnEvery = 2_000;
const notHere = 'no such replay; those of before the last start are forgotten';

export interface ReplayJobParts extends Pick<ReplayParts, 'resources' | 'turns'> {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined where no other process writes resources. */
  readonly board: ReplayBoardPort | undefined;
  readonly run: number;
  /** Seals what others are shown of a replay. */
  readonly key: Uint8Array;
  /** Of the registry, as this process knows it. */
  generation(): number;
  archive(): ReplayParts['archive'];
  engine(): ReplayParts['engine'];
  tenant(id: string): TenantContext | undefined;
}

export class ReplayJobs {
  readonly #parts: ReplayJobParts;
  readonly #jobs = new Map<string, Running>();

  constructor(parts: ReplayJobParts) {
    this.#parts = parts;
  }

  /** Starts a replay. @throws Fault `conflict` while another one runs, `not-found` for a patient without messages */
  async start(request: ReplayRequest, dry: boolean): Promise<ReplayJob> {
    const wish = await this.#wishOf(request);
    const other = [...this.#jobs.values()].find(({ job }) => job.state === 'running');
    if (other !== undefined) throw fault('conflict', `replay ${other.job.id} runs; wait for it, or stop it`);
    const id = randomBytes(6).toString('hex');
    const job: ReplayJob = {
      id,
      state: 'running',
      dry,
      startedAt: this.#parts.clock.now(),
      endedAt: undefined,
      error: undefined,
      tally: newTally(),
    };
    const running: Running = { job, differences: [], stopping: false, lost: false, ended: Promise.resolve() };
    const { board, run, generation } = this.#parts;
    const tenant = wish.kind === 'tenant' ? wish.tenant : wish.kind === 'filter' ? (wish.filter.tenant ?? null) : null;
    // in the list at once, so that a second one that is asked for meanwhile is refused
    this.#jobs.set(id, running);
    try {
      const has = await board?.begin({ id, run, tenant, generation: generation() }, this.#progress(running));
      if (has !== undefined) throw fault('conflict', `replay ${has} runs; wait for it, or stop it`);
    } catch (error) {
      this.#jobs.delete(id);
      throw error;
    }
    const oldest = this.#jobs.size > mostKept ? this.#jobs.keys().next().value : undefined;
    if (oldest !== undefined) this.#jobs.delete(oldest);
    running.ended = this.#run(running, wish);
    return job;
  }

  /** Newest first. */
  async list(): Promise<readonly ReplayJob[]> {
    const { board } = this.#parts;
    if (board === undefined) return [...this.#jobs.values()].map(({ job }) => job).reverse();
    return (await board.list(mostKept)).map((kept) => {
      const job = jobOf(kept);
      return this.#jobs.get(job.id)?.job ?? job;
    });
  }

  /** @throws Fault `not-found` */
  async get(id: string): Promise<ReplayJob> {
    return this.#jobs.get(id)?.job ?? jobOf(await this.#kept(id));
  }

  /** The first documents that came out otherwise, no more than 200. @throws Fault `not-found` */
  async differences(id: string): Promise<readonly ReplayDifference[]> {
    const own = this.#jobs.get(id);
    if (own !== undefined) return own.differences;
    const { differences } = await this.#kept(id);
    if (differences.length === 0) return [];
    const text = Buffer.from(unpack(unseal(this.#parts.key, differences, place(id)))).toString('utf8');
    return JSON.parse(text) as ReplayDifference[];
  }

  /** Resolves when it has ended; what it had written stays. @throws Fault `not-found` */
  async stop(id: string): Promise<ReplayJob> {
    const running = this.#jobs.get(id);
    if (running !== undefined) {
      running.stopping = true;
      await running.ended;
      return running.job;
    }
    await this.#kept(id);
    await this.#parts.board?.stop(id);
    for (;;) {
      const job = jobOf(await this.#kept(id));
      if (job.state !== 'running') return job;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Stops what runs. */
  async close(): Promise<void> {
    for (const { job } of this.#jobs.values()) if (job.state === 'running') await this.stop(job.id);
  }

  async #kept(id: string): Promise<KeptReplay> {
    const kept = await this.#parts.board?.get(id);
    if (kept === undefined) throw fault('not-found', notHere);
    return kept;
  }

  /** What others are shown of a replay. */
  #progress({ job, differences }: Running): ReplayProgress {
    for (let shown = differences; ; shown = shown.slice(0, Math.floor(shown.length / 2))) {
      const packed = shown.length === 0 ? new Uint8Array(0) : pack(Buffer.from(JSON.stringify(shown), 'utf8'));
      if (packed.length > mostSealed) continue;
      const sealed = packed.length === 0 ? packed : seal(this.#parts.key, packed, place(job.id));
      return { job: JSON.parse(JSON.stringify(job)) as JsonObject, differences: sealed };
    }
  }

  /** Says now and then that a replay goes on, until the answer is called; that resolves when nothing is being said. */
  #goOn(running: Running): () => Promise<void> {
    const { board, log } = this.#parts;
    if (board === undefined) return async () => {};
    let last: Promise<void> = Promise.resolve();
    const say = async (): Promise<void> => {
      try {
        const answer = await board.goOn(running.job.id, this.#progress(running));
        if (answer !== 'go') running.stopping = true;
        if (answer === 'lost') running.lost = true;
      } catch (error) {
        log.warn('the other processes could not be told that a replay goes on', { error });
      }
    };
    const timer = setInterval(() => {
      last = last.then(say);
    }, goesOnEvery);
    return async () => {
      clearInterval(timer);
      await last;
    };
  }

  async #run(running: Running, wish: ReplayWish): Promise<void> {
    const { dataFolder, archive, engine, resources, turns, clock, log, board, generation } = this.#parts;
    const { id, dry, tally } = running.job;
    let { job } = running;
    const end = (state: ReplayJob['state'], error?: string): void => {
      job = { ...job, state, error, endedAt: clock.now() };
    };
    let scratch: ReplayParts['scratch'] | undefined;
    const rest = this.#goOn(running);
    try {
      scratch = openScratch(join(dataFolder, 'replay'));
      await replay(
        {
          engine: engine(),
          archive: archive(),
          resources,
          scratch,
          turns,
          dry,
          ...(board === undefined ? {} : { others: () => board.told(id, generation()) }),
          stopped: () => running.stopping,
          differs(difference) {
            if (running.differences.length < mostDifferences) running.differences.push(difference);
          },
        },
        wish,
        tally,
      );
      end('done');
    } catch (error) {
      if (running.lost) end('failed', 'conflict: this process was not heard of for a while, and lost the replay');
      else if (running.stopping) end('stopped');
      else {
        log.error('a replay failed; it may be started again', { error });
        end('failed', error instanceof Fault ? `${error.code}: ${error.message}` : 'internal: see the log');
      }
    } finally {
      scratch?.close();
      await rest();
      await board?.end(id, this.#progress({ ...running, job })).catch((error: unknown) => {
        log.warn('the other processes could not be told that a replay has ended', { error });
      });
      // not before its place is free: who is shown that it has ended may begin the next one
      running.job = job;
    }
  }

  async #wishOf(request: ReplayRequest): Promise<ReplayWish> {
    if (request.kind === 'tenant' && this.#parts.tenant(request.tenant) === undefined) {
      throw fault('not-found', `no tenant ${request.tenant}`);
    }
    if (request.kind !== 'filter' || request.patient === undefined) return request;
    const { filter, patient } = request;
    const tenant = filter.tenant ?? '';
    const key = await patientKey(this.#parts.archive(), this.#parts.tenant(tenant), tenant, patient);
    return { kind: 'filter', filter: { ...filter, key } };
  }
}

/** A job as it was kept; one whose process is gone has failed, one that has not left its place is ending. */
function jobOf({ job, alive }: Pick<KeptReplay, 'job' | 'alive'>): ReplayJob {
  const { endedAt, error, ...rest } = job as unknown as ReplayJob;
  if (rest.state === 'running' && !alive)
    return { ...rest, state: 'failed', endedAt, error: 'the process that carried it out has ended; start it again' };
  if (rest.state !== 'running' && alive) return { ...rest, state: 'running', endedAt: undefined, error: undefined };
  return { ...rest, endedAt, error };
}

function place(id: string): string {
  return `replay ${id}`;
}
