/** Which processes an installation has, and which of them has what one does at a time; by the clock of the server. */
import type { Collection, Db, IndexDescription } from 'mongodb';
import type { ProcessRecord } from '../registry-port.js';
import { isDuplicateError } from './mongo-errors.js';

interface StoredLease {
  readonly _id: string;
  readonly owner: string;
  readonly until: Date;
}

interface StoredProcess {
  readonly _id: number;
  readonly said: ProcessRecord;
  readonly seen: Date;
}

const minute = 60_000;
const forgottenAfter = 10 * minute;

/** The indexes, by collection. */
export const processIndexes = {
  processes: [{ key: { seen: 1 }, expireAfterSeconds: forgottenAfter / 1000 }],
} as const satisfies Record<string, readonly IndexDescription[]>;

export class InstallationProcesses {
  readonly #leases: Collection<StoredLease>;
  readonly #processes: Collection<StoredProcess>;

  constructor(db: Db) {
    this.#leases = db.collection('leases');
    this.#processes = db.collection('processes');
  }

  async prepare(): Promise<void> {
    await this.#processes.createIndexes([...processIndexes.processes]);
  }

  async lease(name: string, owner: string, milliseconds: number): Promise<boolean> {
    const free = { $or: [{ $eq: ['$owner', { $literal: owner }] }, { $not: [{ $gt: ['$until', '$$NOW'] }] }] };
    const taken = [
      { $set: { free } },
      {
        $set: {
          owner: { $cond: ['$free', { $literal: owner }, '$owner'] },
          until: { $cond: ['$free', { $add: ['$$NOW', milliseconds] }, '$until'] },
        },
      },
      { $unset: 'free' },
    ];
    try {
      const options = { upsert: true, returnDocument: 'after' } as const;
      return (await this.#leases.findOneAndUpdate({ _id: name }, taken, options))?.owner === owner;
    } catch (error) {
      // another process was the first to ask
      if (isDuplicateError(error)) return false;
      throw error;
    }
  }

  async sayAlive(said: ProcessRecord): Promise<void> {
    const now = [{ $set: { said: { $literal: said }, seen: '$$NOW' } }];
    await this.#processes.updateOne({ _id: said.run }, now, { upsert: true });
  }

  async sayGone(run: number): Promise<void> {
    await this.#processes.deleteOne({ _id: run });
  }

  async list(): Promise<(ProcessRecord & { silentFor: number })[]> {
    const found = this.#processes.aggregate<{ said: ProcessRecord; silentFor: number }>([
      { $set: { silentFor: { $subtract: ['$$NOW', '$seen'] } } },
      { $match: { silentFor: { $lt: forgottenAfter } } },
      { $sort: { _id: 1 } },
    ]);
    return (await found.toArray()).map(({ said, silentFor }) => ({ ...said, silentFor: Math.max(0, silentFor) }));
  }
}
