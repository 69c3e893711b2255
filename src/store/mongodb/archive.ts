/** The archive in MongoDB: messages that are never changed, what became of them beside, and what is open by run. */
import type { Db } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { Sequence } from '../../core/stamp.js';
import { numberOf, rowId, runOf } from '../archive-ids.js';
import {
  type ArchivePort,
  type ArchiveRow,
  type MessageFilter,
  type MessageSummary,
  parkedForTenant,
  type SettleState,
} from '../archive-port.js';
import { type KeyOf, unsealPayload } from '../archive-seal.js';
import {
  type ArchiveCollections,
  archiveCollections,
  indexArchive,
  outcomeOf,
  rowOf,
  type StoredMessage,
  type StoredOutcome,
  withoutPayload,
} from './archive-documents.js';
import { ArchiveRuns } from './archive-runs.js';
import { ArchiveSettlements } from './archive-settlements.js';
import { type MongoArchiveOptions, MongoArchiveWriter } from './archive-writer.js';
import { freeSpaceOf } from './free-space.js';
import { GatheredCalls } from './gathered-calls.js';
import { mergeDescending } from './merge-descending.js';
import { fromMongo } from './mongo-errors.js';

type Place = Pick<Sequence, 'run' | 'number'>;
type Removable = Pick<StoredMessage, '_id' | 'arrival' | 'kind' | 'size' | 'parts'>;
type ListedState = NonNullable<MessageFilter['states']>[number];

const settled: readonly SettleState[] = ['applied', 'filtered', 'unmapped', 'parked'];
const page = 500;
/** Messages whose batches are read together. */
const readAtOnce = 400;
/** Of the archive's documents. */
export const archiveFormat = 1;

/** Opens the archive for a run of this process. @throws Fault `store-unavailable`, `format-too-new` */
export async function openMongoArchive(db: Db, options: MongoArchiveOptions): Promise<ArchivePort> {
  const archive = new MongoArchive(db, options);
  await fromMongo(() => archive.begin());
  return archive;
}

/** The archive for a process that appends nothing, or a thread of one. @throws as `openMongoArchive` */
export async function openMongoLedger(db: Db, keyOf: KeyOf): Promise<Omit<ArchivePort, 'append'>> {
  const ledger = new MongoLedger(db, keyOf);
  await fromMongo(() => ledger.prepare());
  return ledger;
}

