/**
 * Writes documents by compare-and-set, many at once, without transactions.
 *
 * A write replaces a document whole where its revision is the expected one and no touch came since it was read. Which of a
 * bulk met their document is told by the unique `_id`: a replacement that meets none is turned into an insert, and that fails.
 * A document carries its newest versions itself; a write first copies those it replaces to history, by names that make
 * a second copy fail. So a version is in the document, in history, or for a moment in both, and never in neither.
 */
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Fault } from '../../core/errors.js';
import type { DocumentWrite } from '../resource-port.js';
import {
  type CarriedVersion,
  nameOf,
  type ResourceRecord,
  toRecord,
  type VersionRecord,
  versionsOf,
} from './document-shape.js';
import { fitRecord, mostBytes, sizeOf, tooLarge } from './fitting.js';
import { type IndexFields, indexFields } from './index-fields.js';
import type { IndexChoice } from './indexes.js';
import type { KnownDocuments, ReplacedRecord } from './known-documents.js';
import { duplicatesOf } from './mongo-errors.js';
import type { TenantDatabase } from './tenant-databases.js';

/** What became of a write; a fault when the document is too large for the database. */
export type WriteResult = boolean | Fault;

/** A document that is replaced; its index fields where the write keeps them. */
type StoredRecord = ReplacedRecord & IndexFields;

interface Prepared {
  readonly at: number;
  readonly write: DocumentWrite;
  readonly record: ResourceRecord;
  /** Versions that the write replaces. */
  readonly past: readonly VersionRecord[];
  /** How often touches of the stored document had changed. */
  readonly touched: number | undefined;
}

/** Documents of one type and id are written in the order given, all others together. */
export async function writeDocuments(
  database: TenantDatabase,
  known: KnownDocuments,
  writes: readonly DocumentWrite[],
  choice: IndexChoice,
): Promise<WriteResult[]> {
  const results: WriteResult[] = writes.map(() => false);
  let left = writes.map((write, at) => ({ write, at }));
  while (left.length > 0) {
    const names = new Set<string>();
    const later: typeof left = [];
    const now = left.filter((one) => {
      const name = nameOf(one.write.document.type, one.write.document.id);
      if (names.has(name)) later.push(one);
      return names.size !== names.add(name).size;
    });
    await writeRound(database, known, now, choice, results);
    left = later;
  }
  return results;
}

async function writeRound(
  database: TenantDatabase,
  known: KnownDocuments,
  writes: readonly { readonly write: DocumentWrite; readonly at: number }[],
  choice: IndexChoice,
  results: WriteResult[],
): Promise<void> {
  const stored = await readStored(
    database,
    known,
    writes.map(({ write }) => write),
  );
  const prepared: Prepared[] = [];
  const contents = new Map<string, Uint8Array>();
  for (const { write, at } of writes) {
    const before = stored.get(nameOf(write.document.type, write.document.id));
    if ((before?.revision ?? 0) !== write.expected || !tookOver(write, before)) continue;
    const { record, ...made } = prepare(write, before, choice);
    const fitting = fitRecord(record, contents);
    const bytes = sizeOf(fitting);
    if (bytes > mostBytes) results[at] = tooLarge(write.document.type, bytes);
    else prepared.push({ at, write, record: fitting, ...made });
  }
  const checkTime = contents.size === 0 ? undefined : await database.contents.write(contents);
  await copyToHistory(
    database,
    prepared.flatMap(({ past }) => past),
  );
  checkTime?.();
  const missed = await replaceAll(database, prepared);
  for (const [index, { at, write, record }] of prepared.entries()) {
    results[at] = !missed.has(index);
    if (!missed.has(index)) known.wrote(write.document, record);
  }
}

/**
 * What the writes need of the documents that they replace. New ones are not looked for, their insert fails when they are there; nor are
 * those that were written here, as the write itself meets none that changed since.
 */
