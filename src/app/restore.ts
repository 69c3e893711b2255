/** Restoring a backup into an empty place, and bringing in messages that came after it. */
import { existsSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { BackupHeader, BackupManifest, BackupSecret } from '../store/backup/backup-format.js';
import { BackupReader } from '../store/backup/backup-reader.js';
import type { TakenMessages } from '../store/backup/taken-messages.js';
import { openDataFolder } from '../store/embedded/data-folder.js';
import { readRegistryMarks } from '../store/embedded/registry-marks.js';
import { beginRestore, checkEmptyFolder, endRestore, unpackInto } from '../store/embedded/restore-folder.js';
import { forgetRemoved, prepareRegistry } from '../store/embedded/restored-stores.js';
import { takeMessages } from '../store/embedded/take-messages.js';
import { verifyMasterKey } from '../store/master-key.js';
import { type KeyWish, keySource, secretFor } from './backup-secret.js';
import type { BackupProgress } from './backup-source.js';
import { openMessageSource, takeNewerRegistry } from './later-messages.js';
import { restoreIntoDatabase, takeIntoDatabase } from './restore-database.js';

const mebibyte = 1 << 20;

export interface RestoreWish extends KeyWish {
  /** The backup; left out, messages are brought into what was restored before. */
  readonly file?: string;
  /** A later backup file; a data folder or an archive folder; of an installation in MongoDB a connection string. */
  readonly messagesFrom?: string;
  /** Prefix of the installation there; by default that of the one that is restored. */
  readonly messagesPrefix?: string;
  /** Where to, instead of the data folder. */
  readonly mongodb?: MongoPlace;
  /** Epoch ms. */
  readonly now: number;
}

export interface MongoPlace {
  readonly url: string;
  readonly prefix: string;
}

export interface Restored {
  readonly header?: BackupHeader;
  readonly manifest?: BackupManifest;
  readonly messages?: TakenMessages;
  /** Tenants, clients, secrets and signing keys are those that lay beside the messages, and newer than the backup. */
  readonly newerRegistry: boolean;
  /** Tenants that are rebuilt after the start. */
  readonly rebuild: readonly string[];
}

/**
 * Makes an installation of a backup in the place of the configuration. Nothing is written before the key fits; cut off, it may be run
 * again, and nothing starts on what it left. Without a backup only messages are brought in.
 * @throws Fault `conflict` for a place that is not empty, `seal-broken`, `backup-damaged`, `data-folder-locked`, `disk-full`
 */
export async function restoreBackup(config: Config, wish: RestoreWish, told: BackupProgress): Promise<Restored> {
  if (wish.file === undefined)
    return wish.mongodb === undefined
      ? takeLater(config, wish, told)
      : takeIntoDatabase(wish.mongodb, { config, wish, told });
  const reader = await BackupReader.open(wish.file);
  try {
    const { header } = reader;
    if (header.contents !== 'all')
      throw fault(
        'usage',
        `${wish.file} holds an archive alone: restore a whole backup, and name this by --messages-from`,
      );
    checkStore(header, wish.mongodb);
    const secret = secretFor(header, config, wish);
    await reader.tryKey(secret);
    if (wish.mongodb === undefined) return await intoFolder(config, wish, reader, secret, told);
    return await restoreIntoDatabase(wish.mongodb, { config, wish, told }, reader, secret);
  } finally {
    await reader.close();
  }
}

function checkStore({ store }: BackupHeader, mongodb: MongoPlace | undefined): void {
  if (store === 'mongodb' && mongodb === undefined)
    throw fault(
      'usage',
      'this backup is of an installation in MongoDB: name one by --to, or a configuration that does',
    );
  if (store === 'embedded' && mongodb !== undefined)
    throw fault(
      'usage',
      'this backup is of an embedded installation: restore it into a data folder, then migrate that',
    );
}

async function intoFolder(
  config: Config,
  wish: RestoreWish,
  reader: BackupReader,
  secret: BackupSecret,
  told: BackupProgress,
): Promise<Restored> {
  const { dataFolder } = config;
  const { header } = reader;
  checkEmptyFolder(dataFolder);
  // a key that lies there is not replaced by another
  if (!header.holdsMasterKey || existsSync(join(dataFolder, 'master.key')))
    verifyMasterKey(header.masterKeyCheck, keySource(config, wish));
  const folder = openDataFolder(dataFolder, { restoring: true });
  try {
    await beginRestore(dataFolder);
    const manifest = await unpackInto(dataFolder, reader, secret, isAny, () =>
      told(reader.at / mebibyte, reader.size / mebibyte, 'MiB'),
    );
    await placeMasterKey(config, wish);
    verifyMasterKey(header.masterKeyCheck, keySource(config, header.holdsMasterKey ? {} : wish));
    const later = await bringIn(config, wish, manifest, told);
    forgetRemoved(dataFolder);
    prepareRegistry(dataFolder, later.rebuild, wish.now);
    await endRestore(dataFolder);
    return { header, manifest, ...later };
  } finally {
    folder.release();
  }
}

/** Brings messages into an installation that was restored before and does not run. */
async function takeLater(config: Config, wish: RestoreWish, told: BackupProgress): Promise<Restored> {
  const { dataFolder } = config;
  const { messagesFrom } = wish;
  if (messagesFrom === undefined) throw fault('usage', 'name a backup to restore, or where messages come from');
  const registry = join(dataFolder, 'registry.db');
  if (!existsSync(registry))
    throw fault('not-found', `${dataFolder} holds no installation: restore a backup into it first`);
  const folder = openDataFolder(dataFolder);
  const source = await openMessageSource(config, wish, messagesFrom, told);
  try {
    return { messages: await take(config, source.archive, told), newerRegistry: false, rebuild: [] };
  } finally {
    await source.close();
    folder.release();
  }
}

async function bringIn(
  config: Config,
  wish: RestoreWish,
  manifest: BackupManifest,
  told: BackupProgress,
): Promise<Omit<Restored, 'header' | 'manifest'>> {
  if (wish.messagesFrom === undefined) return { newerRegistry: false, rebuild: manifest.rebuild };
  const source = await openMessageSource(config, wish, wish.messagesFrom, told);
  try {
    const rekeyed =
      source.registry === undefined
        ? undefined
        : await takeNewerRegistry(config, keySource(config, wish), source.registry, manifest);
    const rebuild = [...new Set([...manifest.rebuild, ...(rekeyed ?? [])])];
    return { messages: await take(config, source.archive, told), newerRegistry: rekeyed !== undefined, rebuild };
  } finally {
    await source.close();
  }
}

function take({ dataFolder }: Config, archive: string, told: BackupProgress): Promise<TakenMessages> {
  const { tenants } = readRegistryMarks(join(dataFolder, 'registry.db'));
  const known = new Set(tenants.map(({ id }) => id));
  return takeMessages(archive, join(dataFolder, 'archive'), known, (done) => told(done, done, 'messages'));
}

/** Where the configuration looks for the key in the data folder, the one that was named is put there. */
async function placeMasterKey(config: Config, { masterKeyFile }: KeyWish): Promise<void> {
  const { value, file } = keySource(config, {});
  const path = join(config.dataFolder, 'master.key');
  if (masterKeyFile === undefined || value !== undefined || file !== undefined || existsSync(path)) return;
  await copyFile(masterKeyFile, path);
  await chmod(path, 0o600);
}

function isAny(): boolean {
  return true;
}
