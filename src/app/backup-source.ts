/** What a backup is taken of: files of a data folder, or databases. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { BackupHeader, BackupManifest } from '../store/backup/backup-format.js';
import type { BackupWriter } from '../store/backup/backup-writer.js';
import { backUpFolder, sizeOfFolder } from '../store/embedded/backup-folder.js';
import { restoreMarker } from '../store/embedded/data-folder.js';
import { readRegistryMarks } from '../store/embedded/registry-marks.js';
import { backUpDatabase, countDocuments, readMongoMarks } from '../store/mongodb/backup-database.js';
import { connectMongo } from '../store/mongodb/connection.js';
import { storeChoice } from './store-choice.js';

/** Told how far it is. `all` is an estimate while the system works. */
export type BackupProgress = (done: number, all: number, of: 'MiB' | 'documents' | 'messages') => void;

/** To be closed. */
interface BackupSource {
  readonly store: BackupHeader['store'];
  readonly masterKeyCheck: string;
  write(writer: BackupWriter, told: BackupProgress): Promise<Omit<BackupManifest, 'parts'>>;
  close(): Promise<void>;
}

/** @throws Fault `not-found` where there is no installation, `restore-unfinished`, `store-unavailable` */
export async function openBackupSource(config: Config, contents: 'all' | 'archive'): Promise<BackupSource> {
  const choice = storeChoice(config);
  if (choice.kind === 'embedded') return ofFolder(choice.dataFolder, contents);
  const others = Object.keys(choice.mongodb.clusters);
  if (contents === 'all' && others.length > 0) {
    throw fault(
      'usage',
      `resources in the clusters ${others.join(', ')} would not be in it: back up the archive alone, from which they can be replayed, and those clusters by their own means`,
    );
  }
  return ofDatabase(choice.mongodb, contents);
}

const mebibyte = 1 << 20;

function ofFolder(folder: string, contents: 'all' | 'archive'): BackupSource {
  if (existsSync(join(folder, restoreMarker)))
    throw fault('restore-unfinished', `${folder} holds a restore that was not finished: run it again`);
  const registry = join(folder, 'registry.db');
  if (!existsSync(registry)) throw fault('not-found', `${folder} holds no installation: there is nothing to back up`);
  return {
    store: 'embedded',
    masterKeyCheck: readRegistryMarks(registry).masterKeyCheck,
    async write(writer, told) {
      let done = 0;
      const all = sizeOfFolder(folder, contents);
      return backUpFolder(folder, contents, writer, (bytes) => {
        done += bytes;
        told(done / mebibyte, Math.max(done, all) / mebibyte, 'MiB');
      });
    },
    close: async () => undefined,
  };
}

async function ofDatabase(
  { url, prefix }: { readonly url: string; readonly prefix: string },
  contents: 'all' | 'archive',
): Promise<BackupSource> {
  const client = connectMongo(url);
  try {
    const { masterKeyCheck, tenants } = await readMongoMarks(client.db(prefix));
    return {
      store: 'mongodb',
      masterKeyCheck,
      async write(writer, told) {
        let done = 0;
        const all = await countDocuments(client, prefix, tenants, contents);
        return backUpDatabase(client, prefix, contents, writer, (documents) => {
          done += documents;
          told(done, Math.max(done, all), 'documents');
        });
      },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
