/**
 * Copies an installation in MongoDB while processes work on it. Collections are read one after the other, in an order in which what says
 * that work is done is never newer than the work, and the work never newer than the messages that it rests on: open numbers and
 * outcomes, resources, their history, messages, audit, registry. What is done twice after a restore changes nothing.
 */
import { BSON, type Collection, type Db, type Document, type MongoClient } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { BackupManifest } from '../backup/backup-format.js';
import type { BackupWriter } from '../backup/backup-writer.js';
import { type RebuildMarks, rebuildSetting, toRebuild } from '../backup/rebuild-marks.js';
import { masterKeyCheck } from '../master-key.js';
import type { TenantRecord } from '../registry-port.js';
import { fromMongo } from './mongo-errors.js';
import { openMongoRegistry } from './registry.js';

/** Bytes of documents that share a piece, about. */
const pieceSize = 1 << 20;
const attempts = 100;

/** Those of a tenant's database, in the order in which they are copied: a version leaves its document for history, and names what stands beside. */
export const tenantCollections = ['meta', 'resources', 'history', 'contents'] as const;
/** Those of the registry that change together. */
export const registryCollections = ['tenants', 'clients', 'signingKeys', 'settings'] as const;
/** In no backup: of processes that are not there after a restore. */
export const transientCollections = [
  ...['leases', 'processes', 'replays', 'replayPlace', 'replayMessages', 'messageTallies', 'restore'],
] as const;

export interface MongoMarks extends RebuildMarks {
  readonly generation: number;
  /** Empty where there is none yet. */
  readonly masterKeyCheck: string;
}

/** @throws Fault `not-found` where no installation is, `restore-unfinished`, `store-unavailable` */
export async function readMongoMarks(db: Db): Promise<MongoMarks> {
  const head = await fromMongo(() => db.collection<{ _id: string }>('head').findOne({ _id: 'head' }));
  const registry = await openRegistryOf(db, head !== null);
  const { generation, mappingVersion, tenants } = await registry.snapshot();
  const rebuild = JSON.parse((await registry.setting(rebuildSetting)) ?? '[]') as string[];
  return {
    generation,
    mappingVersion,
    tenants,
    rebuild,
    masterKeyCheck: (await registry.setting(masterKeyCheck)) ?? '',
  };
}

async function openRegistryOf(db: Db, isThere: boolean) {
  if (!isThere) throw fault('not-found', `${db.databaseName} holds no installation: there is nothing to back up`);
  return openMongoRegistry(db);
}

/** Documents that a backup reads, about. */
export async function countDocuments(
  client: MongoClient,
  prefix: string,
  tenants: readonly TenantRecord[],
  contents: 'all' | 'archive',
): Promise<number> {
  const collections = [
    ...['messageOutcomes', 'messages'].map((name) => client.db(prefix).collection(name)),
    ...(contents === 'archive'
      ? []
      : tenants.flatMap(({ id }) =>
          ['resources', 'history'].map((name) => client.db(`${prefix}-${id}`).collection(name)),
        )),
  ];
  const counts = await fromMongo(() => Promise.all(collections.map((one) => one.estimatedDocumentCount())));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Writes all parts, and gives what the manifest says of them. `read` is told of the documents that were read. */
export async function backUpDatabase(
  client: MongoClient,
  prefix: string,
  contents: 'all' | 'archive',
  writer: BackupWriter,
  read: (documents: number) => void,
): Promise<Omit<BackupManifest, 'parts'>> {
  const db = client.db(prefix);
  const copy = (name: string, documents: AsyncIterable<Document>): Promise<void> =>
    fromMongo(async () => {
      let rows = 0;
      await writer.part(
        name,
        inPieces(documents, (count) => {
          rows += count;
          read(count);
        }),
        () => rows,
      );
    });
  const whole = (name: string): Promise<void> => copy(name, inOrder(db.collection(name)));
  const before = await readMongoMarks(db);
  await whole('formats');
  await whole('messageRuns');
  await whole('messageOutcomes');
  if (contents === 'all') {
    for (const { id } of before.tenants) {
      const own = client.db(`${prefix}-${id}`);
      for (const name of tenantCollections) await copy(`tenants/${id}/${name}`, inOrder(own.collection(name)));
    }
  }
  // what is too large for a message's document is written before it
  await whole('messages');
  await whole('messageParts');
  if (contents === 'all') {
    await whole('auditAnchors');
    await copyAudit(db, copy);
  }
  await whole('usedIds');
  const head = await copyRegistry(db, copy);
  await copy('mappings', db.collection('mappings').find({ number: { $gt: 0, $lte: head.mappingVersion } }));
  await copy('head', some([head]));
  const after = await readMongoMarks(db);
  return { rebuild: toRebuild(before, after), mappingVersion: before.mappingVersion };
}

/** By `_id`, so that what comes while it is read comes at the end or not at all. */
function inOrder(collection: Collection): AsyncIterable<Document> {
  return collection.find().sort({ _id: 1 });
}

/** Each chain up to its end as it stood a moment before: what is written meanwhile is not to leave gaps. */
async function copyAudit(
  db: Db,
  copy: (name: string, documents: AsyncIterable<Document>) => Promise<void>,
): Promise<void> {
  const heads = await db.collection<Document & { _id: number; number: number }>('auditHeads').find().toArray();
  await copy('auditHeads', some(heads));
  const records = db.collection('auditRecords');
  await copy('auditRecords', chains());
  async function* chains(): AsyncGenerator<Document> {
    for (const { _id: run, number } of heads) {
      yield* records.find({ run, number: { $lte: number } }).sort({ run: 1, number: 1 });
    }
  }
}

interface Head extends Document {
  readonly generation: number;
  readonly mappingVersion: number;
  readonly pending: readonly unknown[];
}

/** Tenants, clients, keys and settings as of one generation, and the head that belongs to them. */
async function copyRegistry(
  db: Db,
  copy: (name: string, documents: AsyncIterable<Document>) => Promise<void>,
): Promise<Head> {
  const registry = await openMongoRegistry(db);
  const heads = db.collection<Head & { _id: string }>('head');
  for (let attempt = 0; attempt < attempts; attempt++) {
    // carries over what is pending
    const { generation } = await registry.snapshot();
    const found = await Promise.all(registryCollections.map((name) => db.collection(name).find().toArray()));
    const head = await heads.findOne({ _id: 'head' }, { readConcern: { level: 'linearizable' }, maxTimeMS: 5_000 });
    if (head === null || head.generation !== generation || head.pending.length > 0) continue;
    for (const [at, name] of registryCollections.entries()) await copy(name, some(found[at] ?? []));
    return head;
  }
  throw fault('store-unavailable', 'the registry changes all the time: try again');
}

async function* some(documents: readonly Document[]): AsyncGenerator<Document> {
  yield* documents;
}

/** Documents as BSON, one behind the other. */
async function* inPieces(
  documents: AsyncIterable<Document>,
  read: (documents: number) => void,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const document of documents) {
    const one = BSON.serialize(document);
    waiting.push(one);
    bytes += one.length;
    if (bytes < pieceSize) continue;
    read(waiting.length);
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (waiting.length === 0) return;
  read(waiting.length);
  yield Buffer.concat(waiting);
}

/** What a piece holds. */
export function documentsOf(piece: Uint8Array): Document[] {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  const found: Document[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32LE(at);
    found.push(BSON.deserialize(bytes.subarray(at, at + length)));
    at += length;
  }
  return found;
}