async function readStored(
  { resources }: TenantDatabase,
  known: KnownDocuments,
  writes: readonly DocumentWrite[],
): Promise<ReadonlyMap<string, StoredRecord>> {
  const stored = new Map<string, StoredRecord>();
  const keeping: string[] = [];
  const replacing: string[] = [];
  for (const { expected, values, document } of writes) {
    if (expected === 0) continue;
    const { type, id } = document;
    const own = values === undefined ? undefined : known.replaced(type, id, expected);
    if (own !== undefined) stored.set(own._id, own);
    else (values === undefined ? keeping : replacing).push(nameOf(type, id));
  }
  const read = async (names: string[], projection: Readonly<Record<string, 0>>): Promise<ResourceRecord[]> =>
    names.length === 0 ? [] : resources.find({ _id: { $in: names } }, { projection: { ...projection } }).toArray();
  const found = await Promise.all([
    read(keeping, { state: 0 }),
    read(replacing, { state: 0, values: 0, refs: 0, tokens: 0, texts: 0, dates: 0 }),
  ]);
  for (const record of found.flat()) stored.set(record._id, record);
  return stored;
}

/** True when every stored touch is among those that the writer had read. */
function tookOver({ folded }: DocumentWrite, stored: StoredRecord | undefined): boolean {
  if (stored?.touches === undefined) return true;
  const known = new Set(folded.map(({ registers, stamp }) => `${stamp.join()} ${registers}`));
  return stored.touches.every(({ registers, stamp }) => known.has(`${stamp.join()} ${registers}`));
}

function prepare(
  write: DocumentWrite,
  stored: StoredRecord | undefined,
  choice: IndexChoice,
): Omit<Prepared, 'at' | 'write'> {
  const { document } = write;
  const sortDate = write.sortDate === undefined ? stored?.sortDate : (write.sortDate ?? undefined);
  const same =
    stored !== undefined &&
    stored.version === document.version &&
    stored.lastUpdated === document.lastUpdated &&
    stored.hash === document.hash;
  const keepsVersions = same && !write.newVersion;
  const carried = write.newVersion ? carriedBy(write, stored) : keepsVersions ? stored.carried : undefined;
  const record = toRecord(document, {
    ...{ sortDate, carried },
    indexes: () =>
      write.values === undefined
        ? indexesOf(stored)
        : indexFields(document.type, { ...write, values: write.values }, choice),
  });
  return { record, past: stored === undefined || keepsVersions ? [] : versionsOf(stored), touched: stored?.touched };
}

function indexesOf(stored: StoredRecord | undefined): IndexFields {
  const { edition, values, refs, tokens, texts, dates } = stored ?? {};
  return {
    ...(edition === undefined ? {} : { edition }),
    ...(values === undefined ? {} : { values }),
    ...(refs === undefined ? {} : { refs }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(texts === undefined ? {} : { texts }),
    ...(dates === undefined ? {} : { dates }),
  };
}

let lastPlace = 0;

function carriedBy(write: DocumentWrite, stored: StoredRecord | undefined): CarriedVersion[] {
  const before = stored?.carried?.at(-1)?.place ?? 0;
  return [...write.between, { ...write.document, mappingVersion: write.mappingVersion }].map((made, at) => {
    // the clock may go back, and another process's may be ahead
    lastPlace = Math.max(lastPlace + 1, before + at + 1, Date.now() * 1000);
    const { version, lastUpdated, source, mappingVersion, resource } = made;
    const isLast = at === write.between.length;
    return { version, lastUpdated, source, mappingVersion, place: lastPlace, ...(isLast ? {} : { resource }) };
  });
}

/** Copies versions to history; those that are there already were copied by a write that did not come to its end. */
async function copyToHistory({ history }: TenantDatabase, versions: readonly VersionRecord[]): Promise<void> {
  if (versions.length === 0) return;
  try {
    await history.insertMany([...versions], { ordered: false });
  } catch (error) {
    duplicatesOf(error);
  }
}

/** The places of those that met no document of their revision. */
async function replaceAll({ resources }: TenantDatabase, prepared: readonly Prepared[]): Promise<ReadonlySet<number>> {
  if (prepared.length === 0) return new Set();
  const operations = prepared.map(({ write: { expected }, record, touched }): AnyBulkWriteOperation<ResourceRecord> => {
    const { _id, ...replacement } = record;
    const filter = { _id, revision: expected, touched: touched ?? null };
    return { replaceOne: { filter: filter as object, replacement, upsert: true } };
  });
  try {
    await resources.bulkWrite(operations, { ordered: false });
    return new Set();
  } catch (error) {
    return duplicatesOf(error);
  }
}
