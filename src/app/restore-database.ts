/** Restoring a backup of an installation in MongoDB, and bringing in messages that came after it. */
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { BackupManifest, BackupSecret } from '../store/backup/backup-format.js';
import type { BackupReader } from '../store/backup/backup-reader.js';
import { verifyMasterKey } from '../store/master-key.js';
import { readMongoMarks } from '../store/mongodb/backup-database.js';
import { backupSource, type CollectionSource, databaseSource } from '../store/mongodb/collection-source.js';
import { connectMongo } from '../store/mongodb/connection.js';
import { readRegistryState, replaceRegistry } from '../store/mongodb/registry-state.js';
import {
  beginDatabaseRestore,
  checkEmptyPrefix,
  finishDatabaseRestore,
  unpackIntoDatabase,
} from '../store/mongodb/restore-database.js';
import { takeMongoMessages } from '../store/mongodb/take-messages.js';
import { keySource, secretFor } from './backup-secret.js';
import type { BackupProgress } from './backup-source.js';
import { isLaterRegistry, rekeyedTenants } from './later-registry.js';
import type { MongoPlace, Restored, RestoreWish } from './restore.js';

const mebibyte = 1 << 20;

interface How {
  readonly config: Config;
  readonly wish: RestoreWish;
  readonly told: BackupProgress;
}

type Db = ReturnType<ReturnType<typeof connectMongo>['db']>;

/** @throws Fault `conflict` for a prefix that is in use, `seal-broken`, `backup-damaged`, `store-unavailable` */
export async function restoreIntoDatabase(
  { url, prefix }: MongoPlace,
  how: How,
  reader: BackupReader,
  secret: BackupSecret,
): Promise<Restored> {
  const { config, wish, told } = how;
  const { header } = reader;
  verifyMasterKey(header.masterKeyCheck, keySource(config, wish));
  const client = connectMongo(url);
  try {
    await checkEmptyPrefix(client, prefix);
    await beginDatabaseRestore(client, prefix);
    const manifest = await unpackIntoDatabase(client, prefix, reader, secret, () =>
      told(reader.at / mebibyte, reader.size / mebibyte, 'MiB'),
    );
    const later = await withSource(prefix, how, (source) => bringIn(client.db(prefix), how, source, manifest));
    const rebuild = [...new Set([...manifest.rebuild, ...(later?.rebuild ?? [])])];
    await finishDatabaseRestore(client, prefix, rebuild);
    return { header, manifest, newerRegistry: false, ...later, rebuild };
  } finally {
    await client.close();
  }
}

/** Brings messages into an installation that was restored before; it may run. */
export async function takeIntoDatabase({ url, prefix }: MongoPlace, how: How): Promise<Restored> {
  if (how.wish.messagesFrom === undefined)
    throw fault('usage', 'name a backup to restore, or where messages come from');
  const client = connectMongo(url);
  try {
    const { tenants } = await readMongoMarks(client.db(prefix));
    const messages = await withSource(prefix, how, (source) =>
      takeMongoMessages(client.db(prefix), source, idsOf(tenants), (done) => how.told(done, done, 'messages')),
    );
    return { ...(messages === undefined ? {} : { messages }), newerRegistry: false, rebuild: [] };
  } finally {
    await client.close();
  }
}

async function bringIn(
  db: Db,
  { config, wish, told }: How,
  source: CollectionSource,
  { mappingVersion }: BackupManifest,
): Promise<Pick<Restored, 'messages' | 'newerRegistry' | 'rebuild'>> {
  const before = await readRegistryState(databaseSource(db));
  const after = await readRegistryState(source);
  if (before === undefined) throw fault('backup-damaged', 'the backup has no registry');
  const newer = after !== undefined && isLaterRegistry(before, after, keySource(config, wish)) ? after : undefined;
  if (newer !== undefined) await replaceRegistry(db, newer);
  const messages = await takeMongoMessages(db, source, idsOf((newer ?? before).tenants), (done) =>
    told(done, done, 'messages'),
  );
  if (newer === undefined) return { messages, newerRegistry: false, rebuild: [] };
  const rekeyed = rekeyedTenants(
    { tenants: before.tenants, files: newer.files(mappingVersion) },
    { tenants: newer.tenants, files: newer.files(newer.mappingVersion) },
  );
  return { messages, newerRegistry: true, rebuild: [...newer.rebuild, ...rekeyed] };
}

/** Runs `work` on what the messages come from; undefined where none were asked for. */
async function withSource<T>(
  prefix: string,
  { config, wish }: How,
  work: (source: CollectionSource) => Promise<T>,
): Promise<T | undefined> {
  const { messagesFrom, messagesPrefix = prefix } = wish;
  if (messagesFrom === undefined) return undefined;
  if (!/^mongodb(\+srv)?:/.test(messagesFrom))
    return work(await backupSource(messagesFrom, (reader) => secretFor(reader.header, config, wish)));
  const client = connectMongo(messagesFrom);
  try {
    const db = client.db(messagesPrefix);
    // what a process that died left pending is carried over
    await readMongoMarks(db);
    return await work(databaseSource(db));
  } finally {
    await client.close();
  }
}

function idsOf(tenants: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(tenants.map(({ id }) => id));
}
