import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { fault } from '../../core/errors.js';

/** A file with this name says that what lies beside it is a restore that has not ended. */
export const restoreMarker = 'restore-unfinished';

/** The data folder, held by this process alone. */
export interface DataFolder {
  readonly path: string;
  /** A path inside. */
  file(...parts: string[]): string;
  release(): void;
}

/**
 * Makes the folder if need be and takes it for this process. The lock is the operating system's (an SQLite file held in
 * an exclusive transaction), so it ends with the process, however that ends. Throws `data-folder-locked`, naming the
 * holder's process id, or `data-folder-unusable`; and `restore-unfinished` unless it is a restore that asks.
 */
export function openDataFolder(path: string, { restoring = false }: { readonly restoring?: boolean } = {}): DataFolder {
  try {
    mkdirSync(join(path, 'tenants'), { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'unknown error';
    throw fault('data-folder-unusable', `the data folder ${path} cannot be made or written (${reason})`);
  }
  const release = takeLock(path);
  if (!restoring && existsSync(join(path, restoreMarker))) {
    release();
    throw fault('restore-unfinished', `the data folder ${path} holds a restore that was not finished: run it again`);
  }
  return { path, file: (...parts) => join(path, ...parts), release };
}

function takeLock(path: string): () => void {
  const pidFile = join(path, 'lock.pid');
  let db: InstanceType<typeof DatabaseSync> | undefined;
  try {
    db = new DatabaseSync(join(path, 'lock.db'));
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    db?.close();
    const { errcode, code } = error as { errcode?: number; code?: string };
    if (errcode === 5 || errcode === 6) {
      throw fault('data-folder-locked', `the data folder ${path} is in use by process ${holder(pidFile)}`);
    }
    throw fault(
      'data-folder-unusable',
      `the data folder ${path} cannot be locked (${errcode ?? code ?? 'unknown error'})`,
    );
  }
  const held = db;
  return () => {
    if (held.isOpen) held.close();
  };
}

function holder(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim() || '(unknown)';
  } catch {
    return '(unknown)';
  }
}
