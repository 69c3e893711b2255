/** The resource port over one MongoDB database per tenant. */
import type { MongoClient } from 'mongodb';
import type { ReindexPort } from '../reindex-port.js';
import type { ResourcePort, ResourceReader } from '../resource-port.js';
import { readAll, readByKeyRest, readByPatient, readShown, readVersion } from './document-reader.js';
import { readHistory } from './history-reader.js';
import { type IndexChoice, shippedChoice } from './indexes.js';
import { KnownDocuments, keepDocuments } from './known-documents.js';
import { mongoFault } from './mongo-errors.js';
import { ReadLane } from './read-lane.js';
import { makeEditionIndex, readEditions, readOtherEditions, reindexDocuments } from './reindex.js';
import { searchDocuments, usuallyWide } from './search-run.js';
import { Totals } from './search-total.js';
import { type TenantDatabase, TenantDatabases } from './tenant-databases.js';
import { WriteLane } from './write-lane.js';

export interface MongoResourcesOptions {
  /** The client of a tenant's cluster. Whoever makes clients closes them, after the port. */
  readonly clientOf: (tenant: string) => MongoClient;
  /** What names of databases begin with, before the tenant's id; `wardline` when left out. */
  readonly prefix?: string;
  /** For tests: what is indexed, and from how many documents on an order is walked rather than made. */
  readonly choice?: IndexChoice;
  readonly wide?: number;
}

/** What is asked for one tenant, gathered. */
interface Lanes {
  readonly reads: ReadLane;
  readonly writes: WriteLane;
}

/** What calls for one tenant at a time share. */
interface Store {
  readonly databases: TenantDatabases;
  /** Reads from a tenant's database; `none` where there is none. */
  using<T>(tenant: string, none: T, read: (database: TenantDatabase) => Promise<T>): Promise<T>;
}

function storeOf({ clientOf, prefix }: MongoResourcesOptions): Store {
  const databases = new TenantDatabases(clientOf, prefix ?? 'wardline');
  return {
    databases,
    async using(tenant, none, read) {
      const database = await databases.open(tenant);
      if (database === undefined) return none;
      try {
        return await read(database);
      } catch (error) {
        throw mongoFault(error, database.name);
      }
    },
  };
}

/** For processes that only serve: what is read comes without state and touches. */
export function openMongoReader(options: MongoResourcesOptions): ResourceReader {
  return readerOver(storeOf(options), options);
}

/** Nothing is connected or made before the first call for a tenant. */
export function openMongoResources(options: MongoResourcesOptions): ResourcePort & ReindexPort {
  const store = storeOf(options);
  const { databases, using } = store;
  const kept = keepDocuments();
  const lanes = new Map<string, Lanes>();
  const lanesOf = (tenant: string): Lanes => {
    const open = lanes.get(tenant);
    if (open !== undefined) return open;
    const known = new KnownDocuments(kept);
    const made = {
      reads: new ReadLane((names) => using(tenant, new Map(), (database) => known.read(database, names))),
      writes: new WriteLane(() => databases.make(tenant), known, options.choice ?? shippedChoice),
    };
    lanes.set(tenant, made);
    return made;
  };
  return {
    ...readerOver(store, options),
    read: (tenant, type, ids) => lanesOf(tenant).reads.read(type, ids),
    readByKeyRest: (tenant, type, patients, rests) =>
      using(tenant, [], (database) => readByKeyRest(database, type, patients, rests)),
    readByPatient: (tenant, type, patient) => using(tenant, [], (database) => readByPatient(database, type, patient)),
    readAll: (tenant, after, limit) => using(tenant, [], (database) => readAll(database, after, limit)),
    write: (tenant, writes) => lanesOf(tenant).writes.write(writes),
    touch: (tenant, touches) => lanesOf(tenant).writes.touch(touches),
    editions: (tenant) => using(tenant, undefined, readEditions),
    prepareEdition: (tenant, edition) => using(tenant, undefined, (database) => makeEditionIndex(database, edition)),
    otherEditions: (tenant, edition, after, limit) =>
      using(tenant, { documents: [], next: undefined }, (database) =>
        readOtherEditions(database, edition, after, limit),
      ),
    reindex: (tenant, documents) =>
      using(
        tenant,
        documents.map(() => 'changed'),
        (database) => reindexDocuments(database, documents, options.choice ?? shippedChoice),
      ),
    async dropTenant(tenant) {
      await lanes.get(tenant)?.writes.settle();
      // what is known of its documents goes with them
      lanes.delete(tenant);
      await databases.drop(tenant);
    },
    async close() {
      await Promise.all([...lanes.values()].map(({ writes }) => writes.settle()));
      databases.close();
    },
  };
}

function readerOver({ databases, using }: Store, { choice, wide }: MongoResourcesOptions): ResourceReader {
  const settings = { choice: choice ?? shippedChoice, wide: wide ?? usuallyWide, totals: new Totals() };
  return {
    read: (tenant, type, ids) => using(tenant, [], (database) => readShown(database, type, ids)),
    search: (tenant, query, limits) =>
      using(tenant, { documents: [], total: limits.total ? 0 : undefined, next: undefined }, (database) =>
        searchDocuments(database, query, limits, settings),
      ),
    version: (tenant, type, id, version) =>
      using(tenant, undefined, (database) => readVersion(database, type, id, version)),
    history: (tenant, of, page) =>
      using(tenant, { versions: [], total: 0, next: undefined }, (database) => readHistory(database, of, page)),
    async close() {
      databases.close();
    },
  };
}
