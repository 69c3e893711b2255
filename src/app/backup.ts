/** Taking a backup of an installation, and reading one through. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import {
  type BackupHeader,
  type BackupManifest,
  type BackupSecret,
  backupFormat,
  newSalt,
} from '../store/backup/backup-format.js';
import { BackupReader } from '../store/backup/backup-reader.js';
import { BackupWriter } from '../store/backup/backup-writer.js';
import { verifyMasterKey } from '../store/master-key.js';
import { type KeyWish, keySource, readPassphrase, secretFor } from './backup-secret.js';
import { type BackupProgress, openBackupSource } from './backup-source.js';

const mebibyte = 1 << 20;

export interface BackupWish extends KeyWish {
  /** A file that is not there yet, or a folder that is. */
  readonly to: string;
  readonly contents: 'all' | 'archive';
  /** Puts the master key into the file, which is then sealed with a passphrase. */
  readonly withMasterKey: boolean;
  /** Version of the program. */
  readonly wardline: string;
  /** Epoch ms. */
  readonly now: number;
}

export interface TakenBackup {
  readonly file: string;
  readonly bytes: number;
  readonly header: BackupHeader;
  readonly manifest: BackupManifest;
}

/**
 * Copies the installation that the configuration names into one sealed file, whether it runs or not.
 * @throws Fault `usage`, `conflict`, `seal-broken`, `store-unavailable`, `disk-full` …; then no file is left
 */
export async function takeBackup(config: Config, wish: BackupWish, told: BackupProgress): Promise<TakenBackup> {
  const source = await openBackupSource(config, wish.contents);
  try {
    const { store, masterKeyCheck } = source;
    if (store === 'mongodb' && wish.withMasterKey)
      throw fault(
        'usage',
        '--with-master-key is for embedded installations: the key of this one lies where its configuration says',
      );
    const secret = secretOf(config, wish, masterKeyCheck);
    const header: BackupHeader = {
      format: backupFormat,
      wardline: wish.wardline,
      createdAt: new Date(wish.now).toISOString(),
      store,
      contents: wish.contents,
      seal: { by: secret.by, salt: newSalt() },
      holdsMasterKey: wish.withMasterKey,
      masterKeyCheck,
    };
    const keyFile = wish.withMasterKey ? masterKeyFile(config) : undefined;
    const file = fileOf(wish);
    const writer = await BackupWriter.begin(file, header, secret);
    try {
      const rest = await source.write(writer, told);
      if (keyFile !== undefined) await writer.part('master.key', createReadStream(keyFile), () => 1);
      return { file, header, manifest: await writer.finish(rest), bytes: writer.bytes };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } finally {
    await source.close();
  }
}

/** Reads a backup to its end. @throws Fault `backup-damaged`, `seal-broken`, `not-found` */
export async function verifyBackup(
  config: Config,
  file: string,
  wish: KeyWish,
  told: BackupProgress,
): Promise<Omit<TakenBackup, 'file'>> {
  const reader = await BackupReader.open(file);
  try {
    const secret = secretFor(reader.header, config, wish);
    await reader.tryKey(secret);
    const events = reader.read(secret);
    for (;;) {
      const next = await events.next();
      if (next.done === true) return { bytes: reader.size, header: reader.header, manifest: next.value };
      told(reader.at / mebibyte, reader.size / mebibyte, 'MiB');
    }
  } finally {
    await reader.close();
  }
}

function secretOf(config: Config, wish: BackupWish, masterKeyCheck: string): BackupSecret {
  if (wish.passphraseFile !== undefined) return { by: 'passphrase', passphrase: readPassphrase(wish.passphraseFile) };
  if (wish.withMasterKey)
    throw fault('usage', 'a backup that holds the master key cannot be sealed with it: add --passphrase-file');
  return { by: 'master-key', master: verifyMasterKey(masterKeyCheck, keySource(config, wish)) };
}

/** The file of the master key, where it lies in one. */
function masterKeyFile(config: Config): string {
  const { file = join(config.dataFolder, 'master.key'), value } = keySource(config, {});
  if (value !== undefined || !existsSync(file))
    throw fault('usage', 'the master key is in no file here, so that it cannot be put into the backup');
  return file;
}

function fileOf({ to, now }: BackupWish): string {
  const isFolder = statSync(to, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) return to;
  return join(to, `wardline-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}Z.backup`);
}
