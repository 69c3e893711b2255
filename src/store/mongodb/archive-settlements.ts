/** What became of messages, one document each, and how many there are of each state. */
import { numberOf, rowId, runOf } from '../archive-ids.js';
import type { SettleOutcome, SettleState } from '../archive-port.js';
import type { ArchiveCollections, StoredOutcome } from './archive-documents.js';
import type { ArchiveRuns } from './archive-runs.js';
import { duplicatesOf } from './mongo-errors.js';

const chunk = 500;
const countedAtOnce = { readConcern: { level: 'local' } } as const;

interface Waiting {
  readonly outcomes: readonly SettleOutcome[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class ArchiveSettlements {
  readonly #collections: ArchiveCollections;
  readonly #runs: ArchiveRuns;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(collections: ArchiveCollections, runs: ArchiveRuns) {
    this.#collections = collections;
    this.#runs = runs;
  }

  /** Calls that come while a write is under way are written together. */
  settle(outcomes: readonly SettleOutcome[]): Promise<void> {
    if (outcomes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ outcomes, resolve, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  /** Takes a parked or unmapped message of a tenant back; false when it is in no such state. */
  async release(_id: number): Promise<boolean> {
    const releasable = { _id, state: { $in: ['parked', 'unmapped'] as SettleState[] }, tenant: { $ne: null } };
    if ((await this.#collections.outcomes.findOne(releasable, { projection: { _id: 1 } })) === null) return false;
    // open before its outcome goes, so that no process that dies here loses it; and after, for a look may have come between
    await this.#runs.open(runOf(_id), numberOf(_id));
    const gone = await this.#collections.outcomes.findOneAndDelete(releasable);
    if (gone === null) return false;
    await this.#runs.open(runOf(_id), numberOf(_id));
    await this.#count([], [gone]);
    return true;
  }

  async of(ids: readonly number[]): Promise<Map<number, StoredOutcome>> {
    if (ids.length === 0) return new Map();
    const found = await this.#collections.outcomes.find({ _id: { $in: [...ids] } }).toArray();
    return new Map(found.map((outcome) => [outcome._id, outcome]));
  }

  /** Drops what is known of messages that were removed. */
  async forget(ids: readonly number[]): Promise<void> {
    const gone = [...(await this.of(ids)).values()];
    await this.#collections.outcomes.deleteMany({ _id: { $in: [...ids] } });
    await this.#count([], gone);
  }

  /** Ids below `before` of messages in some states, of a tenant or all, highest first. */
  async *idsInStates(
    states: readonly SettleState[],
    tenant: string | undefined,
    before: number,
  ): AsyncGenerator<number> {
    const of = { state: { $in: [...states] }, ...(tenant === undefined ? {} : { tenant }) };
    yield* this.#descending(of, before);
  }

  /** The same of messages that name the patient or visit with this keyed hash. */
  async *idsWithKey(key: string, tenant: string | undefined, before: number): AsyncGenerator<number> {
    yield* this.#descending({ keys: key, ...(tenant === undefined ? {} : { tenant }) }, before);
  }

  async tally(tenant: string | undefined): Promise<Map<SettleState, number>> {
    const counts = new Map<SettleState, number>();
    for (const { _id, rows } of await this.#collections.tallies.find({}, countedAtOnce).toArray()) {
      const [state = '', of = ''] = _id.split(' ');
      if (tenant !== undefined && of !== tenant) continue;
      counts.set(state as SettleState, (counts.get(state as SettleState) ?? 0) + rows);
    }
    return counts;
  }

  /**
   * Counts the outcomes anew: a process that died between an outcome and its count left that wrong. What others settle meanwhile is in
   * one of the counts before and after, so that only what both say is wrong is put right.
   */
  async recount(): Promise<void> {
    const { outcomes, tallies } = this.#collections;
    const counted = async (): Promise<Map<string, number>> =>
      new Map((await tallies.find({}, countedAtOnce).toArray()).map(({ _id, rows }) => [_id, rows]));
    const before = await counted();
    const found = outcomes.aggregate<{ _id: { tenant: string | null; state: SettleState }; rows: number }>([
      { $sort: { tenant: 1, state: 1 } },
      { $group: { _id: { tenant: '$tenant', state: '$state' }, rows: { $sum: 1 } } },
    ]);
    const right = new Map((await found.toArray()).map(({ _id, rows }) => [nameOf(_id), rows]));
    const after = await counted();
    for (const _id of new Set([...right.keys(), ...after.keys()])) {
      const rows = right.get(_id) ?? 0;
      const wrong = agreed(rows - (before.get(_id) ?? 0), rows - (after.get(_id) ?? 0));
      if (wrong !== 0) await tallies.updateOne({ _id }, { $inc: { rows: wrong } }, { upsert: true });
    }
  }

  async *#descending(of: object, before: number): AsyncGenerator<number> {
    let below = before;
    for (;;) {
      const found = await this.#collections.outcomes
        .find({ ...of, _id: { $lt: below } }, { projection: { _id: 1 } })
        .sort({ _id: -1 })
        .limit(chunk)
        .toArray();
      for (const { _id } of found) yield _id;
      const last = found.at(-1);
      if (last === undefined || found.length < chunk) return;
      below = last._id;
    }
  }

  async #writeWaiting(): Promise<void> {
    // what comes in one turn of the event loop is one write
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const calls = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(calls.flatMap(({ outcomes }) => outcomes));
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** Most messages have no outcome yet, so that they are inserted; those that fail by it are replaced. */
  async #write(outcomes: readonly SettleOutcome[]): Promise<void> {
    const last = new Map(
      outcomes.map(({ sequence, ...outcome }) => {
        const _id = rowId(sequence);
        return [_id, { _id, ...outcome, keys: [...new Set(outcome.keys)] }];
      }),
    );
    const written = [...last.values()];
    const known = await this.#insert(written);
    const before = known.length === 0 ? [] : await this.#replace(known);
    await this.#count(written, before);
  }

  /** Those of the outcomes whose messages have one. */
  async #insert(outcomes: readonly StoredOutcome[]): Promise<StoredOutcome[]> {
    try {
      await this.#collections.outcomes.insertMany([...outcomes], { ordered: false });
      return [];
    } catch (error) {
      const there = duplicatesOf(error);
      return outcomes.filter((_, at) => there.has(at));
    }
  }

  /** Gives what was there. */
  async #replace(outcomes: readonly StoredOutcome[]): Promise<Pick<StoredOutcome, 'tenant' | 'state'>[]> {
    const { outcomes: stored } = this.#collections;
    const ids = outcomes.map(({ _id }) => _id);
    const before = await stored.find({ _id: { $in: ids } }, { projection: { tenant: 1, state: 1 } }).toArray();
    await stored.bulkWrite(
      outcomes.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } })),
      { ordered: false },
    );
    return before;
  }

  async #count(
    come: readonly Pick<StoredOutcome, 'tenant' | 'state'>[],
    go: readonly Pick<StoredOutcome, 'tenant' | 'state'>[],
  ): Promise<void> {
    const changes = new Map<string, number>();
    for (const one of come) changes.set(nameOf(one), (changes.get(nameOf(one)) ?? 0) + 1);
    for (const one of go) changes.set(nameOf(one), (changes.get(nameOf(one)) ?? 0) - 1);
    const updates = [...changes].filter(([, rows]) => rows !== 0);
    if (updates.length === 0) return;
    // no majority is waited for: a count that is lost with a primary is wrong until `recount`
    await this.#collections.tallies.bulkWrite(
      updates.map(([_id, rows]) => ({ updateOne: { filter: { _id }, update: { $inc: { rows } }, upsert: true } })),
      { ordered: false, writeConcern: { w: 1 } },
    );
  }
}

function nameOf({ tenant, state }: Pick<StoredOutcome, 'tenant' | 'state'>): string {
  return `${state} ${tenant ?? ''}`;
}

/** What two differences have in common: nothing where they point in opposite ways. */
function agreed(one: number, other: number): number {
  if (Math.sign(one) !== Math.sign(other)) return 0;
  return Math.abs(one) < Math.abs(other) ? one : other;
}
