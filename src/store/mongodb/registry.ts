/**
 * The registry in a database of MongoDB, changed by compare-and-set on one document, the head, and without transactions.
 *
 * The head holds the generation, the numbers that are given out, and the changes that are not in their collections yet. A change is
 * made by the one write that raises the generation and puts it into the head; carrying it over to its collection is done right
 * after, by whoever comes first, and may be done twice. So a change is there for all processes, whole, with its generation, or not
 * at all, wherever a process dies.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Db, type IndexDescription, ObjectId } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type {
  ClientRecord,
  MappingVersionRecord,
  ProcessRecord,
  RegistryPort,
  RegistrySnapshot,
  SigningKeyRecord,
  TenantRecord,
} from '../registry-port.js';
import { keepsItsNature } from '../tenant-record.js';
import { InstallationProcesses } from './installation-processes.js';
import { fromMongo, isDuplicateError } from './mongo-errors.js';
import {
  type Change,
  type Kind,
  type PendingChange,
  type RegistryCollections,
  type RegistryHead,
  registryCollections,
  registryFormat,
} from './registry-documents.js';
import { restoreMark } from './restore-mark.js';

/** The indexes, by collection. */
export const registryIndexes = {
  mappings: [{ key: { number: -1 } }],
  usedIds: [{ key: { expires: 1 }, expireAfterSeconds: 0 }],
} as const satisfies Record<string, readonly IndexDescription[]>;

const begin: Omit<RegistryHead, '_id'> = {
  ...{ format: registryFormat, generation: 0, runs: 0, mappingVersion: 0, mappingHash: '', pending: [] },
};

/** Milliseconds that a linearizable read may take: it waits for a majority. */
const patience = 5_000;

/** Opens the registry in this database and makes its indexes. @throws Fault `store-unavailable`, `format-too-new`, `restore-unfinished` */
export async function openMongoRegistry(db: Db): Promise<RegistryPort> {
  const registry = new MongoRegistry(db);
  await fromMongo(() => registry.prepare());
  return registry;
}

class MongoRegistry implements RegistryPort {
  readonly #db: Db;
  readonly #head: RegistryCollections['head'];
  readonly #records: RegistryCollections['records'];
  readonly #mappings: RegistryCollections['mappings'];
  readonly #settings: RegistryCollections['settings'];
  readonly #usedIds: RegistryCollections['usedIds'];
  readonly #installation: InstallationProcesses;

  constructor(db: Db) {
    this.#db = db;
    this.#installation = new InstallationProcesses(db);
    const collections = registryCollections(db);
    this.#head = collections.head;
    this.#records = collections.records;
    this.#mappings = collections.mappings;
    this.#settings = collections.settings;
    this.#usedIds = collections.usedIds;
  }

