/** Replays as jobs of the transform thread, which alone writes resources: one at a time, looked at while they run. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { Fault, fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { TenantContext } from '../engine/prepare-batch.js';
import { type ReplayWish, replay } from '../engine/replay.js';
import type { ReplayJob, ReplayRequest } from '../engine/replay-job.js';
import { newTally, type ReplayDifference, type ReplayParts } from '../engine/replay-parts.js';
import { openScratch } from '../store/embedded/scratch.js';
import { patientKey } from './patient-key.js';

interface Running {
  job: ReplayJob;
  readonly differences: ReplayDifference[];
  stopping: boolean;
  ended: Promise<void>;
}

const mostKept = 20;
/** Differences kept with a job; the counts go on. */
const mostDifferences = 200;

export interface ReplayJobParts extends Pick<ReplayParts, 'resources' | 'turns'> {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly log: Log;
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
    const running: Running = { job, differences: [], stopping: false, ended: Promise.resolve() };
    this.#jobs.set(id, running);
    const oldest = this.#jobs.size > mostKept ? this.#jobs.keys().next().value : undefined;
    if (oldest !== undefined) this.#jobs.delete(oldest);
    running.ended = this.#run(running, wish);
    return job;
  }

  /** Newest first. */
  list(): readonly ReplayJob[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse();
  }

  /** @throws Fault `not-found` */
  get(id: string): ReplayJob {
    return this.#find(id).job;
  }

  /** The first documents that came out otherwise, no more than 200. @throws Fault `not-found` */
  differences(id: string): readonly ReplayDifference[] {
    return this.#find(id).differences;
  }

  /** Resolves when it has ended; what it had written stays. @throws Fault `not-found` */
  async stop(id: string): Promise<ReplayJob> {
    const running = this.#find(id);
    running.stopping = true;
    await running.ended;
    return running.job;
  }

  /** Stops what runs. */
  async close(): Promise<void> {
    for (const { job } of this.#jobs.values()) if (job.state === 'running') await this.stop(job.id);
  }

  #find(id: string): Running {
    const running = this.#jobs.get(id);
    if (running === undefined) throw fault('not-found', 'no such replay; those of before the last start are forgotten');
    return running;
  }

  async #run(running: Running, wish: ReplayWish): Promise<void> {
    const { dataFolder, archive, engine, resources, turns, clock, log } = this.#parts;
    const { dry, tally } = running.job;
    const end = (state: ReplayJob['state'], error?: string): void => {
      running.job = { ...running.job, state, error, endedAt: clock.now() };
    };
    let scratch: ReplayParts['scratch'] | undefined;
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
      if (running.stopping) end('stopped');
      else {
        log.error('a replay failed; it may be started again', { error });
        end('failed', error instanceof Fault ? `${error.code}: ${error.message}` : 'internal: see the log');
      }
    } finally {
      scratch?.close();
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
