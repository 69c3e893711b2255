import type { Clock } from '../core/clock.js';
import type { Json } from '../core/json.js';
import type { Log } from '../core/log.js';
import type { Metrics } from '../core/metrics.js';
import type { RecentFailure } from '../core/recent-failures.js';
import type { Sequence } from '../core/stamp.js';
import type { DryRunSummary } from '../engine/dry-run.js';
import type { ReplayJob, ReplayRequest } from '../engine/replay-job.js';
import type { ReplayDifference } from '../engine/replay-parts.js';
import type { UpgradeJob, UpgradePlan, UpgradeState } from '../engine/upgrade-job.js';
import type { ArchivePort } from '../store/archive-port.js';
import type { AuditPort } from '../store/audit-port.js';
import type { ProcessRecord, RegistryPort, TenantRecord } from '../store/registry-port.js';

export type MessageName = Pick<Sequence, 'run' | 'number'>;

/** The mapping that a trace is computed with: the version that settled the message, or the live one. */
export type ExplainedBy = 'settled' | 'live';

export interface ListenerStatus {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
}

/** A watched directory. */
export interface DirectoryStatus {
  readonly name: string;
  readonly path: string;
  /** Files that lie there and are not done. */
  readonly waiting: number;
  /** Why it cannot be used now, as the operating system calls it. */
  readonly trouble: string | null;
}

export interface MappingStatus {
  /**
   * Makes the configured files live, or these in place of the base ones. With `rebuild` they may change what ids are made from.
   * Throws `mapping-invalid`, `mapping-rekeys`; then nothing changes.
   */
  publish(
    base?: Readonly<Record<string, string>>,
    rebuild?: boolean,
  ): Promise<{ readonly version: number; readonly changed: boolean }>;
  /** Why the files as they lie there are not live; undefined when they are. `at`: epoch ms. */
  refusal(): { readonly at: number; readonly problems: readonly string[] } | undefined;
}

export interface SystemStatus {
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly publicUrl: string;
  /** Of all processes of the installation that have said not long ago that they live. */
  readonly listeners: readonly ListenerStatus[];
  readonly directories: readonly DirectoryStatus[];
  /** All processes of the installation, this one first; `silentFor`: milliseconds since it last said that it lives. `startedAt`: epoch ms. */
  readonly processes: readonly (Pick<ProcessRecord, 'role' | 'host' | 'pid' | 'version' | 'startedAt' | 'ready'> & {
    readonly silentFor: number;
  })[];
  /** This process's threads; one that does not run is being started anew. */
  readonly threads: readonly { readonly name: string; readonly running: boolean; readonly ended: number }[];
  /** Tenants whose messages wait for something that is missing or full. `since`: epoch ms. */
  readonly waiting: readonly {
    readonly tenant: string;
    readonly since: number;
    readonly code: string;
    readonly reason: string;
  }[];
  /** Null while nobody knows. */
  readonly queueDepth: number | null;
  /** Free bytes where the archive lies; null where that is not known. */
  readonly freeBytes: number | null;
}

/** Replays, which take long: started, looked at while they run, stopped. Those of before the last start are forgotten. */
export interface Replays {
  /** Throws `conflict` while another one runs, `not-found` for an unknown tenant, or patient. */
  start(request: ReplayRequest, dry: boolean): Promise<ReplayJob>;
  /** Newest first. */
  list(): Promise<readonly ReplayJob[]>;
  get(id: string): Promise<ReplayJob>;
  /** The first documents that came out otherwise, with their content. */
  differences(id: string): Promise<readonly ReplayDifference[]>;
  stop(id: string): Promise<ReplayJob>;
}

/** The upgrade of stored data, which takes long: one at a time, carried out by one process and shown by all. */
export interface Upgrades {
  /** What there is to do; looks at every tenant's data. */
  plan(): Promise<UpgradePlan>;
  state(): Promise<UpgradeState>;
  /** Starts it, or gives the one that runs. Throws `conflict` while one to another edition runs. */
  start(): Promise<UpgradeJob>;
  /** Resolves when it has stopped. Throws `not-found` where none was ever started. */
  stop(): Promise<UpgradeJob>;
}

/** `base` in place of the base files, `layers` in place of the tenant's; left out, as configured. */
export interface DryRunRequest {
  readonly base?: Readonly<Record<string, string>>;
  readonly layers?: Readonly<Record<string, string>>;
  readonly tenant?: string;
  /** So many of the newest archived messages; of those that differ `show` with their content. */
  readonly last: number;
  readonly show: number;
}

/** What the admin API works on. The composition hands it in; the API itself chooses no adapter. */
export interface AdminParts {
  readonly registry: Pick<RegistryPort, 'snapshot' | 'mappings' | 'putClient' | 'deleteClient'>;
  readonly archive: Pick<ArchivePort, 'list' | 'get' | 'counts' | 'unsettled'>;
  readonly audit: Pick<AuditPort, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'scrape' | 'figures'>;
  /** Makes a tenant with its keys. Throws `conflict` when the id is taken. */
  createTenant(wish: { readonly name: string; readonly id?: string; readonly cluster?: string }): Promise<TenantRecord>;
  /** The trace of a message, computed anew with the mapping version that settled it, or with the live one. */
  explain(message: MessageName, mapping: ExplainedBy): Promise<Json>;
  /**
   * The key of a patient in a `MessageFilter`, by its id, or an identifier with or without `authority|` before it. Throws
   * `not-found` for an unknown tenant, and where no message names the patient.
   */
  patientKey(tenant: string, patient: string): Promise<string>;
  /** Takes a parked or unmapped message back and enqueues it. False when it is in no such state. */
  release(message: MessageName): Promise<boolean>;
  /** Parks an unsettled message, so that its partition goes on without it. False when it is settled. */
  park(message: MessageName): Promise<boolean>;
  /**
   * Copies a message of an unknown sender to a tenant, where it is processed, and resolves with the copy. Throws `not-found`,
   * `conflict` for a message that has a tenant or is never processed.
   */
  assign(message: MessageName, tenant: string): Promise<MessageName>;
  readonly mapping: MappingStatus;
  readonly replays: Replays;
  readonly upgrades: Upgrades;
  /** What mapping files would make of the newest messages. Throws `mapping-invalid`, `not-found`. */
  dryRun(request: DryRunRequest): Promise<DryRunSummary>;
  status(): Promise<SystemStatus>;
  /** The last warnings and errors that were logged, newest first. */
  recentFailures(): readonly RecentFailure[];
  /** True once everything has started and until stopping begins. */
  ready(): boolean;
}
