/**
 * Finds documents whose search values are of another edition, and replaces these. They are found by an index that holds them alone: it is
 * made by the first look for an edition, holds less with every document that is done, whatever process writes one of
 * another edition puts it there, and where nothing is left to do it costs nothing.
 */
import { type AnyBulkWriteOperation, type Filter, MongoBulkWriteError } from 'mongodb';
import type { OtherEditionPage, Reindexed, ReindexResult, StoredEditions } from '../reindex-port.js';
import {
  nameOf,
  type ResourceRecord,
  resourceFormat,
  type ShownRecord,
  shownFields,
  toShown,
} from './document-shape.js';
import { indexFields } from './index-fields.js';
import type { IndexChoice } from './indexes.js';
import { mayLackIndex } from './mongo-errors.js';
import { putBack } from './outside-values.js';
import type { TenantDatabase } from './tenant-databases.js';

/** What an index begins with that was made for an edition. */
const indexName = 'not-of-edition-';

/** True for an index that belongs to re-indexing, of whatever edition. */
export function isEditionIndex(name: string): boolean {
  return name.startsWith(indexName);
}

/** Those that searches find by values of another edition. Literally the expression of the index, so that it may be used. */
function ofOtherEdition(edition: number): Filter<ResourceRecord> {
  const without: object = { edition: null };
  return {
    shown: 1,
    $or: [without, { edition: { $lt: edition } }, { edition: { $gt: edition } }],
  };
}

/** As many documents are counted one by one; of more as many are looked at by chance. */
const mostCounted = 20_000;
const sampled = 2_000;

export async function readEditions({ db, resources }: TenantDatabase): Promise<StoredEditions> {
  const meta = await db.collection<{ _id: string; format: number }>('meta').findOne({ _id: 'resources' });
  const all = await resources.estimatedDocumentCount();
  const estimated = all > mostCounted;
  const groups = await resources
    .aggregate<{ _id: number | null; documents: number }>([
      ...(estimated ? [{ $sample: { size: sampled } }] : []),
      { $match: { shown: 1 } },
      { $group: { _id: '$edition', documents: { $sum: 1 } } },
    ])
    .toArray();
  const times = estimated ? all / sampled : 1;
  const documents = groups
    .map(({ _id, documents: count }) => ({ edition: _id ?? 0, documents: Math.round(count * times) }))
    .sort((a, b) => a.edition - b.edition);
  return { format: { found: meta?.format ?? resourceFormat, known: resourceFormat }, documents, estimated };
}

/** Makes the index of an edition, beside those of others: processes of another edition may be at work. */
export async function makeEditionIndex({ resources }: TenantDatabase, edition: number): Promise<void> {
  await resources.createIndexes([
    {
      name: `${indexName}${edition}`,
      key: { shown: 1, _id: 1 },
      partialFilterExpression: ofOtherEdition(edition),
    },
  ]);
}

export async function readOtherEditions(
  database: TenantDatabase,
  edition: number,
  after: string | undefined,
  limit: number,
): Promise<OtherEditionPage> {
  const read = (): Promise<ShownRecord[]> =>
    database.resources
      .find<ShownRecord>(ofOtherEdition(edition), {
        projection: shownFields,
        hint: `${indexName}${edition}`,
        // places of the index itself; a condition on the name would read all of it and sort
        min: { shown: 1, _id: `${after ?? ''}\u0000` },
        limit,
      })
      .toArray();
  const found = await read().catch(async (error: unknown) => {
    // somebody has removed it
    if (!mayLackIndex(error)) throw error;
    await makeEditionIndex(database, edition);
    return read();
  });
  const documents = [...(await putBack(database.contents, found))].map(toShown);
  return { documents, next: found.length < limit ? undefined : found.at(-1)?._id };
}

export async function reindexDocuments(
  { resources }: TenantDatabase,
  documents: readonly Reindexed[],
  choice: IndexChoice,
): Promise<ReindexResult[]> {
  if (documents.length === 0) return [];
  const operations = documents.map((one): AnyBulkWriteOperation<ResourceRecord> => {
    const { type, id, revision, values, sortDate, edition } = one;
    const fields = { ...indexFields(type, { values, edition }, choice), ...(sortDate === null ? {} : { sortDate }) };
    const gone = ['values', 'refs', 'tokens', 'texts', 'dates', 'sortDate'].filter((name) => !(name in fields));
    const update = [
      // a pipeline, as the place in the order may rest on what is stored; no value is read as an expression
      { $unset: [...gone, ...Object.keys(fields)] },
      { $set: { ...literal(fields), sortKey: sortDate === null ? '$lastUpdated' : { $literal: sortDate } } },
    ];
    return { updateOne: { filter: { _id: nameOf(type, id), revision, shown: 1 }, update } };
  });
  let refused: ReadonlySet<number> = new Set();
  try {
    const { matchedCount } = await resources.bulkWrite(operations, { ordered: false });
    if (matchedCount === operations.length) return documents.map(() => 'done');
  } catch (error) {
    refused = tooLarge(error);
  }
  // some met another revision: what stands there now tells which
  const names = documents.map(({ type, id }) => nameOf(type, id));
  const found = await resources.find({ _id: { $in: names } }, { projection: { edition: 1 } }).toArray();
  const stored = new Map(found.map(({ _id, edition }) => [_id, edition]));
  return documents.map(({ type, id, edition }, at) => {
    if (refused.has(at)) return 'refused';
    return stored.get(nameOf(type, id)) === edition ? 'done' : 'changed';
  });
}

function literal(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { $literal: value }]));
}

/** BSONObjectTooLarge, and what servers answer where an update makes a document so. */
const tooLargeCodes: ReadonlySet<number | string | undefined> = new Set([10334, 17419, 17420]);

/** The places of updates that would have made their documents too large; throws what else went wrong. */
function tooLarge(error: unknown): ReadonlySet<number> {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || error.result.getWriteConcernError() !== undefined) throw error;
  if (failures.some(({ code }) => !tooLargeCodes.has(code))) throw error;
  return new Set(failures.map(({ index }) => index));
}
