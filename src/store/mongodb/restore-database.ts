/** Puts the collections of a backup under an empty prefix. Until all is there, a marker keeps every process from starting on it. */
import type { Db, Document, MongoClient } from 'mongodb';
import { fault } from '../../core/errors.js';
import { lastNumber, rowId, runOf } from '../archive-ids.js';
import { type BackupManifest, type BackupSecret, runsLeftFree } from '../backup/backup-format.js';
import type { BackupReader } from '../backup/backup-reader.js';
import { rebuildSetting } from '../backup/rebuild-marks.js';
import { archiveCollections, indexArchive, type StoredRun } from './archive-documents.js';
import { ArchiveRuns } from './archive-runs.js';
import { ArchiveSettlements } from './archive-settlements.js';
import { documentsOf } from './backup-database.js';
import { historyIndexes, makeIndexes, resourceIndexes } from './indexes.js';
import { fromMongo } from './mongo-errors.js';
import { markRestore, restoreMark, unmarkRestore } from './restore-mark.js';

type Id = Document & { readonly _id: unknown };

const page = 2_000;
const ownCollection =
  /^(?:formats|messageRuns|messageOutcomes|messages|messageParts|audit(?:Anchors|Heads|Records)|usedIds|tenants|clients|signingKeys|settings|mappings|head)$/;
const tenantCollection = /^tenants\/([0-9a-z][0-9a-z-]{0,39})\/(meta|resources|history|contents)$/;

/** @throws Fault `conflict` where anything is under the prefix but the rest of a restore that was cut off */
export async function checkEmptyPrefix(client: MongoClient, prefix: string): Promise<void> {
  await fromMongo(async () => {
    const db = client.db(prefix);
    if (await restoreMark(db)) return;
    const [collection] = await db.listCollections({}, { nameOnly: true }).toArray();
    const [other] = await tenantDatabases(client, prefix);
    const found = collection === undefined ? other : `${prefix}.${collection.name}`;
    if (found !== undefined)
      throw fault(
        'conflict',
        `the prefix ${prefix} is not empty (${found}): a backup is restored under an unused one only`,
      );
  });
}

async function tenantDatabases(client: MongoClient, prefix: string): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  return databases.map(({ name }) => name).filter((name) => name.startsWith(`${prefix}-`));
}

/** Sets the marker, and takes away what a restore before has left. */
export async function beginDatabaseRestore(client: MongoClient, prefix: string): Promise<void> {
  await fromMongo(async () => {
    const db = client.db(prefix);
    const again = await restoreMark(db);
    await markRestore(db);
    if (!again) return;
    for (const name of await tenantDatabases(client, prefix)) await client.db(name).dropDatabase();
    for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      if (name !== 'restore') await db.dropCollection(name);
    }
  });
}

/**
 * Writes the parts of a backup. Resolves with the manifest, which says that the backup was whole.
 * @throws Fault `backup-damaged`, `store-unavailable`, `disk-full`
 */
export async function unpackIntoDatabase(
  client: MongoClient,
  prefix: string,
  reader: BackupReader,
  secret: BackupSecret,
  told: () => void,
): Promise<BackupManifest> {
  const events = reader.read(secret);
  let write: (documents: readonly Document[]) => Promise<unknown> = async () => undefined;
  for (;;) {
    const next = await events.next();
    if (next.done === true) return next.value;
    const event = next.value;
    told();
    if (event.kind === 'part') write = writerOf(client, prefix, event.name);
    else if (event.kind === 'data') await fromMongo(() => write(documentsOf(event.bytes)));
  }
}

