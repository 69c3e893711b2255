/**
 * The upgrade of an installation's data: documents that were indexed by code of another edition are indexed again, tenant after
 * tenant. Whoever asks notes a wish; the process that has the lease carries it out and notes how far it is, and another one of its edition
 * goes on there when it dies. It ends with a pass over all that found none, while no process of another edition runs.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { Fault, fault, isTransient } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { type ReindexTally, reindexTenant, type SearchCode } from '../engine/reindex.js';
import type { UpgradeJob, UpgradePlan, UpgradeState } from '../engine/upgrade-job.js';
import type { ProcessRecord, RegistryPort } from '../store/registry-port.js';
import type { ReindexPort } from '../store/reindex-port.js';
import { planUpgrade } from './plan-upgrade.js';
import {
  isOpen,
  jobOf,
  type KeptUpgrade,
  newJob,
  putEditions,
  putJob,
  putWish,
  readEditions,
  readJob,
  readWish,
  type UpgradeWish,
  upgradeState,
} from './upgrade-notes.js';

export interface UpgradeJobParts {
  readonly registry: Pick<RegistryPort, 'setting' | 'putSetting' | 'lease' | 'snapshot' | 'processes'>;
  readonly resources: ReindexPort;
  /** Of this process. */
  readonly code: SearchCode;
  readonly run: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Other processes write the same documents. */
  readonly shared: boolean;
  queueFormat(): Promise<UpgradePlan['queueFormat']>;
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when it is time for more, after that many milliseconds of work. */
  rest(took: number): Promise<void>;
}

const second = 1000;
const minute = 60 * second;
/** Another process goes on when the one that does so was silent for so long. */
const leaseTime = 15 * second;
const saveEvery = 2 * second;
/** A process that was silent for so long writes no more; should it wake up, the next look finds what it writes. */
const silence = minute;
const lookEvery = minute;

