/** What the transform thread does for the main thread, and what it tells it. */
import type { ExplainedBy } from '../admin/admin-parts.js';
import type { Json } from '../core/json.js';
import type { LogLevel } from '../core/log.js';
import type { Sequence } from '../core/stamp.js';
import type { SourceProfile } from '../engine/prepare-batch.js';
import type { ReplayJob, ReplayRequest } from '../engine/replay-job.js';
import type { ReplayDifference } from '../engine/replay-parts.js';
import type { UpgradeJob, UpgradePlan } from '../engine/upgrade-job.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { SettleOutcome } from '../store/archive-port.js';
import type { ArchiveLedger } from '../store/embedded/archive-ledger.js';
import type { CheckedFiles, LiveFiles, MappingFiles, MappingSources } from './mapping-files.js';
import type { StoreChoice } from './store-choice.js';
import type { Suspicion } from './suspects.js';
import type { TenantTrouble } from './tenant-troubles.js';

export type MessageName = Pick<Sequence, 'run' | 'number'>;

/**
 * MiB for what the threads of a batch make and soon drop (48 is Node's measure): what a batch of messages is made of is
 * kept until it is written, and copied the less the more there is of it.
 */
export const youngMemory = 96;

/** What the thread is started with. */
export interface TransformData {
  readonly stores: StoreChoice;
  readonly run: number;
  readonly master: Uint8Array;
  readonly logLevel: LogLevel;
  /** Settings by listener name. */
  readonly profiles: Readonly<Record<string, SourceProfile>>;
}

/** What each thread is started with beside that. */
export interface TransformThreadData extends TransformData {
  /** See `UnderWay`. */
  readonly underWay: SharedArrayBuffer;
  /** What the threads before may have died of. */
  readonly suspicion: Suspicion;
}

export interface TransformService
  extends Pick<QueuePort, 'enqueue' | 'depth'>,
    Pick<
      ArchiveLedger,
      'read' | 'settle' | 'unsettled' | 'list' | 'get' | 'release' | 'counts' | 'bytes' | 'prunable' | 'forget'
    > {
  /** `readAndCheck`, before `begin`: what was compiled for it need not be compiled again. */
  check(sources: MappingSources, base?: MappingFiles, live?: LiveFiles): Promise<CheckedFiles>;
  /** Opens everything and begins to work; rejects with what prevented that. */
  begin(): Promise<void>;
  /** Settings of listeners, by name, for all messages from now on. */
  useProfiles(profiles: TransformData['profiles']): Promise<void>;
  /** Reads tenants and the mapping version again. */
  refresh(): Promise<void>;
  /** The trace of a message, computed anew with the mapping version that settled it, or with the live one. */
  explain(message: MessageName, mapping: ExplainedBy): Promise<Json>;
  /** Tenants whose messages wait for something that is missing or full. */
  waiting(): Promise<readonly TenantTrouble[]>;
  /** Parks an unsettled message. False when it is settled already. */
  park(message: MessageName): Promise<boolean>;
  /** See the function of this name. */
  patientKey(tenant: string, patient: string): Promise<string>;
  /** See `ReplayJobs`. */
  startReplay(request: ReplayRequest, dry: boolean): Promise<ReplayJob>;
  replays(): Promise<readonly ReplayJob[]>;
  replay(id: string): Promise<ReplayJob>;
  replayDifferences(id: string): Promise<readonly ReplayDifference[]>;
  stopReplay(id: string): Promise<ReplayJob>;
  /** See `UpgradeJobs`. */
  upgradePlan(): Promise<UpgradePlan>;
  startUpgrade(): Promise<UpgradeJob>;
  stopUpgrade(): Promise<UpgradeJob>;
  /** Stops handing out work, waits for what is under way, closes the files. */
  end(): Promise<void>;
}

/** Posted to the main thread after each batch. */
export interface SettledNotice {
  readonly settled: readonly Pick<SettleOutcome, 'sequence' | 'state' | 'reason'>[];
  /** How many of them said what one before them said, and were not mapped. */
  readonly repeated: number;
  /** Seconds that the batch took. */
  readonly seconds: number;
  /** What was written since the notice before, by kind of row. */
  readonly written: Readonly<Record<string, number>>;
}

export const transformMethods = [
  'check',
  'begin',
  'useProfiles',
  'refresh',
  'enqueue',
  'depth',
  'waiting',
  'read',
  'settle',
  'unsettled',
  'list',
  'get',
  'release',
  'counts',
  'bytes',
  'prunable',
  'forget',
  'explain',
  'park',
  'patientKey',
  'startReplay',
  'replays',
  'replay',
  'replayDifferences',
  'stopReplay',
  'upgradePlan',
  'startUpgrade',
  'stopUpgrade',
  'end',
] as const satisfies readonly (keyof TransformService)[];
