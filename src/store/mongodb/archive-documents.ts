/** Documents of the archive. Messages are written once and never changed; what became of them stands beside them. */
import type { Binary, Collection, Db, IndexDescription } from 'mongodb';
import { numberOf, runOf } from '../archive-ids.js';
import type { ArchiveEntry, ArchiveRow, SettleOutcome } from '../archive-port.js';
import { ByteParts } from './byte-parts.js';

/** `_id`: run × 2^32 + number, so that messages lie in archive order. */
export interface StoredMessage extends Omit<ArchiveEntry, 'payload'> {
  readonly _id: number;
  readonly size: number;
  /** What recognises the bytes again. */
  readonly digest: Binary;
  /** Compressed, and sealed with the tenant's key; left out where that is too much for this document. */
  readonly payload?: Binary;
  /** The number of parts that hold it then. */
  readonly parts?: number;
  /** See `onceOf`: with sender, control id and digest it stands once, whichever processes take the same message at a time. */
  readonly once: string;
  /** The kind of what is never processed; left out of messages, so that its index is small. */
  readonly aside?: 'truncated' | 'rejected';
}

export type StoredOutcome = Omit<SettleOutcome, 'sequence'> & { readonly _id: number };

/** A run, with the numbers in it that are not settled: pairs of first and last, in order. */
export interface StoredRun {
  readonly _id: number;
  readonly revision: number;
  readonly open: readonly (readonly [first: number, last: number])[];
  /** Epoch ms at which its process last said that it lives. */
  readonly seen: number;
}

export interface StoredTally {
  /** `state tenant`, without a tenant for those of nobody. */
  readonly _id: string;
  readonly rows: number;
}

export interface ArchiveCollections {
  readonly messages: Collection<StoredMessage>;
  readonly outcomes: Collection<StoredOutcome>;
  readonly runs: Collection<StoredRun>;
  readonly tallies: Collection<StoredTally>;
  /** Sealed payloads that are too large for their message's document, under the text of its `_id`. */
  readonly large: ByteParts;
}

export function archiveCollections(db: Db): ArchiveCollections {
  const messages = db.collection<StoredMessage>('messages');
  const named = async (names: readonly string[]): Promise<ReadonlySet<string>> => {
    const found = messages.find({ _id: { $in: names.map(Number) } }, { projection: { _id: 1 } });
    return new Set((await found.toArray()).map(({ _id }) => String(_id)));
  };
  return {
    messages,
    large: new ByteParts(db, 'messageParts', named),
    outcomes: db.collection('messageOutcomes'),
    runs: db.collection('messageRuns'),
    tallies: db.collection('messageTallies'),
  };
}

/** The indexes, by collection. Those of messages are paid for before each acknowledgement, those of outcomes after it. */
export const archiveIndexes = {
  messages: [
    // recognises repeats, and finds a message by its control id
    { key: { controlId: 1, sender: 1, digest: 1, once: 1 }, unique: true },
    // prunes a tenant by age, and sums its bytes without reading documents
    { key: { tenant: 1, arrival: 1, _id: 1, size: 1 } },
    { key: { aside: 1, _id: -1 }, sparse: true },
  ],
  messageOutcomes: [
    { key: { tenant: 1, state: 1, _id: -1 } },
    { key: { state: 1, _id: -1 } },
    { key: { keys: 1, _id: -1 } },
  ],
} as const satisfies Record<string, readonly IndexDescription[]>;

/** Makes the indexes. */
export async function indexArchive({ messages, outcomes }: ArchiveCollections): Promise<void> {
  await messages.createIndexes([...archiveIndexes.messages]);
  await outcomes.createIndexes([...archiveIndexes.messageOutcomes]);
}

/**
 * What tells the same bytes of a sender apart that are to be kept twice: tenant and kind, and in which of the windows in which
 * repeats are recognised they came. Two that are further apart than a window are never in the same one. `window` in ms.
 */
export function onceOf(
  { tenant, kind }: Pick<ArchiveEntry, 'tenant' | 'kind'>,
  arrival: number,
  window: number,
): string {
  return `${kind.charAt(0)}${tenant ?? ''} ${window} ${Math.floor(arrival / Math.max(window, 1))}`;
}

/** The fields that `rowOf` reads: all but the payload. */
export const withoutPayload = { payload: 0, digest: 0, once: 0 } as const;

export function rowOf(message: Omit<StoredMessage, 'payload' | 'digest' | 'once'>): ArchiveRow {
  const { _id, arrival, aside: _aside, parts: _parts, ...rest } = message;
  return { ...rest, sequence: { arrival, run: runOf(_id), number: numberOf(_id) } };
}

export function outcomeOf({
  _id,
  tenant: _tenant,
  ...outcome
}: StoredOutcome): Omit<SettleOutcome, 'tenant' | 'sequence'> {
  return outcome;
}
