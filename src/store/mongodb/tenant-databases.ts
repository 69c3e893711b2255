/** One database for each tenant, opened by the tenant's id alone: no name comes from anywhere else. */
import { type Collection, type Db, type DbOptions, type MongoClient, ReadConcern } from 'mongodb';
import { fault } from '../../core/errors.js';
import { ByteParts } from './byte-parts.js';
import { type ResourceRecord, resourceFormat, type VersionRecord } from './document-shape.js';
import { historyIndexes, makeIndexes, resourceIndexes } from './indexes.js';
import { isDuplicate, mongoFault } from './mongo-errors.js';

/** Milliseconds after which the format is looked at again: the tenant may have been dropped, or upgraded by a newer program. */
const lookAgain = 10_000;

/** Where a tenant's documents and versions are. */
export interface TenantDatabase {
  readonly name: string;
  readonly db: Db;
  readonly resources: Collection<ResourceRecord>;
  readonly history: Collection<VersionRecord>;
  /** What is too large for documents and versions. */
  readonly contents: ByteParts;
}

interface MetaRecord {
  readonly _id: string;
  readonly format: unknown;
}

interface Opened {
  readonly until: number;
  readonly database: Promise<TenantDatabase | undefined>;
}

export class TenantDatabases {
  readonly #clientOf: (tenant: string) => MongoClient;
  readonly #prefix: string;
  readonly #opened = new Map<string, Opened>();
  /** Tenants whose indexes were seen to be there. */
  readonly #indexed = new Set<string>();
  #closed = false;

  constructor(clientOf: (tenant: string) => MongoClient, prefix: string) {
    if (!/^[a-z][a-z0-9_]{0,19}$/.test(prefix)) throw fault('internal', 'not a prefix of database names');
    this.#clientOf = clientOf;
    this.#prefix = prefix;
  }

  /** The database for reading; undefined when nothing was ever written. */
  async open(tenant: string): Promise<TenantDatabase | undefined> {
    return this.#known(tenant, () => this.#openDatabase(tenant, false));
  }

  /** The database for writing, made for a tenant that has none yet. */
  async make(tenant: string): Promise<TenantDatabase> {
    const known = await this.open(tenant);
    if (known !== undefined) return known;
    const made = await this.#known(tenant, () => this.#openDatabase(tenant, true));
    return made ?? this.make(tenant);
  }

  /** The database as it is, without a look whether it is there and what its format is: for moving a tenant into it. */
  plain(tenant: string): TenantDatabase {
    return this.#database(tenant);
  }

  /** Deletes the database, with all that is in it. */
  async drop(tenant: string): Promise<void> {
    const { name } = this.#database(tenant);
    try {
      await this.#clientOf(tenant)
        .db(name)
        .dropDatabase({ writeConcern: { w: 'majority', journal: true } });
    } catch (error) {
      throw mongoFault(error, name);
    } finally {
      this.#opened.delete(tenant);
      this.#indexed.delete(tenant);
    }
  }

  close(): void {
    this.#closed = true;
    this.#opened.clear();
  }

  /** One look for all who ask at the same time; what is not there, or failed, is looked for again. */
  #known(tenant: string, look: () => Promise<TenantDatabase | undefined>): Promise<TenantDatabase | undefined> {
    if (this.#closed) throw fault('store-unavailable', 'the store is closed');
    const known = this.#opened.get(tenant);
    if (known !== undefined && known.until > performance.now()) return known.database;
    const forget = (): void => {
      if (this.#opened.get(tenant)?.database === database) this.#opened.delete(tenant);
    };
    const database = look();
    this.#opened.set(tenant, { until: performance.now() + lookAgain, database });
    database.then((found) => found ?? forget(), forget);
    return database;
  }

  async #openDatabase(tenant: string, make: boolean): Promise<TenantDatabase | undefined> {
    const database = this.#database(tenant);
    try {
      const meta = this.#clientOf(tenant).db(database.name, concerns).collection<MetaRecord>('meta');
      const found = await meta.findOne({ _id: 'resources' });
      if (found !== null) {
        checkFormat(database.name, found);
        // indexes that this program declares and an older one did not are built while it works
        if (!this.#indexed.has(tenant)) this.#makeIndexes(tenant, database).catch(() => undefined);
        return database;
      }
      // a writer that did not know yet that the database was dropped has made it again, with documents alone
      const document = await database.resources.findOne({}, { projection: { format: 1 } });
      if (document !== null) checkFormat(database.name, document);
      else if (!make) return undefined;
      await this.#makeIndexes(tenant, database);
      await meta.insertOne({ _id: 'resources', format: resourceFormat }).catch((error: { code?: number }) => {
        // another process made it at the same time
        if (!isDuplicate(error.code)) throw error;
      });
      return database;
    } catch (error) {
      throw mongoFault(error, database.name);
    }
  }

  async #makeIndexes(tenant: string, { resources, history }: TenantDatabase): Promise<void> {
    await makeIndexes(resources, resourceIndexes);
    await makeIndexes(history, historyIndexes);
    this.#indexed.add(tenant);
  }

  #database(tenant: string): TenantDatabase {
    if (!/^[0-9a-z][0-9a-z-]{0,39}$/.test(tenant)) throw fault('internal', 'not the id of a tenant');
    const name = `${this.#prefix}-${tenant}`;
    const db = this.#clientOf(tenant).db(name, concerns);
    const resources = db.collection<ResourceRecord>('resources');
    const history = db.collection<VersionRecord>('history');
    return { name, db, resources, history, contents: contentsOf(db, resources, history) };
  }
}

function contentsOf(db: Db, resources: Collection<ResourceRecord>, history: Collection<VersionRecord>): ByteParts {
  return new ByteParts(db, 'contents', async (names) => {
    const named = { contents: { $in: [...names] } };
    const options = { projection: { contents: 1 } };
    // a version that leaves its document meanwhile is in history already
    const documents = await resources.find(named, options).toArray();
    const versions = await history.find(named, options).toArray();
    return new Set([...documents, ...versions].flatMap(({ contents }) => contents ?? []));
  });
}

/**
 * What a majority holds is read, from the primary: then no read is undone by a change of primary, and a revision once read
 * means one content for ever. Writes are confirmed by a majority's journals.
 */
const concerns: DbOptions = {
  readConcern: new ReadConcern('majority'),
  readPreference: 'primary',
  writeConcern: { w: 'majority', journal: true },
  ignoreUndefined: true,
};

function checkFormat(name: string, { format }: Partial<Pick<MetaRecord, 'format'>>): void {
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    throw fault('store-corrupt', `${name} has a format that no Wardline wrote`);
  }
  if (format > resourceFormat) {
    // the program as a whole is not too old, so that messages wait for the right database or program
    throw fault(
      'store-unavailable',
      `${name} has format ${format} and this program reads up to ${resourceFormat}: start the newer Wardline that wrote it`,
    );
  }
}