class MongoLedger implements Omit<ArchivePort, 'append'> {
  readonly #db: Db;
  protected readonly collections: ArchiveCollections;
  protected readonly runs: ArchiveRuns;
  protected readonly settlements: ArchiveSettlements;
  readonly #keyOf: KeyOf;
  readonly #reading = new GatheredCalls<readonly number[], ReadonlyMap<number, StoredMessage>>(
    async (calls) => {
      const wanted = [...new Set(calls.flat())];
      const found = await this.collections.messages.find({ _id: { $in: wanted } }).toArray();
      return new Map(found.map((message) => [message._id, message]));
    },
    { underWay: 2, most: readAtOnce, sizeOf: (ids) => ids.length },
  );
  #counted: { readonly rows: ReadonlyMap<string, number>; readonly until: number } = { rows: new Map(), until: 0 };

  constructor(db: Db, keyOf: KeyOf) {
    this.#db = db;
    this.#keyOf = keyOf;
    this.collections = archiveCollections(db);
    this.runs = new ArchiveRuns(this.collections);
    this.settlements = new ArchiveSettlements(this.collections, this.runs);
  }

  async prepare(): Promise<void> {
    const formats = this.#db.collection<{ _id: string; format: number }>('formats');
    await formats.updateOne({ _id: 'archive' }, { $setOnInsert: { format: archiveFormat } }, { upsert: true });
    const found = (await formats.findOne({ _id: 'archive' }))?.format ?? archiveFormat;
    if (found > archiveFormat)
      throw fault(
        'format-too-new',
        `the archive has format ${found} and this program reads up to ${archiveFormat}: start the newer Wardline that wrote it`,
      );
    await indexArchive(this.collections);
  }

  settle: ArchivePort['settle'] = (outcomes) => fromMongo(() => this.settlements.settle(outcomes));

  release: ArchivePort['release'] = (sequence) => fromMongo(() => this.settlements.release(rowId(sequence)));

  read(sequences: readonly Place[]): Promise<readonly (ArchiveRow & { payload: Uint8Array })[]> {
    return fromMongo(async () => {
      const ids = sequences.map(rowId);
      const byId = await this.#reading.call(ids);
      const opened: (ArchiveRow & { payload: Uint8Array })[] = [];
      for (const id of ids) {
        const message = byId.get(id);
        const one = message === undefined ? undefined : await this.#opened(message);
        if (one !== undefined) opened.push(one);
      }
      return opened;
    });
  }

  unsettled(limit: number, after?: Place): Promise<readonly ArchiveRow[]> {
    return fromMongo(async () => {
      const rows: ArchiveRow[] = [];
      const ofNobody: ArchiveRow[] = [];
      const from = after === undefined ? this.runs.unsettled() : this.runs.unsettled(after.run, after.number + 1);
      for await (const message of from) {
        (message.tenant === null ? ofNobody : rows).push(rowOf(message));
        if (rows.length >= limit) break;
      }
      // parked where they were written, but for those whose process died before that
      await this.settlements.settle(ofNobody.map(({ sequence }) => parkedForTenant(sequence)));
      return rows;
    });
  }

  list(filter: MessageFilter): Promise<readonly MessageSummary[]> {
    return fromMongo(async () => {
      const found: MessageSummary[] = [];
      let ids: number[] = [];
      const look = async (): Promise<void> => {
        found.push(...(await this.#summaries(ids, filter)));
        ids = [];
      };
      for await (const id of this.#candidates(filter)) {
        ids.push(id);
        if (ids.length >= Math.min(page, filter.limit + 50)) await look();
        if (found.length >= filter.limit) break;
      }
      await look();
      return found.slice(0, filter.limit);
    });
  }

  get(sequence: Place): Promise<(MessageSummary & { payload: Uint8Array }) | undefined> {
    return fromMongo(async () => {
      const _id = rowId(sequence);
      const message = await this.collections.messages.findOne({ _id });
      const opened = message === null ? undefined : await this.#opened(message);
      if (opened === undefined) return undefined;
      const { payload, ...row } = opened;
      return { ...summaryOf(row, (await this.settlements.of([_id])).get(_id)), payload };
    });
  }

  counts(tenant?: string): ReturnType<ArchivePort['counts']> {
    return fromMongo(async () => {
      const tally = await this.settlements.tally(tenant);
      const aside = async (kind: 'truncated' | 'rejected'): Promise<number> => {
        const of = tenant === undefined ? { aside: kind } : { aside: kind, tenant };
        return this.collections.messages.countDocuments(of);
      };
      const open = await this.#unsettledByTenant();
      const unsettled =
        tenant === undefined ? [...open.values()].reduce((sum, rows) => sum + rows, 0) : open.get(tenant);
      return {
        applied: tally.get('applied') ?? 0,
        filtered: tally.get('filtered') ?? 0,
        unmapped: tally.get('unmapped') ?? 0,
        parked: tally.get('parked') ?? 0,
        unsettled: unsettled ?? 0,
        truncated: await aside('truncated'),
        rejected: await aside('rejected'),
      };
    });
  }

  bytes(tenant: string | null): Promise<number> {
    return fromMongo(async () => {
      const [sum] = await this.collections.messages
        .aggregate<{ bytes: number }>([
          { $match: { tenant } },
          { $project: { _id: 0, tenant: 1, size: 1 } },
          { $group: { _id: null, bytes: { $sum: '$size' } } },
        ])
        .toArray();
      return sum?.bytes ?? 0;
    });
  }

  prune(tenant: string | null, before: number): Promise<number> {
    return fromMongo(() => this.#remove(tenant, before, () => true));
  }

  recount(): Promise<void> {
    return fromMongo(() => this.settlements.recount());
  }

  async trim(tenant: string | null, bytes: number): Promise<number> {
    let over = (await this.bytes(tenant)) - bytes;
    return fromMongo(() =>
      this.#remove(tenant, Number.MAX_SAFE_INTEGER, ({ size }) => {
        const goes = over > 0;
        over -= size;
        return goes;
      }),
    );
  }

  freeBytes(): Promise<number | undefined> {
    return fromMongo(() => freeSpaceOf(this.#db));
  }

  /** The client belongs to whoever opened it. */
  async close(): Promise<void> {}

  /** Counts what is open. Where that takes long, for there is a large backlog, the last count is good for ten times as long. */
  async #unsettledByTenant(): Promise<ReadonlyMap<string, number>> {
    const begun = performance.now();
    if (begun < this.#counted.until) return this.#counted.rows;
    const rows = new Map<string, number>();
    for await (const { tenant } of this.runs.unsettled())
      if (tenant !== null) rows.set(tenant, (rows.get(tenant) ?? 0) + 1);
    const took = performance.now() - begun;
    this.#counted = { rows, until: took < 100 ? 0 : performance.now() + 10 * took };
    return rows;
  }

  /** Removes rows that may go, oldest first, up to the first that does not go. Resolves how many. */
  async #remove(
    tenant: string | null,
    before: number,
    goes: (message: Pick<StoredMessage, 'size'>) => boolean,
  ): Promise<number> {
    const { messages, large } = this.collections;
    let removed = 0;
    let last: Pick<StoredMessage, 'arrival' | '_id'> = { arrival: -1, _id: -1 };
    for (;;) {
      const found = await messages
        .find({
          tenant,
          $and: [
            { arrival: { $gte: last.arrival, $lt: before } },
            { $or: [{ arrival: { $gt: last.arrival } }, { _id: { $gt: last._id } }] },
          ],
        })
        .project<Removable>({ arrival: 1, kind: 1, size: 1, parts: 1 })
        .sort({ arrival: 1, _id: 1 })
        .limit(page)
        .toArray();
      const outcomes = await this.settlements.of(found.map(({ _id }) => _id));
      const removable = found.filter(({ _id, kind }) => {
        const state = kind === 'message' ? outcomes.get(_id)?.state : 'filtered';
        return state !== undefined && state !== 'parked';
      });
      const kept = removable.findIndex((message) => !goes(message));
      const going = removable.slice(0, kept < 0 ? removable.length : kept);
      const ids = going.map(({ _id }) => _id);
      if (ids.length > 0) {
        removed += (await messages.deleteMany({ _id: { $in: ids } })).deletedCount;
        await large.remove(
          going.flatMap(({ _id, parts }) => (parts === undefined ? [] : { name: String(_id), parts })),
        );
        await this.settlements.forget(ids);
      }
      const end = found.at(-1);
      if (kept >= 0 || end === undefined || found.length < page) return removed;
      last = end;
    }
  }

  /** Ids of messages that may pass, newest first, each once: from the narrowest index that the filter allows. */
  #candidates({ before, key, tenant, controlId, states }: MessageFilter): AsyncGenerator<number> {
    const below = before === undefined ? Number.MAX_SAFE_INTEGER : rowId(before);
    if (key !== undefined) return this.settlements.idsWithKey(key, tenant, below);
    if (controlId !== undefined) return this.#idsOf({ controlId }, below);
    if (states === undefined) return this.#idsOf(tenant === undefined ? {} : { tenant }, below);
    const wanted = (state: ListedState): boolean => states.includes(state);
    const sources: AsyncGenerator<number>[] = [];
    const ended = settled.filter(wanted);
    if (ended.length > 0) sources.push(this.settlements.idsInStates(ended, tenant, below));
    for (const aside of ['truncated', 'rejected'] as const)
      if (wanted(aside)) sources.push(this.#idsOf({ aside }, below));
    if (wanted('unsettled')) sources.push(this.runs.idsDescending(below));
    return mergeDescending(sources);
  }

  async *#idsOf(of: object, before: number): AsyncGenerator<number> {
    const found = this.collections.messages
      .find({ ...of, _id: { $lt: before } }, { projection: { _id: 1 } })
      .sort({ _id: -1 })
      .batchSize(page);
    for await (const { _id } of found) yield _id;
  }

  async #summaries(ids: readonly number[], filter: MessageFilter): Promise<MessageSummary[]> {
    if (ids.length === 0) return [];
    const found = await this.collections.messages
      .find({ _id: { $in: [...ids] } }, { projection: withoutPayload })
      .sort({ _id: -1 })
      .toArray();
    const outcomes = await this.settlements.of(found.map(({ _id }) => _id));
    return found.flatMap((message) => {
      const summary = summaryOf(rowOf(message), outcomes.get(message._id));
      return passes(summary, filter) ? [summary] : [];
    });
  }

  /** Undefined for a message that was removed while it was read. */
  async #opened(message: StoredMessage): Promise<(ArchiveRow & { payload: Uint8Array }) | undefined> {
    const { payload, digest: _digest, once: _once, ...rest } = message;
    const { tenant, _id, parts } = message;
    const { large, messages } = this.collections;
    const sealed = payload?.value() ?? (await large.read({ name: String(_id), parts: parts ?? 0 }));
    if (sealed !== undefined)
      return { ...rowOf(rest), payload: unsealPayload(this.#keyOf(tenant), tenant, _id, sealed) };
    if ((await messages.findOne({ _id }, { projection: { _id: 1 } })) === null) return undefined;
    throw fault('store-corrupt', `parts of the message ${runOf(_id)}-${numberOf(_id)} are missing in the archive`);
  }
}

