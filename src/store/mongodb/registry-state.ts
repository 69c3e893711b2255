/** A registry as its documents, to be compared with another state of it and put in its place. */
import type { Db, Document } from 'mongodb';
import type { RebuildMarks } from '../backup/rebuild-marks.js';
import { rebuildSetting } from '../backup/rebuild-marks.js';
import { masterKeyCheck } from '../master-key.js';
import type { TenantRecord } from '../registry-port.js';
import { registryCollections } from './backup-database.js';
import type { CollectionSource } from './collection-source.js';
import { fromMongo } from './mongo-errors.js';

export interface RegistryState extends RebuildMarks {
  readonly generation: number;
  /** Empty where there is none yet. */
  readonly masterKeyCheck: string;
  /** Files of a mapping version; none where it is not there. */
  files(version: number): Readonly<Record<string, string>>;
  readonly documents: ReadonlyMap<string, readonly Document[]>;
}

const names = [...registryCollections, 'usedIds', 'mappings', 'head'];

/** Undefined where there is no registry. */
export async function readRegistryState(source: CollectionSource): Promise<RegistryState | undefined> {
  const documents = new Map<string, Document[]>(names.map((name) => [name, []]));
  await fromMongo(async () => {
    for await (const { name, document } of source.documents(names)) documents.get(name)?.push(document);
  });
  const of = (name: string): readonly Document[] => documents.get(name) ?? [];
  const [head] = of('head');
  if (head === undefined) return undefined;
  const setting = (name: string): string | undefined =>
    of('settings').find(({ _id }) => String(_id) === name)?.['value'];
  const tenants = of('tenants').flatMap(({ body }) => (body === null ? [] : [body as TenantRecord]));
  return {
    generation: head['generation'],
    mappingVersion: head['mappingVersion'],
    tenants,
    rebuild: JSON.parse(setting(rebuildSetting) ?? '[]') as string[],
    masterKeyCheck: setting(masterKeyCheck) ?? '',
    files(version) {
      const found = of('mappings').find(({ number }) => number === version);
      return JSON.parse(found?.['files'] ?? '{}') as Record<string, string>;
    },
    documents,
  };
}

/** Puts the documents of a state in place of those of a database that nobody works on. */
export async function replaceRegistry(db: Db, { documents }: RegistryState): Promise<void> {
  await fromMongo(async () => {
    for (const [name, found] of documents) {
      await db.collection(name).deleteMany({});
      if (found.length > 0) await db.collection(name).insertMany([...found]);
    }
  });
}