export class UpgradeJobs {
  readonly #parts: UpgradeJobParts;
  readonly #owner: string;
  #running: Promise<void> | undefined;
  /** What is carried out here. */
  #kept: KeptUpgrade | undefined;
  #stop: 'stop' | 'leave' | undefined;
  #wake: () => void = () => undefined;
  #saved = Number.NEGATIVE_INFINITY;
  #looked = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(parts: UpgradeJobParts) {
    this.#parts = parts;
    this.#owner = `run ${parts.run}`;
  }

  /** Notes that documents may have this edition from now on; to be called before any is written. */
  async begin(): Promise<void> {
    const { registry, code } = this.#parts;
    const noted = await readEditions(registry);
    if (noted?.includes(code.edition)) return;
    const before = noted ?? ((await this.#holdsDocuments()) ? [0] : []);
    await putEditions(registry, [...before, code.edition]);
  }

  /** See `planUpgrade`. */
  async plan(): Promise<UpgradePlan> {
    const { registry, resources, code, queueFormat } = this.#parts;
    const otherProcesses = await this.#otherProcesses();
    return {
      ...(await planUpgrade(registry, resources, code.edition)),
      queueFormat: await queueFormat(),
      otherProcesses,
    };
  }

  state(): Promise<UpgradeState> {
    return upgradeState(this.#parts.registry, this.#parts.code.edition);
  }

  /** Starts it, or gives the one that runs. @throws Fault `conflict` while one to another edition runs */
  async start(): Promise<UpgradeJob> {
    const { job } = await this.state();
    const { registry, clock, code } = this.#parts;
    if (job !== undefined && isOpen(job)) {
      if (job.edition === code.edition) return job;
      throw fault('conflict', `an upgrade to edition ${job.edition} runs; stop it first`);
    }
    const wish = { id: randomBytes(6).toString('hex'), edition: code.edition, wanted: true, at: clock.now() };
    await putWish(registry, wish);
    await this.step();
    return (await this.state()).job ?? newJob(wish);
  }

  /** Resolves when it has stopped; what it has done stays, and the next one goes on there. @throws Fault `not-found` */
  async stop(): Promise<UpgradeJob> {
    const { registry } = this.#parts;
    const wish = await readWish(registry);
    if (wish === undefined) throw fault('not-found', 'no upgrade was started');
    await putWish(registry, { ...wish, wanted: false });
    for (;;) {
      await this.step();
      const { job } = await this.state();
      if (job === undefined || !isOpen(job)) return job ?? newJob(wish);
      await sleep(200);
    }
  }

  /** Begins, ends or goes on with what is wished; to be called every few seconds. */
  async step(): Promise<void> {
    if (this.#closed) return;
    const wish = await readWish(this.#parts.registry);
    if (this.#running !== undefined) {
      if (wish?.id !== this.#kept?.id || wish?.wanted !== true) this.#end('stop');
      else if (await this.#ask()) this.#wake();
      else this.#end('leave');
      return;
    }
    const kept = await readJob(this.#parts.registry);
    if (wish === undefined || !isOpen(jobOf(wish, kept) ?? newJob(wish))) return this.#look();
    const own = wish.edition === this.#parts.code.edition;
    if ((wish.wanted && !own) || !(await this.#ask(wish.edition))) return;
    if (!wish.wanted) {
      // whoever carried it out is gone
      const left = kept?.id === wish.id ? kept : { ...newJob(wish), place: undefined };
      await putJob(this.#parts.registry, { ...left, state: 'stopped', endedAt: this.#parts.clock.now() });
      return;
    }
    this.#stop = undefined;
    this.#kept = this.#takenUp(wish, kept);
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Lets go of it, so that another process or the next start goes on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#end('leave');
    await this.#running;
    await this.#parts.registry.lease(leaseName(this.#parts.code.edition), this.#owner, 0).catch(() => undefined);
  }

  #ask(edition = this.#parts.code.edition): Promise<boolean> {
    return this.#parts.registry.lease(leaseName(edition), this.#owner, leaseTime);
  }

  #end(how: 'stop' | 'leave'): void {
    this.#stop ??= how;
    this.#wake();
  }

  /** Goes on where the one before was, if that was for the same edition. */
  #takenUp(wish: UpgradeWish, kept: KeptUpgrade | undefined): KeptUpgrade {
    if (kept === undefined || kept.edition !== wish.edition || kept.state === 'done')
      return { ...newJob(wish), place: undefined };
    const started = kept.id === wish.id ? kept.startedAt : wish.at;
    return { ...kept, id: wish.id, state: 'running', startedAt: started, endedAt: undefined, error: undefined };
  }

  async #run(): Promise<void> {
    const { log, clock, registry, code } = this.#parts;
    const ended = (state: UpgradeJob['state'], error?: string): Promise<void> =>
      this.#save({ state, error, endedAt: clock.now(), waitsFor: [] });
    try {
      await this.#count();
      for (;;) {
        const left = await this.#pass();
        if (this.#stop === 'leave') return await this.#save({});
        if (this.#stop === 'stop') return await ended('stopped');
        if (left === undefined) continue;
        if (left.length === 0) break;
        await this.#save({ state: 'waiting', waitsFor: left });
        await this.#wait();
      }
      await putEditions(registry, [code.edition]);
      await ended('done');
      log.info('all documents are indexed by the edition of this program', { part: 'upgrade' });
    } catch (error) {
      if (isTransient(error)) {
        // the next step takes it up again
        log.warn('an upgrade was interrupted, and goes on by itself', { part: 'upgrade', error });
        return;
      }
      log.error('an upgrade failed; it may be started again', { part: 'upgrade', error });
      const said = error instanceof Fault ? `${error.code}: ${error.message}` : 'internal: see the log';
      await ended('failed', said).catch(() => undefined);
    }
  }

  /** How many documents there are to do, once a job. */
  async #count(): Promise<void> {
    if (this.#job().tenants.length > 0) return;
    const { registry, resources, code } = this.#parts;
    const tenants: UpgradeJob['tenants'][number][] = [];
    for (const { id } of (await registry.snapshot()).tenants) {
      if (this.#stop !== undefined) return;
      const stored = await resources.editions(id).catch(unlessTransient);
      const others = stored?.documents.filter(({ edition }) => edition !== code.edition) ?? [];
      const documents = others.reduce((sum, one) => sum + one.documents, 0);
      if (stored !== undefined) tenants.push({ tenant: id, documents, done: 0, refused: 0 });
    }
    await this.#save({ tenants });
  }

  /** Once over all tenants, from the place on. What it waits for, nothing when it is over; undefined when there may be more to do. */
  async #pass(): Promise<readonly string[] | undefined> {
    const { registry } = this.#parts;
    const from = this.#job().place;
    const ids = (await registry.snapshot()).tenants.map(({ id }) => id).sort();
    const troubles: string[] = [];
    let found = 0;
    for (const id of ids.filter((one) => from === undefined || one >= from.tenant)) {
      try {
        found += await this.#tenant(id, from?.tenant === id ? from.after : undefined);
      } catch (error) {
        if (!isTransient(error)) throw error;
        troubles.push(`tenant ${id}: ${error instanceof Error ? error.message : ''}`);
      }
      if (this.#stop !== undefined) return undefined;
    }
    await this.#save({ place: undefined });
    if (from !== undefined) return undefined;
    const waitsFor = [...troubles, ...(await this.#otherProcesses())];
    return waitsFor.length === 0 && found > 0 ? undefined : waitsFor;
  }

  /** How many documents it found of another edition, those aside of which nothing can be made. */
  async #tenant(id: string, from: string | undefined): Promise<number> {
    const { resources, code, turn, rest } = this.#parts;
    await resources.prepareEdition(id, code.edition);
    let found = 0;
    if (from === undefined) this.#add(id, { done: 0, changed: 0, refused: -(this.#of(id)?.refused ?? 0) });
    const whole = await reindexTenant(
      {
        ...{ resources, code, turn, rest },
        stopped: () => this.#stop !== undefined,
        came: async (tally, next) => {
          found += tally.done + tally.changed;
          this.#add(id, tally);
          await this.#saveNowAndThen({ state: 'running', waitsFor: [], place: { tenant: id, after: next } });
        },
      },
      id,
      from,
    );
    const own = this.#of(id);
    // what was an estimate is known now
    if (whole && found === 0 && own !== undefined) this.#put({ ...own, documents: own.done + own.refused });
    return found;
  }

  #of(id: string): UpgradeJob['tenants'][number] | undefined {
    return this.#job().tenants.find(({ tenant }) => tenant === id);
  }

  #add(id: string, { done, refused }: ReindexTally): void {
    const own = this.#of(id) ?? { tenant: id, documents: 0, done: 0, refused: 0 };
    const next = { ...own, done: own.done + done, refused: own.refused + refused };
    if (next.done + next.refused > 0 || this.#of(id) !== undefined)
      this.#put({ ...next, documents: Math.max(own.documents, next.done + next.refused) });
  }

  #put(one: UpgradeJob['tenants'][number]): void {
    const others = this.#job().tenants.filter(({ tenant }) => tenant !== one.tenant);
    this.#kept = { ...this.#job(), tenants: [...others, one] };
  }

  #job(): KeptUpgrade {
    if (this.#kept === undefined) throw fault('internal', 'no upgrade is carried out here');
    return this.#kept;
  }

  async #save(change: Partial<KeptUpgrade>): Promise<void> {
    this.#kept = { ...this.#job(), ...change };
    this.#saved = this.#parts.clock.monotonic();
    await putJob(this.#parts.registry, this.#kept);
  }

  async #saveNowAndThen(change: Partial<KeptUpgrade>): Promise<void> {
    this.#kept = { ...this.#job(), ...change };
    if (this.#parts.clock.monotonic() - this.#saved > saveEvery) await this.#save({});
  }

  /** Until the next step, which is time for another pass, or until it is to end. */
  async #wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#stop !== undefined) resolve();
    });
  }

  /**
   * Looks now and then whether a process of another edition, which nobody heard of, has written since all was done: an upgrade is
   * started by itself then.
   */
  async #look(): Promise<void> {
    const { registry, resources, code, shared, log, clock } = this.#parts;
    if (!shared || this.#parts.clock.monotonic() - this.#looked < lookEvery) return;
    this.#looked = this.#parts.clock.monotonic();
    const kept = await readJob(registry);
    const editions = (await readEditions(registry)) ?? [];
    const allDone = kept?.state === 'done' && kept.edition === code.edition && editions.join() === `${code.edition}`;
    if (!allDone || !(await this.#ask())) return;
    for (const { id } of (await registry.snapshot()).tenants) {
      if (this.#closed) return;
      const refused = kept.tenants.find(({ tenant }) => tenant === id)?.refused ?? 0;
      const { documents } = await resources.otherEditions(id, code.edition, undefined, refused + 1);
      if (documents.length <= refused) continue;
      log.info('documents of another edition were written; they are indexed again', { part: 'upgrade' });
      await putWish(registry, {
        ...{ id: randomBytes(6).toString('hex'), edition: code.edition, wanted: true },
        at: clock.now(),
      });
      return;
    }
  }

  async #otherProcesses(): Promise<readonly string[]> {
    const { registry, code, run } = this.#parts;
    const others = await registry.processes();
    return others
      .filter((one) => one.run !== run && one.silentFor < silence && editionOf(one) !== undefined)
      .filter((one) => editionOf(one) !== code.edition)
      .map(({ role, pid, host, version }) => `the ${role} process ${pid} on ${host} runs version ${version}`);
  }

  async #holdsDocuments(): Promise<boolean> {
    const { registry, resources } = this.#parts;
    for (const { id } of (await registry.snapshot()).tenants) {
      // one that cannot be looked at may hold some
      const stored = await resources.editions(id).catch((error: unknown) => {
        if (isTransient(error)) return { documents: [id] };
        throw error;
      });
      if (stored !== undefined && stored.documents.length > 0) return true;
    }
    return false;
  }
}

/** Of what a process writes; undefined for one that writes no documents. */
function editionOf({ role, edition }: ProcessRecord): number | undefined {
  return role === 'all' || role === 'transform' ? (edition ?? 0) : undefined;
}

/** Of what one process at a time does, for each edition. */
function leaseName(edition: number): string {
  return `upgrade to edition ${edition}`;
}

function unlessTransient(error: unknown): undefined {
  if (!isTransient(error)) throw error;
  return undefined;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
