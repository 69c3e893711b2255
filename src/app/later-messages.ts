/** Where messages that came after a backup are found: what is left of the lost installation, or a later backup. */
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../core/config.js';
import { Fault, fault } from '../core/errors.js';
import { compileFor, settingsOf, tenantLayerFolder } from '../engine/tenant-contexts.js';
import type { BackupManifest } from '../store/backup/backup-format.js';
import { BackupReader } from '../store/backup/backup-reader.js';
import { archivedMonths } from '../store/embedded/archive-files.js';
import { takeSnapshot } from '../store/embedded/file-snapshot.js';
import { openEmbeddedRegistry } from '../store/embedded/registry.js';
import { type RegistryMarks, readRegistryMarks } from '../store/embedded/registry-marks.js';
import { unpackInto } from '../store/embedded/restore-folder.js';
import { type MasterKeySource, verifyMasterKey } from '../store/master-key.js';
import { type KeyWish, secretFor } from './backup-secret.js';
import type { BackupProgress } from './backup-source.js';
import { changedKeys, settingsRekey } from './changed-keys.js';

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
  if (!isLater(before, after, key)) return undefined;
  for (const end of ['-wal', '-shm']) rmSync(own + end, { force: true });
  await copyRegistry(file, own);
  const registry = openEmbeddedRegistry(own);
  try {
    const filesOf = async (number: number) => (await registry.mapping(number))?.files ?? {};
    const [old, now] = [await filesOf(mappingVersion), await filesOf(after.mappingVersion)];
    const changedFor = (tenant: string): boolean =>
      mappingVersion !== after.mappingVersion &&
      changedKeys(compileFor(old, tenant), compileFor(now, tenant)).length > 0;
    const changedForAll = changedFor('');
    const hasLayer = (tenant: string): boolean =>
      [...Object.keys(old), ...Object.keys(now)].some((name) => name.startsWith(tenantLayerFolder(tenant)));
    const known = new Map(before.tenants.map((tenant) => [tenant.id, tenant]));
    const rekeyed = after.tenants.filter((tenant) => {
      const former = known.get(tenant.id);
      if (former === undefined) return false;
      if (changedForAll || settingsRekey(settingsOf(former), settingsOf(tenant))) return true;
      return hasLayer(tenant.id) && changedFor(tenant.id);
    });
    return [...after.rebuild, ...rekeyed.map(({ id }) => id)];
  } finally {
    await registry.close();
  }
}

function isLater(before: RegistryMarks, after: RegistryMarks, key: MasterKeySource): boolean {
  try {
    verifyMasterKey(after.masterKeyCheck, key);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
  const kept = new Map(after.tenants.map((tenant) => [tenant.id, tenant.sealedDataKey]));
  return (
    after.generation >= before.generation &&
    before.tenants.every(({ id, sealedDataKey }) => kept.get(id) === sealedDataKey)
  );
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
