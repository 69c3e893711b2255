/** Replays of an installation in its database: one document for the place that one replay has at a time, one for each that was. */
import { Binary, type Collection, type Db, type ObjectId } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type {
  BeginningReplay,
  KeptReplay,
  ReplayBoardPort,
  ReplayNotice,
  ReplayProgress,
  ToldMessage,
} from '../replay-board-port.js';
import { GatheredCalls } from './gathered-calls.js';
import { fromMongo, isDuplicateError } from './mongo-errors.js';

interface Place {
  readonly _id: 'place';
  readonly epoch: number;
  readonly generation: number;
  /** Of the replay that runs; null while none does. */
  readonly replay: Pick<BeginningReplay, 'id' | 'run' | 'tenant'> | null;
  /** By the server's clock. */
  readonly until: Date;
}

interface StoredReplay {
  readonly _id: string;
  readonly begun: Date;
  readonly job: JsonObject;
  readonly differences: Binary;
  readonly stop: boolean;
}

interface Told {
  readonly _id: ObjectId;
  readonly replay: string;
  readonly messages: readonly ToldMessage[];
}

const mostKept = 50;
const usualLife = 15_000;

/** `life`: milliseconds after which a replay that did not say that it goes on has lost its place. */
export async function openMongoReplayBoard(db: Db, life = usualLife): Promise<ReplayBoardPort> {
  const board = new MongoReplayBoard(db, life);
  await fromMongo(() => board.prepare());
  return board;
}

class MongoReplayBoard implements ReplayBoardPort {
  readonly #place: Collection<Place>;
  readonly #replays: Collection<StoredReplay>;
  readonly #told: Collection<Told>;
  readonly #life: number;
  /** Each batch looks twice: those that do so at a time look together. */
  readonly #looking = new GatheredCalls<undefined, Place | null>(() => this.#place.findOne({ _id: 'place' }), {
    ...{ underWay: 1, most: Number.POSITIVE_INFINITY },
    sizeOf: () => 1,
  });

  constructor(db: Db, life: number) {
    this.#place = db.collection('replayPlace');
    this.#replays = db.collection('replays');
    this.#told = db.collection('replayMessages');
    this.#life = life;
  }

  async prepare(): Promise<void> {
    await this.#replays.createIndex({ begun: -1 });
    await this.#told.createIndex({ replay: 1 });
  }

  begin(replay: BeginningReplay, progress: ReplayProgress): Promise<string | undefined> {
    return fromMongo(async () => {
      const { generation, ...rest } = replay;
      const taken = { epoch: { $add: [{ $ifNull: ['$epoch', 0] }, 1] }, generation, replay: { $literal: rest } };
      const free = { $or: [{ $not: [{ $gt: ['$until', '$$NOW'] }] }, { $eq: [{ $ifNull: ['$replay', null] }, null] }] };
      const until = { $add: ['$$NOW', this.#life] };
      const fields = Object.entries({ ...taken, until });
      const change = [
        { $set: { free } },
        { $set: Object.fromEntries(fields.map(([name, value]) => [name, { $cond: ['$free', value, `$${name}`] }])) },
        { $unset: 'free' },
      ];
      const options = { upsert: true, returnDocument: 'after' } as const;
      const take = () => this.#place.findOneAndUpdate({ _id: 'place' }, change, options);
      const place = await take().catch((error: unknown) => {
        // another process was the first to make it
        if (isDuplicateError(error)) return take();
        throw error;
      });
      const now = place?.replay?.id;
      if (now !== replay.id) return now ?? 'of another process';
      const begun = new Date();
      await this.#replays.insertOne({ _id: replay.id, begun, stop: false, ...stored(progress) });
      await this.#forget();
      return undefined;
    });
  }

  goOn(id: string, progress: ReplayProgress): Promise<'go' | 'stop' | 'lost'> {
    return fromMongo(async () => {
      const later = [{ $set: { until: { $add: ['$$NOW', this.#life] } } }];
      const { matchedCount } = await this.#place.updateOne({ 'replay.id': id }, later);
      if (matchedCount === 0) return 'lost';
      const kept = await this.#replays.findOneAndUpdate({ _id: id }, { $set: stored(progress) });
      return kept?.stop === true ? 'stop' : 'go';
    });
  }

  async end(id: string, progress: ReplayProgress): Promise<void> {
    await fromMongo(async () => {
      await this.#replays.updateOne({ _id: id }, { $set: stored(progress) });
      await this.#place.updateOne({ 'replay.id': id }, { $set: { replay: null } });
      await this.#told.deleteMany({ replay: id });
    });
  }

  async stop(id: string): Promise<void> {
    await fromMongo(() => this.#replays.updateOne({ _id: id }, { $set: { stop: true } }));
  }

  list(limit: number): Promise<readonly Omit<KeptReplay, 'differences'>[]> {
    return fromMongo(async () => {
      const running = await this.#running();
      const found = this.#replays
        .find({}, { projection: { job: 1 } })
        .sort({ begun: -1 })
        .limit(limit);
      return (await found.toArray()).map(({ _id, job }) => ({ job, alive: _id === running }));
    });
  }

  get(id: string): Promise<KeptReplay | undefined> {
    return fromMongo(async () => {
      const running = await this.#running();
      const found = await this.#replays.findOne({ _id: id });
      if (found === null) return undefined;
      return { job: found.job, differences: found.differences.value(), alive: running === id };
    });
  }

  look(tenant: string): Promise<ReplayNotice> {
    return fromMongo(async () => {
      const place = await this.#looking.call(undefined);
      if (place === null) return { epoch: 0, replay: undefined, generation: 0 };
      const { epoch, generation, replay } = place;
      const touches = replay !== null && (replay.tenant === null || replay.tenant === tenant);
      return { epoch, generation, replay: touches ? { id: replay.id, run: replay.run } : undefined };
    });
  }

  async tell(replay: string, messages: readonly ToldMessage[]): Promise<void> {
    await fromMongo(() => this.#told.insertOne({ replay, messages } as Told));
  }

  told(replay: string, generation: number): Promise<readonly ToldMessage[]> {
    return fromMongo(async () => {
      const place = await this.#place.findOne({ _id: 'place' });
      if (place?.replay?.id !== replay)
        throw fault('conflict', 'this process was not heard of for a while, and lost the replay; start it again');
      if (place.generation < generation) await this.#place.updateOne({ 'replay.id': replay }, { $max: { generation } });
      const found = await this.#told.find({ replay }).toArray();
      if (found.length > 0) await this.#told.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
      return found.flatMap(({ messages }) => messages);
    });
  }

  async #running(): Promise<string | undefined> {
    const alive = { _id: 'place', $expr: { $gt: ['$until', '$$NOW'] } } as const;
    return (await this.#place.findOne(alive))?.replay?.id;
  }

  /** What was told to replays that are no more, and the oldest of them. */
  async #forget(): Promise<void> {
    const kept = await this.#replays
      .find({}, { projection: { _id: 1 } })
      .sort({ begun: -1 })
      .limit(mostKept)
      .toArray();
    const ids = kept.map(({ _id }) => _id);
    await this.#replays.deleteMany({ _id: { $nin: ids } });
    await this.#told.deleteMany({ replay: { $nin: ids.slice(0, 1) } });
  }
}

function stored({ job, differences }: ReplayProgress): Pick<StoredReplay, 'job' | 'differences'> {
  return { job, differences: new Binary(differences) };
}
