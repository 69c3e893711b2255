/** Where messages that came after a backup are found: what is left of the lost installation, or a later backup. */
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { BackupManifest } from '../store/backup/backup-format.js';
import { BackupReader } from '../store/backup/backup-reader.js';
import { archivedMonths } from '../store/embedded/archive-files.js';
import { takeSnapshot } from '../store/embedded/file-snapshot.js';
import { openEmbeddedRegistry } from '../store/embedded/registry.js';
import { readRegistryMarks } from '../store/embedded/registry-marks.js';
import { unpackInto } from '../store/embedded/restore-folder.js';
import type { MasterKeySource } from '../store/master-key.js';
import { type KeyWish, secretFor } from './backup-secret.js';
import type { BackupProgress } from './backup-source.js';
import { isLaterRegistry, rekeyedTenants } from './later-registry.js';

/** To be closed. */
export interface MessageSource {
  /** Folder of the archive's files. */
  readonly archive: string;
  /** The registry that lies beside, if one does. */
  readonly registry?: string;
  close(): Promise<void>;
}

const mebibyte = 1 << 20;
/** A backup is unpacked here, within the data folder, as long as it is read. */
const unpacked = 'later-messages';

/**
 * `from`: a data folder, an archive folder, or a backup file.
 * @throws Fault `not-found`, `seal-broken`, `backup-damaged`
 */
export async function openMessageSource(
  config: Config,
  wish: KeyWish,
  from: string,
  told: BackupProgress,
): Promise<MessageSource> {
  const isFolder = statSync(from, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) throw fault('not-found', `there is neither a folder nor a backup ${from}`);
  if (isFolder) return sourceIn(from, async () => undefined);
  const folder = join(config.dataFolder, unpacked);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  const reader = await BackupReader.open(from);
  try {
    if (reader.header.store !== 'embedded')
      throw fault('usage', `${from} is a backup of an installation in MongoDB: its messages have no place here`);
    const secret = secretFor(reader.header, config, wish);
    await reader.tryKey(secret);
    const wanted = (name: string): boolean => name === 'registry.db' || name.startsWith('archive/');
    await unpackInto(folder, reader, secret, wanted, () => told(reader.at / mebibyte, reader.size / mebibyte, 'MiB'));
  } finally {
    await reader.close();
  }
  return sourceIn(folder, async () => rmSync(folder, { recursive: true, force: true }));
}

function sourceIn(folder: string, close: () => Promise<void>): MessageSource {
  const registry = join(folder, 'registry.db');
  const beside = existsSync(registry) ? { registry } : {};
  for (const archive of [join(folder, 'archive'), folder]) {
    if (existsSync(archive) && archivedMonths(archive).length > 0) return { archive, ...beside, close };
  }
  throw fault('not-found', `${folder} holds no archive: name a data folder, its folder archive, or a backup`);
}

/**
 * Puts a registry in place of the backup's where it is a later state of the same one, and resolves with the tenants whose ids are made
 * from something else since. Undefined where it is none: the backup's stays.
 */
export async function takeNewerRegistry(
  { dataFolder }: Config,
  key: MasterKeySource,
  file: string,
  { mappingVersion }: BackupManifest,
): Promise<readonly string[] | undefined> {
  const own = join(dataFolder, 'registry.db');
  const before = readRegistryMarks(own);
  const after = readRegistryMarks(file);
  if (!isLaterRegistry(before, after, key)) return undefined;
  for (const end of ['-wal', '-shm']) rmSync(own + end, { force: true });
  await copyRegistry(file, own);
  const registry = openEmbeddedRegistry(own);
  try {
    const filesOf = async (number: number) => (await registry.mapping(number))?.files ?? {};
    const rekeyed = rekeyedTenants(
      { tenants: before.tenants, files: await filesOf(mappingVersion) },
      { tenants: after.tenants, files: await filesOf(after.mappingVersion) },
    );
    return [...after.rebuild, ...rekeyed];
  } finally {
    await registry.close();
  }
}

async function copyRegistry(from: string, to: string): Promise<void> {
  const snapshot = await takeSnapshot(from, { kind: 'registry', format: 1, count: 'SELECT 0' });
  const copy = await open(to, 'w', 0o600);
  try {
    for await (const chunk of snapshot.chunks()) await copy.writeFile(chunk);
    await copy.sync();
  } finally {
    await copy.close();
    await snapshot.close();
  }
}