  async prepare(): Promise<void> {
    if (await restoreMark(this.#db))
      throw fault('restore-unfinished', `${this.#db.databaseName} holds a restore that was not finished: run it again`);
    await this.#head.updateOne({ _id: 'head' }, { $setOnInsert: begin }, { upsert: true }).catch(unlessDuplicate);
    const head = await this.#readHead();
    if (head.format > registryFormat)
      throw fault(
        'format-too-new',
        `the registry has format ${head.format} and this program reads up to ${registryFormat}: start the newer Wardline that wrote it`,
      );
    if (head.moving !== undefined) {
      throw fault(
        'installation-moved',
        'an installation is being moved into this database, and not all of it is here: end that with wardline migrate',
      );
    }
    await this.#mappings.createIndexes([...registryIndexes.mappings]);
    await this.#usedIds.createIndexes([...registryIndexes.usedIds]);
    await this.#installation.prepare();
  }

  snapshot(): Promise<RegistrySnapshot> {
    return fromMongo(async () => {
      const head = await this.#settledHead();
      const [tenants, clients, signingKeys] = await Promise.all([
        this.#all<TenantRecord>('tenant'),
        this.#all<ClientRecord>('client'),
        this.#all<SigningKeyRecord>('signingKey'),
      ]);
      return { generation: head.generation, tenants, clients, signingKeys, mappingVersion: head.mappingVersion };
    });
  }

  generation(): Promise<number> {
    return fromMongo(async () => (await this.#readHead()).generation);
  }

  async putTenant(tenant: TenantRecord): Promise<void> {
    await this.#change(async () => {
      const before = await this.#record<TenantRecord>('tenant', tenant.id);
      if (before !== undefined) keepsItsNature(before, tenant);
      return { kind: 'tenant', id: tenant.id, body: plain(tenant) };
    });
  }

  putClient(before: ClientRecord | null, after: ClientRecord): Promise<boolean> {
    return this.#change(async () => {
      const stored = (await this.#record<ClientRecord>('client', after.id)) ?? null;
      if (!isDeepStrictEqual(stored, before === null ? null : plain(before))) return undefined;
      return { kind: 'client', id: after.id, body: plain(after) };
    });
  }

  deleteClient(id: string): Promise<boolean> {
    return this.#delete('client', id);
  }

  async putSigningKey(key: SigningKeyRecord): Promise<void> {
    await this.#change(async () => ({ kind: 'signingKey', id: key.kid, body: plain(key) }));
  }

  async deleteSigningKey(kid: string): Promise<void> {
    await this.#delete('signingKey', kid);
  }

  publishMapping(hash: string, files: Readonly<Record<string, string>>, at: number): Promise<number> {
    return fromMongo(async () => {
      const id = new ObjectId().toHexString();
      let stored = false;
      for (;;) {
        const head = await this.#settledHead();
        if (head.mappingVersion > 0 && head.mappingHash === hash) return head.mappingVersion;
        if (!stored) {
          const text = JSON.stringify(files);
          await this.#mappings.insertOne({ _id: id, number: null, hash, publishedAt: at, files: text });
          stored = true;
        }
        const number = head.mappingVersion + 1;
        const more = { mappingVersion: number, mappingHash: hash };
        if (await this.#commit(head, { kind: 'mapping', id, number }, more)) return number;
      }
    });
  }

  mapping(number: number): Promise<MappingVersionRecord | undefined> {
    return fromMongo(async () => {
      await this.#settledHead();
      const found = await this.#mappings.findOne({ number });
      if (found === null) return undefined;
      const { hash, publishedAt, files } = found;
      return { number, hash, publishedAt, files: JSON.parse(files) as Record<string, string> };
    });
  }

  mappings(limit: number): Promise<readonly Omit<MappingVersionRecord, 'files'>[]> {
    return fromMongo(async () => {
      await this.#settledHead();
      const found = this.#mappings.find({ number: { $gt: 0 } }, { projection: { files: 0 } });
      const newest = await found.sort({ number: -1 }).limit(limit).toArray();
      return newest.map(({ number, hash, publishedAt }) => ({ number: number ?? 0, hash, publishedAt }));
    });
  }

  openRun(_at: number): Promise<number> {
    return fromMongo(async () => {
      const head = await this.#head.findOneAndUpdate(
        { _id: 'head' },
        { $inc: { runs: 1 } },
        { returnDocument: 'after' },
      );
      if (head === null) throw missing();
      return head.runs;
    });
  }

  setting(name: string): Promise<string | undefined> {
    return fromMongo(async () => (await this.#settings.findOne({ _id: name }))?.value);
  }

  async putSetting(name: string, value: string): Promise<void> {
    await fromMongo(() => this.#settings.updateOne({ _id: name }, { $set: { value } }, { upsert: true }));
  }

  useOnce(id: string, expires: number): Promise<boolean> {
    return fromMongo(async () => {
      // one that has expired, and that the server has not removed yet, counts as never used
      const now = new Date();
      const used = { _id: id, expires: new Date(expires) };
      const over = await this.#usedIds.replaceOne({ _id: id, expires: { $lt: now } }, { expires: used.expires });
      if (over.matchedCount === 1) return true;
      try {
        await this.#usedIds.insertOne(used);
        return true;
      } catch (error) {
        if (isDuplicateError(error)) return false;
        throw error;
      }
    });
  }

  lease(name: string, owner: string, milliseconds: number): Promise<boolean> {
    return fromMongo(() => this.#installation.lease(name, owner, milliseconds));
  }

  sayAlive(said: ProcessRecord): Promise<void> {
    return fromMongo(() => this.#installation.sayAlive(said));
  }

  sayGone(run: number): Promise<void> {
    return fromMongo(() => this.#installation.sayGone(run));
  }

  processes(): Promise<readonly (ProcessRecord & { silentFor: number })[]> {
    return fromMongo(() => this.#installation.list());
  }

  /** The client belongs to whoever opened it. */
  async close(): Promise<void> {}

  #delete(kind: Kind, id: string): Promise<boolean> {
    return this.#change(async () =>
      (await this.#record(kind, id)) === undefined ? undefined : { kind, id, body: null },
    );
  }

  /** Makes the change that `decide` finds right over what is stored; again, where another process was faster. */
  #change(decide: () => Promise<Change | undefined>): Promise<boolean> {
    return fromMongo(async () => {
      for (;;) {
        const head = await this.#settledHead();
        const change = await decide();
        if (change === undefined) return false;
        if (await this.#commit(head, change)) return true;
      }
    });
  }

  /** True where the head was as given: the change is made, and no other came between. */
  async #commit(head: RegistryHead, change: Change, more: Partial<Omit<RegistryHead, '_id'>> = {}): Promise<boolean> {
    const generation = head.generation + 1;
    const { matchedCount } = await this.#head.updateOne(
      { _id: 'head', generation: head.generation },
      { $set: { ...more, generation }, $push: { pending: { ...change, generation } } },
    );
    if (matchedCount === 0) return false;
    await this.#settledHead();
    return true;
  }

  /** The head when all its changes are in their collections, so that what is read there is no older than the head. */
  async #settledHead(): Promise<RegistryHead> {
    for (;;) {
      const head = await this.#readHead();
      if (head.pending.length === 0) return head;
      for (const change of head.pending) await this.#carryOver(change);
      // only where nothing came meanwhile: what came is then still to be carried over
      await this.#head.updateOne({ _id: 'head', generation: head.generation }, { $set: { pending: [] } });
    }
  }

  async #carryOver(change: PendingChange): Promise<void> {
    const { id, generation } = change;
    if (change.kind === 'mapping') {
      await this.#mappings.updateOne({ _id: id }, { $set: { number: change.number } });
      return;
    }
    const older = { _id: id, generation: { $lt: generation } };
    const record = { generation, body: change.body };
    // where a newer one stands this would be a second record of the id, and is refused
    await this.#records[change.kind].replaceOne(older, record, { upsert: true }).catch(unlessDuplicate);
  }

  async #readHead(): Promise<RegistryHead> {
    const options = { readConcern: { level: 'linearizable' }, maxTimeMS: patience } as const;
    const head = await this.#head.findOne({ _id: 'head' }, options);
    if (head === null) throw missing();
    return head;
  }

  async #record<T>(kind: Kind, id: string): Promise<T | undefined> {
    return ((await this.#records[kind].findOne({ _id: id }))?.body ?? undefined) as T | undefined;
  }

  async #all<T>(kind: Kind): Promise<T[]> {
    const found = await this.#records[kind]
      .find({ body: { $ne: null } })
      .sort({ _id: 1 })
      .toArray();
    return found.map(({ body }) => body as T);
  }
}

/** What a record is after a round through JSON, so that members that are `undefined` do not count. */
function plain(record: TenantRecord | ClientRecord | SigningKeyRecord): JsonObject {
  return JSON.parse(JSON.stringify(record)) as JsonObject;
}

function missing(): Error {
  return fault('store-unavailable', 'the database has no registry any more');
}

/** Two processes made the same document at the same time, and one did. */
function unlessDuplicate(error: unknown): void {
  if (!isDuplicateError(error)) throw error;
}
