import type { Sequence } from '../core/stamp.js';

/** Settled, unsettled and rejected rows. `truncated` and `rejected` rows are kept, listed and never processed. */
export type ArchiveKind = 'message' | 'truncated' | 'rejected';

/** What intake hands over for one message. Rows are written once and never updated. */
export interface ArchiveEntry {
  /** `null`: the tenant is not known; the row goes to the tenantless archive, sealed with a key of its own. */
  readonly tenant: string | null;
  readonly kind: ArchiveKind;
  /** Epoch ms by the wall clock; the archive raises it so that it never goes back within a run. */
  readonly arrival: number;
  readonly listener: string;
  /** Remote address; `file` for a file, whose name could say who the patient is. */
  readonly peer: string;
  /** MSH-3 and MSH-4, joined `app|facility`, as sent. */
  readonly sender: string;
  /** MSH-9, MSH-7 and MSH-10 as sent; empty when unreadable. */
  readonly type: string;
  readonly sentAt: string;
  readonly controlId: string;
  /** Queue partition, 0 … partitions-1. */
  readonly partition: number;
  /** Flags that intake raised (charset fallback, batch …): stable words, never values. The archive adds `reused-control-id`. */
  readonly flags: readonly string[];
  /** The bytes as they arrived. */
  readonly payload: Uint8Array;
}

/** What became of an entry that was handed to `append`. */
export interface AppendResult {
  readonly sequence: Sequence;
  /** `repeat`: same sender, control id and bytes as an earlier row (its sequence is given); nothing was written. */
  readonly outcome: 'archived' | 'repeat';
  /** Same sender and MSH-10 with other bytes was seen before; stored all the same, with the flag `reused-control-id`. */
  readonly reusedControlId: boolean;
}

export interface ArchiveRow extends Omit<ArchiveEntry, 'payload' | 'arrival'> {
  readonly sequence: Sequence;
  /** Bytes of the payload as archived. */
  readonly size: number;
}

export type SettleState = 'applied' | 'filtered' | 'unmapped' | 'parked';

/** Why a message is parked that a person has set aside, as its `reason` says it. */
export const parkedByHand = 'parked by hand';
/** Why a message of an unknown sender is parked, as its `reason` says it. */
const unknownSender = 'unknown-sender: no rule of the listener names its tenant';

/** The outcome of a message whose tenant is not known. */
export function parkedForTenant(sequence: Sequence): SettleOutcome {
  const nothing = { eventTime: sequence.arrival, authority: 0, mappingVersion: 0, keys: [], made: [] };
  return { tenant: null, sequence, state: 'parked', reason: unknownSender, ...nothing };
}

/** One message's end state, as the engine settles it. A later outcome of the same row (replay, release) replaces it. */
export interface SettleOutcome {
  /** `null` for a message whose tenant is not known: it is parked, or `filtered` once it was copied to one. */
  readonly tenant: string | null;
  readonly sequence: Sequence;
  readonly state: SettleState;
  /** Which filter rule, which missing structure, or why parked (an error code and where; nothing of a patient). */
  readonly reason: string;
  readonly eventTime: number;
  readonly authority: number;
  readonly mappingVersion: number;
  /** Keyed hashes of the patient and visit identifiers of the message, so that a patient's messages can be found. */
  readonly keys: readonly string[];
  /** What the message made or changed: `Type/id` with the version it wrote, or 0 where it left the resource as it was. */
  readonly made: readonly { readonly type: string; readonly id: string; readonly version: number }[];
}

export interface MessageFilter {
  readonly tenant?: string;
  readonly states?: readonly (SettleState | 'unsettled' | 'truncated' | 'rejected')[];
  readonly listener?: string;
  readonly type?: string;
  readonly controlId?: string;
  /** Keyed hash, from `SettleOutcome.keys`. */
  readonly key?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  /** Newest first; rows before this one. */
  readonly before?: Sequence;
}

export interface MessageSummary {
  readonly row: ArchiveRow;
  /** Absent while unsettled. */
  readonly outcome?: Omit<SettleOutcome, 'tenant' | 'sequence'>;
}

/**
 * The archive: the truth. `append` resolves only when the rows are on stable storage (fsync, or majority and journal).
 * Rejects with `store-unavailable` or `disk-full` when they are not; then nothing was acknowledged.
 */
export interface ArchivePort {
  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]>;
  /** Rows with their payload, in the order asked; a missing or void one is left out. */
  read(
    sequences: readonly Pick<Sequence, 'run' | 'number'>[],
  ): Promise<readonly (ArchiveRow & { payload: Uint8Array })[]>;
  /** Writes one settle row for the batch, and moves the settled mark of each run. Idempotent. */
  settle(outcomes: readonly SettleOutcome[]): Promise<void>;
  /**
   * Unsettled messages in archive order, oldest first, found from the runs' marks and not by an anti-join.
   * `after` continues a sweep. Parked messages are settled in this sense, and so are those without a tenant: one that is
   * found unsettled is settled as parked for that.
   */
  unsettled(limit: number, after?: Pick<Sequence, 'run' | 'number'>): Promise<readonly ArchiveRow[]>;
  list(filter: MessageFilter): Promise<readonly MessageSummary[]>;
  get(sequence: Pick<Sequence, 'run' | 'number'>): Promise<(MessageSummary & { payload: Uint8Array }) | undefined>;
  /** Takes a parked or unmapped message back to unsettled. Resolves false when it is in no such state, or has no tenant. */
  release(sequence: Pick<Sequence, 'run' | 'number'>): Promise<boolean>;
  /** Rows by state for one tenant (or all), for `messages` and metrics. */
  counts(tenant?: string): Promise<Readonly<Record<SettleState | 'unsettled' | 'truncated' | 'rejected', number>>>;
  /** Removes rows older than `before` (epoch ms) of a tenant; unsettled and parked ones stay. Resolves the number removed. */
  prune(tenant: string | null, before: number): Promise<number>;
  /** Bytes of a tenant's messages, counted as they arrived; rows of every kind and state. */
  bytes(tenant: string | null): Promise<number>;
  /**
   * Removes the oldest rows of a tenant until its messages are no more than `bytes`; unsettled and parked ones stay, so
   * that it may be left with more. Resolves the number removed.
   */
  trim(tenant: string | null, bytes: number): Promise<number>;
  /** Counts anew what `counts` tells, where a process that died may have left it wrong; to be called now and then. */
  recount(): Promise<void>;
  /** Bytes free where the archive lies; `undefined` where that is not known. */
  freeBytes(): Promise<number | undefined>;
  close(): Promise<void>;
}
