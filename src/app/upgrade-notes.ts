/** What an installation notes of editions and of the upgrade that runs: small named values in its registry, for all its processes. */
import type { UpgradeJob, UpgradeState } from '../engine/upgrade-job.js';
import type { RegistryPort } from '../store/registry-port.js';
import { editionsSetting } from '../store/reindex-port.js';

/** What somebody asked for. */
export interface UpgradeWish {
  /** Of the job. */
  readonly id: string;
  /** Only a process of this edition may carry it out. */
  readonly edition: number;
  /** False: it is to stop. */
  readonly wanted: boolean;
  /** Epoch ms. */
  readonly at: number;
}

/** How far a job is, with the place where whoever takes it over goes on. */
export interface KeptUpgrade extends UpgradeJob {
  readonly place: { readonly tenant: string; readonly after: string | undefined } | undefined;
}

type Settings = Pick<RegistryPort, 'setting' | 'putSetting'>;

const wishSetting = 'upgrade wish';
const jobSetting = 'upgrade';

export async function readWish(registry: Pick<RegistryPort, 'setting'>): Promise<UpgradeWish | undefined> {
  return read(registry, wishSetting);
}

export async function putWish(registry: Settings, wish: UpgradeWish): Promise<void> {
  await registry.putSetting(wishSetting, JSON.stringify(wish));
}

/** Written by the process that carries it out, and nobody else. */
export async function readJob(registry: Pick<RegistryPort, 'setting'>): Promise<KeptUpgrade | undefined> {
  return read(registry, jobSetting);
}

export async function putJob(registry: Settings, job: KeptUpgrade): Promise<void> {
  await registry.putSetting(jobSetting, JSON.stringify(job));
}

/** Editions that documents may have; undefined where no program has noted any yet. */
export async function readEditions(registry: Pick<RegistryPort, 'setting'>): Promise<readonly number[] | undefined> {
  return parseEditions(await registry.setting(editionsSetting));
}

/** The same of what stands in the setting. */
export function parseEditions(text: string | undefined): readonly number[] | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as number[]);
}

export async function putEditions(registry: Settings, editions: readonly number[]): Promise<void> {
  const each = [...new Set(editions)].sort((a, b) => a - b);
  await registry.putSetting(editionsSetting, JSON.stringify(each));
}

/** What all processes know of editions and of the last upgrade. */
export async function upgradeState(registry: Pick<RegistryPort, 'setting'>, edition: number): Promise<UpgradeState> {
  const [wish, kept, editions] = await Promise.all([readWish(registry), readJob(registry), readEditions(registry)]);
  return { edition, editions: editions ?? [0], job: jobOf(wish, kept) };
}

/** True for one that has not ended. */
export function isOpen({ state }: Pick<UpgradeJob, 'state'>): boolean {
  return state === 'running' || state === 'waiting';
}

/** One that nobody has taken up yet. */
export function newJob({ id, edition, at }: UpgradeWish): UpgradeJob {
  return {
    ...{ id, edition, state: 'running', startedAt: at, endedAt: undefined, error: undefined },
    ...{ waitsFor: [], tenants: [] },
  };
}

/** The last job, as others are shown it: one that nobody has taken up yet is running. */
export function jobOf(wish: UpgradeWish | undefined, kept: KeptUpgrade | undefined): UpgradeJob | undefined {
  if (wish !== undefined && kept?.id !== wish.id) return newJob(wish);
  if (kept === undefined) return undefined;
  const { place: _place, ...job } = kept;
  return { ...job, endedAt: job.endedAt, error: job.error };
}

async function read<T>(registry: Pick<RegistryPort, 'setting'>, name: string): Promise<T | undefined> {
  const text = await registry.setting(name);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