function writerOf(client: MongoClient, prefix: string, name: string) {
  const [, tenant, own] = tenantCollection.exec(name) ?? [];
  if (tenant === undefined && !ownCollection.test(name))
    throw fault('backup-damaged', `the backup has a part ${name}, which no Wardline writes`);
  const db = client.db(tenant === undefined ? prefix : `${prefix}-${tenant}`);
  const collection = db.collection<Id>(own ?? name);
  return async (documents: readonly Document[]): Promise<void> => {
    const wanted = own === 'history' ? await versionsOfCopies(db, documents) : documents;
    if (wanted.length > 0) await collection.insertMany(wanted as Id[], { ordered: false });
  };
}

/** Versions that documents have made since they were copied are not theirs: they would stand where others are to come. */
async function versionsOfCopies(db: Db, versions: readonly Document[]): Promise<readonly Document[]> {
  const names = versions.map(({ type, id }) => `${type}/${id}`);
  const documents = await db
    .collection<{ _id: string; version: number }>('resources')
    .find({ _id: { $in: [...new Set(names)] } }, { projection: { version: 1 } })
    .toArray();
  const newest = new Map(documents.map(({ _id, version }) => [_id, version]));
  return versions.filter(({ version }, at) => version <= (newest.get(names[at] ?? '') ?? 0));
}

/** Puts right what was copied at different moments, makes the indexes, and lets runs go on beyond all that are known. */
export async function finishDatabaseRestore(
  client: MongoClient,
  prefix: string,
  rebuild: readonly string[],
): Promise<void> {
  await fromMongo(async () => {
    const db = client.db(prefix);
    const collections = archiveCollections(db);
    await indexArchive(collections);
    const tenants = await db
      .collection<{ _id: string; body: unknown }>('tenants')
      .find({ body: { $ne: null } })
      .toArray();
    for (const { _id } of tenants) {
      const own = client.db(`${prefix}-${_id}`);
      if ((await own.collection('meta').findOne()) === null) continue;
      await makeIndexes(own.collection('resources'), resourceIndexes);
      await makeIndexes(own.collection('history'), historyIndexes);
    }
    const highest = await openUnknownRuns(db);
    await forgetRemoved(db);
    await new ArchiveSettlements(collections, new ArchiveRuns(collections)).recount();
    const heads = db.collection<{ _id: string; runs: number; generation: number }>('head');
    const runs = Math.max((await heads.findOne({ _id: 'head' }))?.runs ?? 0, highest) + runsLeftFree;
    await heads.updateOne({ _id: 'head' }, { $set: { runs }, $inc: { generation: 1 } });
    await db
      .collection<{ _id: string; value: string }>('settings')
      .updateOne({ _id: rebuildSetting }, { $set: { value: JSON.stringify(rebuild) } }, { upsert: true });
    await unmarkRestore(db);
  });
}

/** Runs that began after the open numbers were copied are open as a whole. Resolves with the highest run that has messages. */
async function openUnknownRuns(db: Db): Promise<number> {
  const { messages, runs } = archiveCollections(db);
  let highest = 0;
  for (let from = 0; ; ) {
    const [next] = await messages
      .find({ _id: { $gte: from } }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(1)
      .toArray();
    if (next === undefined) return highest;
    highest = runOf(next._id);
    const run: StoredRun = { _id: highest, revision: 1, open: [[1, lastNumber]], seen: 0 };
    const { _id, ...fields } = run;
    await runs.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
    from = rowId({ run: highest + 1, number: 0 });
  }
}

/** Outcomes of messages that retention removed after the outcomes were copied. */
async function forgetRemoved(db: Db): Promise<void> {
  const { messages, outcomes } = archiveCollections(db);
  for (let after = -1; ; ) {
    const found = await outcomes
      .find({ _id: { $gt: after } }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(page)
      .toArray();
    const last = found.at(-1);
    if (last === undefined) return;
    after = last._id;
    const ids = found.map(({ _id }) => _id);
    const there = await messages.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
    if (there.length === ids.length) continue;
    const known = new Set(there.map(({ _id }) => _id));
    await outcomes.deleteMany({ _id: { $in: ids.filter((id) => !known.has(id)) } });
  }
}
