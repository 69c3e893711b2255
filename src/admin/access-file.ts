import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How to reach the admin API of a running system: lies in its data folder, readable by its owner alone. */
export interface AdminAccess {
  /** `http://127.0.0.1:8081` */
  readonly url: string;
  readonly token: string;
}

export const accessFileName = 'admin-access.json';

/** Writes the file with mode 0600 before anything can be read from it. */
export async function writeAccessFile(dataFolder: string, access: AdminAccess): Promise<void> {
  const file = join(dataFolder, accessFileName);
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, JSON.stringify(access), { mode: 0o600, flag: 'wx' });
  await chmod(fresh, 0o600);
  await rename(fresh, file);
}

export async function removeAccessFile(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, accessFileName), { force: true });
}
