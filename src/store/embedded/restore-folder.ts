/** Puts the files of a backup into an empty data folder. Until it is whole, a marker keeps everybody from starting on it. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fault } from '../../core/errors.js';
import type { BackupManifest, BackupSecret } from '../backup/backup-format.js';
import type { BackupReader } from '../backup/backup-reader.js';
import { syncFolder } from '../backup/backup-writer.js';
import { restoreMarker } from './data-folder.js';
import { diskFault } from './disk-errors.js';

/** What may lie in a folder that is to be restored into: the key that opens it, and what holding the folder makes. */
const allowed: ReadonlySet<string> = new Set([
  'master.key',
  'lock.db',
  'lock.pid',
  'tenants',
  'lost+found',
  restoreMarker,
]);
/** No backup writes outside the folder. */
const partName =
  /^(?:registry\.db|audit\.db|demo-tenant|demo-hospital\.json|master\.key|archive\/(?:settle|archive-\d{4,6}-\d\d)\.db|tenants\/[0-9a-z][0-9a-z-]{0,63}\.db)$/;

/** @throws Fault `conflict` for a folder with anything in it but the rest of a restore that was cut off */
export function checkEmptyFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, restoreMarker))) return;
  const other = readdirSync(folder).find((name) => !allowed.has(name));
  const holds = other ?? (readsTenants(folder) ? 'tenants' : undefined);
  if (holds === undefined) return;
  throw fault('conflict', `${folder} is not empty (${holds}): a backup is restored into an empty folder only`);
}

function readsTenants(folder: string): boolean {
  const tenants = join(folder, 'tenants');
  return existsSync(tenants) && readdirSync(tenants).length > 0;
}

/** Sets the marker, and takes away what a restore before has left. The folder is held by this process. */
export async function beginRestore(folder: string): Promise<void> {
  const again = existsSync(join(folder, restoreMarker));
  const marker = await open(join(folder, restoreMarker), 'w', 0o600);
  await marker.sync();
  await marker.close();
  await syncFolder(folder);
  if (!again) return;
  for (const name of readdirSync(folder)) {
    if (!['master.key', 'lock.db', 'lock.pid', restoreMarker].includes(name))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Takes the marker away: from now on the folder is an installation. */
export async function endRestore(folder: string): Promise<void> {
  await rm(join(folder, restoreMarker));
  await syncFolder(folder);
}

/**
 * Writes the parts of a backup into the folder, those that `wanted` names; each is synced. Resolves with the manifest, which
 * says that the backup was whole. `told` is called now and then.
 * @throws Fault `backup-damaged`, `disk-full`, `store-unavailable`
 */
export async function unpackInto(
  folder: string,
  reader: BackupReader,
  secret: BackupSecret,
  wanted: (name: string) => boolean,
  told: () => void,
): Promise<BackupManifest> {
  const folders = new Set([folder]);
  const events = reader.read(secret);
  let file: FileHandle | undefined;
  let path = folder;
  try {
    for (;;) {
      const next = await events.next();
      if (next.done === true) {
        for (const each of folders) await syncFolder(each);
        return next.value;
      }
      const event = next.value;
      told();
      if (event.kind === 'part') {
        if (!partName.test(event.name))
          throw fault('backup-damaged', `the backup has a part ${event.name}, which no Wardline writes`);
        if (!wanted(event.name)) continue;
        path = join(folder, event.name);
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        folders.add(dirname(path));
        file = await open(`${path}.part`, 'w', 0o600);
      } else if (event.kind === 'data') await file?.writeFile(event.bytes);
      else if (file !== undefined) {
        await file.sync();
        await file.close();
        file = undefined;
        await rename(`${path}.part`, path);
      }
    }
  } catch (error) {
    throw diskFault(error, folder);
  } finally {
    await file?.close();
  }
}
