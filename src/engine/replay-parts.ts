/** What a replay works with, and what it tells of its work. */
import { fault } from '../core/errors.js';
import type { ArchivePort, MessageFilter, MessageSummary, SettleState } from '../store/archive-port.js';
import type { ToldMessage } from '../store/replay-board-port.js';
import type { DocumentStore, ResourcePort } from '../store/resource-port.js';
import type { ScratchStore } from '../store/scratch-port.js';
import type { ElementDifference } from './element-difference.js';
import type { EngineParts } from './process-batch.js';
import type { StillUnsettled } from './still-unsettled.js';
import type { Turns } from './turns.js';

export interface ReplayParts {
  readonly engine: Omit<EngineParts, 'archive' | 'resources'>;
  readonly archive: Pick<ArchivePort, 'read' | 'list' | 'get' | 'settle' | 'unsettled'>;
  readonly resources: DocumentStore & Pick<ResourcePort, 'readAll'>;
  /** Empty; the replay alone uses it. */
  readonly scratch: ScratchStore;
  readonly turns: Turns;
  /**
   * Where other processes write the same documents: the messages that they are about to apply, each told once.
   * @throws Fault `conflict` when this replay is to write nothing more
   */
  readonly others?: () => Promise<readonly ToldMessage[]>;
  /** Beside `others`, where something is written: what they may have in hand since before. */
  readonly stillUnsettled?: StillUnsettled;
  /** Shows the difference and writes nothing. */
  readonly dry: boolean;
  /** True when the replay is to end early. */
  stopped(): boolean;
  /** Hears of each document that comes out otherwise. */
  differs(difference: ReplayDifference): void;
}

export interface ReplayDifference {
  /** `Type/id`. */
  readonly reference: string;
  readonly change: 'created' | 'changed' | 'removed';
  /** Id of its patient, as far as the resource says; empty for none. */
  readonly patient: string;
  readonly elements: readonly ElementDifference[];
}

/** Counts of a replay under way; they only grow. */
export interface ReplayTally {
  /** Link classes rebuilt; a whole tenant is one. */
  classes: number;
  /** Messages read and mapped. */
  messages: number;
  /** How those messages end now. */
  readonly states: Record<SettleState, number>;
  /**
   * Of a link class, messages that speak of other documents than they did when they were applied: messages outside the class
   * may belong to it now, and are found when the whole tenant is replayed.
   */
  rekeyed: number;
  /** Messages asked for that cannot be replayed: not there, without a tenant, never processed, or not settled yet. */
  skipped: number;
  created: number;
  changed: number;
  removed: number;
  /** Documents that show the same, with other stamps behind it. */
  restamped: number;
  /** Documents that rest on messages which the archive no longer holds: the result was applied onto them. */
  kept: number;
}

export function newTally(): ReplayTally {
  return {
    classes: 0,
    messages: 0,
    states: { applied: 0, filtered: 0, unmapped: 0, parked: 0 },
    rekeyed: 0,
    skipped: 0,
    created: 0,
    changed: 0,
    removed: 0,
    restamped: 0,
    kept: 0,
  };
}

const listed = 200;

/** Messages of a filter, page by page, newest first. */
export async function* messagesOf(
  archive: Pick<ArchivePort, 'list'>,
  filter: Omit<MessageFilter, 'limit' | 'before'>,
): AsyncGenerator<readonly MessageSummary[]> {
  let before: MessageFilter['before'];
  for (;;) {
    const page = await archive.list({ ...filter, limit: listed, ...(before === undefined ? {} : { before }) });
    if (page.length > 0) yield page;
    if (page.length < listed) return;
    before = page.at(-1)?.row.sequence;
  }
}

/** Lets others of the thread go on. @throws Fault `conflict` when the replay is to end */
export async function breathe(parts: Pick<ReplayParts, 'stopped'>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (parts.stopped()) throw fault('conflict', 'the replay was stopped; what it had written stays');
}
