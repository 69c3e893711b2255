/** Collections of an installation in MongoDB, from its database or from a backup of it. */
import type { Db, Document } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { BackupSecret } from '../backup/backup-format.js';
import { BackupReader } from '../backup/backup-reader.js';
import { documentsOf } from './backup-database.js';

export interface SourceDocument {
  /** Of its collection. */
  readonly name: string;
  readonly document: Document;
}

/** What can be read any number of times. */
export interface CollectionSource {
  documents(names: readonly string[]): AsyncGenerator<SourceDocument>;
}

export function databaseSource(db: Db): CollectionSource {
  return {
    async *documents(names) {
      for (const name of names) {
        for await (const document of db.collection(name).find().sort({ _id: 1 })) yield { name, document };
      }
    },
  };
}

/** @throws Fault `usage` for a backup of another store; while it is read `backup-damaged` */
export async function backupSource(
  path: string,
  secretOf: (reader: BackupReader) => BackupSecret,
): Promise<CollectionSource> {
  const opened = async (): Promise<{ readonly reader: BackupReader; readonly secret: BackupSecret }> => {
    const reader = await BackupReader.open(path);
    try {
      if (reader.header.store !== 'mongodb')
        throw fault('usage', `${path} is a backup of an embedded installation: its messages have no place here`);
      const secret = secretOf(reader);
      await reader.tryKey(secret);
      return { reader, secret };
    } catch (error) {
      await reader.close();
      throw error;
    }
  };
  await (await opened()).reader.close();
  return {
    async *documents(names) {
      const { reader, secret } = await opened();
      try {
        let name = '';
        for await (const event of reader.read(secret)) {
          if (event.kind === 'part') name = event.name;
          if (event.kind !== 'data' || !names.includes(name)) continue;
          for (const document of documentsOf(event.bytes)) yield { name, document };
        }
      } finally {
        await reader.close();
      }
    },
  };
}
