/** What there is to say of MongoDB before or beside a running system. Changes nothing, and tells no part of the connection string. */
import { type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import { type Fault, fault } from '../../core/errors.js';
import { masterKeyCheck } from '../master-key.js';
import { editionsSetting } from '../reindex-port.js';
import { archiveFormat } from './archive.js';
import { auditFormat } from './audit.js';
import { resourceFormat } from './document-shape.js';
import { declaredIndexes, type IndexFault, indexFaults } from './inspect-indexes.js';
import { type MongoMember, watchMembers } from './inspect-members.js';
import { mongoFault } from './mongo-errors.js';
import { registryFormat } from './registry-documents.js';

export interface MongoInspection {
  readonly members: readonly MongoMember[];
  /** Undefined when no member takes writes: then nothing else is known. */
  readonly primary: PrimaryInspection | undefined;
}

export interface PrimaryInspection {
  readonly version: string;
  /** Name of the replica set; undefined for a server that is in none. */
  readonly setName: string | undefined;
  /** Why a write that a majority journals is not confirmed; undefined when it is. */
  readonly majority: Fault | undefined;
  /** True once a process has started on the database. */
  readonly installed: boolean;
  readonly formats: readonly { readonly of: string; readonly found: number; readonly known: number }[];
  readonly indexes: readonly IndexFault[];
  /** Tenants that the registry knows. */
  readonly tenants: number;
  /** Databases of tenants, and those of them that no tenant of the registry has. */
  readonly databases: readonly string[];
  readonly strays: readonly string[];
  /** Bytes free where the primary keeps its files; undefined where it does not say. */
  readonly freeBytes: number | undefined;
  /** Sealed by the master key that the installation was made with. */
  readonly masterKeyCheck: string | undefined;
  /** What the setting of the editions says; undefined where there is none. */
  readonly editions: string | undefined;
  /** What the user of the connection string may not look at. */
  readonly refused: readonly string[];
}

interface Wish {
  readonly url: string;
  readonly prefix: string;
  /** Epoch ms of this machine. */
  readonly now: () => number;
  /** Milliseconds in which a server has to be found, and a write to be confirmed. */
  readonly patience: number;
}

/** Databases that are looked at together. */
const together = 8;

/** @throws Fault `store-unavailable` when no server answers or none lets this user in, `config-invalid` for a connection string that is none */
export async function inspectMongo({ url, prefix, now, patience }: Wish): Promise<MongoInspection> {
  const client = openClient(url, patience);
  const members = watchMembers(client, now);
  try {
    const found = await client.connect().then(
      () => undefined,
      (error: unknown) => connectFault(error),
    );
    await members.known(patience);
    const list = members.list();
    if (found !== undefined) {
      if (found.code === 'config-invalid' || list.every(({ state }) => state === 'unreachable') || !noPrimary(list))
        throw found;
      return { members: list, primary: undefined };
    }
    return { members: list, primary: await inspectPrimary(client, prefix, patience) };
  } finally {
    await client.close();
  }
}

function noPrimary(members: readonly MongoMember[]): boolean {
  return members.every(({ state }) => state !== 'primary' && state !== 'alone');
}

function openClient(url: string, patience: number): MongoClient {
  try {
    return new MongoClient(url, {
      appName: 'wardline doctor',
      serverSelectionTimeoutMS: patience,
      connectTimeoutMS: Math.min(patience, 5_000),
      // an answer that was waited for tells no clock
      serverMonitoringMode: 'poll',
      heartbeatFrequencyMS: 500,
      readConcernLevel: 'local',
      readPreference: 'primary',
      maxPoolSize: together,
    });
  } catch {
    throw fault('config-invalid', 'mongodb.url is not a connection string');
  }
}

/** Names that are not resolved are told by the system, not by the driver. */
function connectFault(error: unknown): Fault {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^E[A-Z_]+$/.test(code))
    return fault('config-invalid', `the name in mongodb.url leads nowhere (${code})`);
  return mongoFault(error, 'MongoDB');
}

