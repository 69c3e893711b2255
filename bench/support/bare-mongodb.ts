/** A bare script over MongoDB: the writes that messages make, and nothing else. */
import type { Collection, Db, MongoClient } from 'mongodb';
import {
  type ArchiveCollections,
  archiveCollections,
  indexArchive,
  type StoredMessage,
  type StoredOutcome,
} from '../../src/store/mongodb/archive-documents.js';
import { type ResourceRecord, type VersionRecord, versionName } from '../../src/store/mongodb/document-shape.js';
import { historyIndexes, makeIndexes, resourceIndexes } from '../../src/store/mongodb/indexes.js';
import { microseconds } from './change-feed.js';

const batch = 50;
/** Batches under way at a time: one alone waits for its journal most of the time. */
const together = 4;

/** What is stored of the patients' documents at one moment, and what a message leaves in the archive. */
export interface Samples {
  readonly documents: readonly ResourceRecord[];
  readonly message: StoredMessage;
  readonly outcome: StoredOutcome;
}

export async function samplesOf(client: MongoClient, prefix: string, tenant: string): Promise<Samples> {
  const of = client.db(`${prefix}-${tenant}`).collection<ResourceRecord>('resources');
  const documents = await of
    .find({ type: { $in: ['Patient', 'Encounter'] } })
    .sort({ _id: 1 })
    .toArray();
  const { messages, outcomes } = archiveCollections(client.db(prefix));
  const [message, outcome] = await Promise.all([
    messages.find().sort({ _id: -1 }).limit(1).next(),
    outcomes.find().sort({ _id: -1 }).limit(1).next(),
  ]);
  if (message === null || outcome === null) throw new Error('nothing was archived');
  return { documents, message, outcome };
}

export interface BareFigures {
  readonly perSecond: number;
  readonly processor: number;
}

/**
 * Writes for so many messages, in batches of 50, four at a time: the archived message, so many documents replaced under their
 * indexes by what they were and became in turn, versions copied to history, and an outcome that is found by its two keys.
 * Nothing is read, mapped or compared, and no queue is told.
 */
export async function bareWrites(
  db: Db,
  [one, other]: readonly [Samples, Samples],
  like: { readonly messages: number; readonly documents: number; readonly versions: number },
): Promise<BareFigures> {
  const archive = archiveCollections(db);
  const resources = db.collection<ResourceRecord>('resources');
  const history = db.collection<VersionRecord>('history');
  await indexArchive(archive);
  await makeIndexes(resources, resourceIndexes);
  await makeIndexes(history, historyIndexes);
  await resources.insertMany([...one.documents], { ordered: false });
  const writer = new BareWriter(archive, resources, history, [other, one]);
  const start = performance.now();
  const spent = process.cpuUsage();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let first = next; first < like.messages; first = next) {
      next += batch;
      await writer.write(first, batch, like);
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return {
    perSecond: (like.messages * 1000) / (performance.now() - start),
    processor: microseconds(spent) / like.messages,
  };
}

class BareWriter {
  readonly #archive: ArchiveCollections;
  readonly #resources: Collection<ResourceRecord>;
  readonly #history: Collection<VersionRecord>;
  readonly #samples: readonly [Samples, Samples];
  #document = 0;
  #version = 0;

  constructor(
    archive: ArchiveCollections,
    resources: Collection<ResourceRecord>,
    history: Collection<VersionRecord>,
    samples: readonly [Samples, Samples],
  ) {
    this.#archive = archive;
    this.#resources = resources;
    this.#history = history;
    this.#samples = samples;
  }

  async write(
    first: number,
    count: number,
    like: { readonly documents: number; readonly versions: number },
  ): Promise<void> {
    const [{ documents, message, outcome }] = this.#samples;
    const ids = Array.from({ length: count }, (_, at) => first + at + 1);
    await this.#archive.messages.insertMany(
      ids.map((_id) => ({ ...message, _id, controlId: `${message.controlId}-${_id}` })),
    );
    const versions: VersionRecord[] = [];
    for (; this.#version < (first + count) * like.versions; this.#version++) {
      const { _id: name, type, lastUpdated, source, resource } = at(documents, this.#version);
      const version = this.#version + 1;
      const of = { type, id: name.slice(type.length + 1), at: lastUpdated, lastUpdated, source, resource };
      versions.push({ _id: versionName(name, version), version, mappingVersion: 1, place: lastUpdated, ...of });
    }
    if (versions.length > 0) await this.#history.insertMany(versions, { ordered: false });
    const replaced: ResourceRecord[] = [];
    for (; this.#document < (first + count) * like.documents; this.#document++) {
      const turn = Math.floor(this.#document / documents.length);
      const record = at((this.#samples[turn % 2] ?? this.#samples[0]).documents, this.#document);
      const lastUpdated = Date.now();
      replaced.push({ ...record, revision: turn + 2, lastUpdated, sortKey: record.sortDate ?? lastUpdated });
    }
    if (replaced.length > 0) {
      await this.#resources.bulkWrite(
        replaced.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement } })),
        { ordered: false },
      );
    }
    await this.#archive.outcomes.insertMany(
      ids.map((_id) => ({ ...outcome, _id })),
      { ordered: false },
    );
  }
}

function at<T>(list: readonly T[], place: number): T {
  const found = list[place % list.length];
  if (found === undefined) throw new Error('nothing is stored');
  return found;
}
