/** Indexes as they are declared, and as they are. */
import { isDeepStrictEqual } from 'node:util';
import { type Db, type IndexDescription, MongoServerError } from 'mongodb';
import { archiveIndexes } from './archive-documents.js';
import { auditIndexes } from './audit.js';
import { partIndexes } from './byte-parts.js';
import { historyIndexes, resourceIndexes } from './indexes.js';
import { processIndexes } from './installation-processes.js';
import { registryIndexes } from './registry.js';
import { isEditionIndex } from './reindex.js';

export interface IndexFault {
  readonly database: string;
  readonly collection: string;
  readonly index: string;
  /** `different`: another key or other options under this name; `extra`: not declared. */
  readonly fault: 'missing' | 'different' | 'building' | 'extra';
}

type Declared = Readonly<Record<string, readonly IndexDescription[]>>;

/** Every index that Wardline makes, by collection: of the installation's database, and of each tenant's. */
export const declaredIndexes: { readonly installation: Declared; readonly tenant: Declared } = {
  installation: {
    ...archiveIndexes,
    ...auditIndexes,
    ...registryIndexes,
    ...processIndexes,
    messageParts: partIndexes,
  },
  tenant: { resources: named(resourceIndexes), history: named(historyIndexes), contents: partIndexes },
};

function named(indexes: Readonly<Record<string, Omit<IndexDescription, 'name'>>>): IndexDescription[] {
  return Object.entries(indexes).map(([name, index]) => ({ ...index, name }));
}

/** What is wrong with the indexes of a database. A collection that is not there yet has none missing. */
export async function indexFaults(db: Db, declared: Declared): Promise<IndexFault[]> {
  const found: IndexFault[] = [];
  for (const [collection, wanted] of Object.entries(declared)) {
    const there = await indexesOf(db, collection);
    if (there === undefined) continue;
    const tell = (index: string, fault: IndexFault['fault']): number =>
      found.push({ database: db.databaseName, collection, index, fault });
    for (const index of wanted) {
      const name = nameOf(index);
      const one = there.find(({ spec }) => spec.name === name);
      if (one === undefined) tell(name, 'missing');
      else if (!isSame(one.spec, index)) tell(name, 'different');
      else if (one.building) tell(name, 'building');
    }
    const names = ['_id_', ...wanted.map(nameOf)];
    for (const { spec } of there) {
      const name = spec.name ?? '';
      if (!names.includes(name) && !isEditionIndex(name)) tell(name, 'extra');
    }
  }
  return found;
}

interface FoundIndex {
  readonly spec: IndexDescription;
  readonly building: boolean;
}

const noSuchCollection = 26;
const unknownField = 40415;

/** undefined for a collection that is not there. */
async function indexesOf(db: Db, collection: string): Promise<FoundIndex[] | undefined> {
  const list = async (options: object): Promise<Entry[]> =>
    db.runCursorCommand({ listIndexes: collection, ...options }).toArray() as Promise<Entry[]>;
  try {
    const entries = await list({ includeIndexBuildInfo: true }).catch((error: unknown) => {
      // a server that does not tell which ones are being built
      if (error instanceof MongoServerError && error.code === unknownField) return list({});
      throw error;
    });
    return entries.map((entry) =>
      'spec' in entry
        ? { spec: entry.spec, building: entry.indexBuildInfo !== undefined }
        : { spec: entry, building: false },
    );
  } catch (error) {
    if (error instanceof MongoServerError && error.code === noSuchCollection) return undefined;
    throw error;
  }
}

type Entry = IndexDescription | { readonly spec: IndexDescription; readonly indexBuildInfo?: unknown };

/** As the server names an index that was given no name. */
function nameOf({ name, key }: IndexDescription): string {
  return name ?? Object.entries(key).flat().join('_');
}

/** Order counts in keys, and not in options. */
function isSame(one: IndexDescription, other: IndexDescription): boolean {
  return (
    JSON.stringify(Object.entries(one.key)) === JSON.stringify(Object.entries(other.key)) &&
    isDeepStrictEqual(optionsOf(one), optionsOf(other))
  );
}

function optionsOf({ unique, sparse, expireAfterSeconds, partialFilterExpression }: IndexDescription) {
  return { unique: unique ?? false, sparse: sparse ?? false, expireAfterSeconds, partialFilterExpression };
}
