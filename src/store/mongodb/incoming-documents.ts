/** Takes documents and versions of tenants in that another store kept, each tenant's into a database of its own. */
import type { MongoClient } from 'mongodb';
import {
  type ComparedRow,
  hashOfRow,
  type IncomingRows,
  type MovedDocument,
  type MovedVersion,
} from '../moved-rows.js';
import type { ByteParts } from './byte-parts.js';
import { parseState, type ResourceRecord, toRecord, type VersionRecord, versionName } from './document-shape.js';
import { fitRecord, fitVersion, mostBytes, sizeOf, tooLarge } from './fitting.js';
import { insertInOrder, storedRows } from './incoming-rows.js';
import { indexFields } from './index-fields.js';
import { shippedChoice } from './indexes.js';
import { fromMongo } from './mongo-errors.js';
import { nameContent } from './outside-values.js';
import { type TenantDatabase, TenantDatabases } from './tenant-databases.js';

interface DocumentKey {
  readonly type: string;
  readonly id: string;
}

export interface IncomingTenant {
  readonly documents: IncomingRows<MovedDocument, DocumentKey>;
  readonly versions: IncomingRows<MovedVersion, DocumentKey & { readonly version: number }>;
  isEmpty(): Promise<boolean>;
  /** Makes indexes, and says what format it has. */
  finish(): Promise<void>;
  drop(): Promise<void>;
}

export function incomingTenants(client: MongoClient, prefix: string): (tenant: string) => IncomingTenant {
  const databases = new TenantDatabases(() => client, prefix);
  return (tenant) => incomingTenant(databases, tenant);
}

function incomingTenant(databases: TenantDatabases, tenant: string): IncomingTenant {
  const { resources, history, contents }: TenantDatabase = databases.plain(tenant);
  const last = async (collection: typeof resources | typeof history): Promise<readonly string[] | undefined> => {
    const newest = { sort: { _id: -1 }, projection: { _id: 1 } } as const;
    const found = await fromMongo(() => (collection as typeof resources).findOne({}, newest));
    return found?._id.split('/');
  };
  return {
    documents: {
      async last() {
        const [type, id] = (await last(resources)) ?? [];
        return type === undefined || id === undefined ? undefined : { type, id };
      },
      write: (rows) =>
        fromMongo(async () => {
          const outside = new Map<string, Uint8Array>();
          const records = rows.map((row) => fitRecord(documentRecord(row), outside)).map(fitting);
          await writeContents(contents, outside);
          await insertInOrder(resources, records);
        }),
      expected: (row) => comparedDocument(tenant, fitRecord(documentRecord(row), new Map())),
      stored: () =>
        storedRows(resources, { _id: 1 }, async (record) =>
          withContents(contents, record, comparedDocument(tenant, record)),
        ),
    },
    versions: {
      async last() {
        const [type, id, version] = (await last(history)) ?? [];
        return type === undefined || id === undefined ? undefined : { type, id, version: Number(version) };
      },
      write: (rows) =>
        fromMongo(async () => {
          const outside = new Map<string, Uint8Array>();
          const records = rows.map((row) => fitVersion(versionRecord(row), outside)).map(fitting);
          await writeContents(contents, outside);
          await insertInOrder(history, records);
        }),
      expected: (row) => comparedVersion(tenant, fitVersion(versionRecord(row), new Map())),
      stored: () =>
        storedRows(history, { _id: 1 }, async (record) =>
          withContents(contents, record, comparedVersion(tenant, record)),
        ),
    },
    isEmpty: () =>
      fromMongo(async () => (await resources.findOne({})) === null && (await history.findOne({})) === null),
    async finish() {
      await databases.make(tenant);
    },
    drop: () => databases.drop(tenant),
  };
}

/** A document as a write would have left it, but for its versions: all of them are in history. */
function documentRecord({ document, values, edition, sortDate }: Omit<MovedDocument, 'size'>): ResourceRecord {
  const { touches, type } = document;
  const record = toRecord(document, {
    ...{ sortDate: sortDate ?? undefined, carried: undefined },
    indexes: () => indexFields(type, { values, edition }, shippedChoice),
  });
  if (touches.length === 0) return record;
  return {
    ...record,
    touches: touches.map(({ registers, stamp }) => ({ registers, stamp })),
    touched: touches.length,
  };
}

function versionRecord({ version, place }: MovedVersion): VersionRecord {
  const { type, id, lastUpdated } = version;
  return { ...version, _id: versionName(`${type}/${id}`, version.version), at: lastUpdated, place };
}

/** @throws Fault `too-large` */
function fitting<T extends ResourceRecord | VersionRecord>(record: T): T {
  const bytes = sizeOf(record);
  if (bytes > mostBytes) throw tooLarge(record.type, bytes);
  return record;
}

/** Before what names them. */
async function writeContents(contents: ByteParts, outside: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const checkTime = outside.size === 0 ? undefined : await contents.write(outside);
  checkTime?.();
}

/** What stands beside a record is named by its hash: the row is another one where that does not hold. */
async function withContents(
  contents: ByteParts,
  record: ResourceRecord | VersionRecord,
  row: ComparedRow,
): Promise<ComparedRow> {
  const state = 'stateParts' in record && record.stateParts !== undefined ? [record.stateParts] : [];
  for (const named of [...(record.outside ?? []), ...state]) {
    const bytes = await fromMongo(() => contents.read(named));
    if (bytes === undefined || nameContent(bytes, new Map()).name !== named.name)
      return { ...row, hash: hashOfRow('its contents are missing') };
  }
  return row;
}

function comparedDocument(tenant: string, record: ResourceRecord): ComparedRow {
  const hash = hashOfRow({ ...record, state: record.stateParts ?? parseState(record.state) });
  return { key: record._id, tenant, group: record.type, hash };
}

function comparedVersion(tenant: string, record: VersionRecord): ComparedRow {
  return { key: record._id, tenant, group: record.type, hash: hashOfRow(record) };
}