async function inspectPrimary(client: MongoClient, prefix: string, patience: number): Promise<PrimaryInspection> {
  const db = client.db(prefix);
  const refused: string[] = [];
  const permitted = async <T>(what: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw mongoFault(error, 'MongoDB');
      refused.push(what);
      return undefined;
    }
  };
  const [{ version }, { setName }] = await Promise.all([command(db, { buildInfo: 1 }), command(db, { hello: 1 })]);
  const majority = await tryMajority(db, patience);
  const head = await permitted('the registry', () => db.collection<Head>('head').findOne({ _id: 'head' }));
  const archive = await permitted('the formats', () => db.collection<Format>('formats').findOne({ _id: 'archive' }));
  const audit = await permitted('the formats', () => db.collection<Format>('formats').findOne({ _id: 'audit' }));
  const tenants = await permitted('the tenants', () =>
    db
      .collection<Tenant>('tenants')
      .find({ body: { $ne: null } })
      .map(({ _id }) => _id)
      .toArray(),
  );
  const databases = (await permitted('the list of databases', () => tenantDatabases(db, prefix))) ?? [];
  const check = await permitted('the settings', () =>
    db.collection<Setting>('settings').findOne({ _id: masterKeyCheck }),
  );
  const editions = await permitted('the settings', () =>
    db.collection<Setting>('settings').findOne({ _id: editionsSetting }),
  );
  const formats = [
    ...(head?.format === undefined ? [] : [{ of: 'the registry', found: head.format, known: registryFormat }]),
    ...(archive?.format === undefined ? [] : [{ of: 'the archive', found: archive.format, known: archiveFormat }]),
    ...(audit?.format === undefined ? [] : [{ of: 'the audit', found: audit.format, known: auditFormat }]),
  ];
  const indexes: IndexFault[] = [];
  if (head)
    indexes.push(
      ...((await permitted(`the indexes of ${prefix}`, () => indexFaults(db, declaredIndexes.installation))) ?? []),
    );
  for (let at = 0; at < databases.length; at += together) {
    const looks = databases.slice(at, at + together).map(async (name) => {
      const own = client.db(name);
      const meta = await permitted(`the format of ${name}`, () =>
        own.collection<Format>('meta').findOne({ _id: 'resources' }),
      );
      if (meta?.format !== undefined) formats.push({ of: name, found: meta.format, known: resourceFormat });
      indexes.push(
        ...((await permitted(`the indexes of ${name}`, () => indexFaults(own, declaredIndexes.tenant))) ?? []),
      );
    });
    await Promise.all(looks);
  }
  const known = new Set(tenants?.map((tenant) => `${prefix}-${tenant}`));
  return {
    version: String(version),
    setName: typeof setName === 'string' ? setName : undefined,
    majority,
    installed: Boolean(head),
    formats,
    indexes: indexes.sort((a, b) => (a.database < b.database ? -1 : a.database > b.database ? 1 : 0)),
    tenants: tenants?.length ?? 0,
    databases,
    strays: tenants === undefined ? [] : databases.filter((name) => !known.has(name)),
    freeBytes: await permitted('the free space (dbStats)', () => freeBytes(db)),
    masterKeyCheck: check?.value,
    editions: editions?.value,
    refused,
  };
}

const unauthorized = 13;

type Head = { readonly _id: string; readonly format: number };
type Format = { readonly _id: string; readonly format: number };
type Tenant = { readonly _id: string; readonly body: unknown };
type Setting = { readonly _id: string; readonly value: string };

async function command(db: Db, what: Document): Promise<Document> {
  try {
    return await db.command(what);
  } catch (error) {
    throw mongoFault(error, 'MongoDB');
  }
}

/** A write that changes nothing is confirmed as any other: when a majority has journalled all that was written before it. */
async function tryMajority(db: Db, patience: number): Promise<Fault | undefined> {
  const writeConcern = { w: 'majority', journal: true, wtimeoutMS: patience } as const;
  try {
    await db.collection<Format>('formats').updateOne({ _id: 'doctor' }, { $set: { format: 0 } }, { writeConcern });
    return undefined;
  } catch (error) {
    return mongoFault(error, 'a write that a majority journals');
  }
}

async function tenantDatabases(db: Db, prefix: string): Promise<string[]> {
  const filter = { name: { $regex: `^${prefix}-` } };
  const { databases } = await db
    .admin()
    .command({ listDatabases: 1, nameOnly: true, authorizedDatabases: true, filter });
  return (databases as { name: string }[]).map(({ name }) => name).sort();
}

async function freeBytes(db: Db): Promise<number | undefined> {
  const { fsTotalSize, fsUsedSize } = await db.command({ dbStats: 1 });
  if (typeof fsTotalSize !== 'number' || typeof fsUsedSize !== 'number' || fsTotalSize === 0) return undefined;
  return fsTotalSize - fsUsedSize;
}