class MongoArchive extends MongoLedger implements ArchivePort {
  readonly #writer: MongoArchiveWriter;

  constructor(db: Db, options: MongoArchiveOptions) {
    super(db, options.keyOf);
    this.#writer = new MongoArchiveWriter(this.collections, this.runs, this.settlements, options);
  }

  /** Before the first message is appended. */
  async begin(): Promise<void> {
    await this.prepare();
    await this.#writer.begin();
  }

  append: ArchivePort['append'] = (entries) => this.#writer.append(entries);

  override async close(): Promise<void> {
    await this.#writer.close();
    await super.close();
  }
}

function summaryOf(row: ArchiveRow, outcome: StoredOutcome | undefined): MessageSummary {
  return outcome === undefined ? { row } : { row, outcome: outcomeOf(outcome) };
}

function passes({ row, outcome }: MessageSummary, filter: MessageFilter): boolean {
  const state: ListedState = row.kind === 'message' ? (outcome?.state ?? 'unsettled') : row.kind;
  return (
    (filter.states === undefined || filter.states.includes(state)) &&
    (filter.key === undefined || outcome?.keys.includes(filter.key) === true) &&
    (filter.tenant === undefined || row.tenant === filter.tenant) &&
    (filter.listener === undefined || row.listener === filter.listener) &&
    (filter.type === undefined || row.type === filter.type) &&
    (filter.controlId === undefined || row.controlId === filter.controlId) &&
    (filter.from === undefined || row.sequence.arrival >= filter.from) &&
    (filter.to === undefined || row.sequence.arrival < filter.to)
  );
}
