/**
 * Records touches within the document that they are of, so that one compare-and-set guards both: a touch is taken only while
 * the document has its revision, and a write replaces a document only while its touches are those that the writer read. In a
 * collection of their own a touch could come between a writer's look and its write, and be lost.
 */
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Touch } from '../resource-port.js';
import { nameOf, type ResourceRecord } from './document-shape.js';
import type { KnownDocuments } from './known-documents.js';
import type { TenantDatabase } from './tenant-databases.js';

interface TouchedDocument extends Pick<Touch, 'type' | 'id'> {
  readonly revision: number;
  readonly touches: Touch[];
}

/** One flag per touch: whether the document has its revision, and the touch or a higher one of its registers. */
export async function writeTouches(
  database: TenantDatabase,
  known: KnownDocuments,
  touches: readonly Touch[],
): Promise<boolean[]> {
  if (touches.length === 0) return [];
  const documents = new Map<string, TouchedDocument>();
  for (const touch of touches) {
    const key = `${touch.revision} ${nameOf(touch.type, touch.id)}`;
    const { type, id, revision } = touch;
    const document = documents.get(key) ?? { type, id, revision, touches: [] };
    document.touches.push(touch);
    documents.set(key, document);
  }
  const touched = [...documents.values()];
  if (await replaceKnown(database, known, touched)) return touches.map(() => true);
  return merge(database, touched, touches);
}

/**
 * Replaces the touches of documents by those that this process knows of them and the new ones. False when some of them are not known, or have
 * changed since: then all are to be merged with what is there.
 */
async function replaceKnown(
  { resources }: TenantDatabase,
  known: KnownDocuments,
  documents: readonly TouchedDocument[],
): Promise<boolean> {
  const operations: AnyBulkWriteOperation<ResourceRecord>[] = [];
  const taken: (() => void)[] = [];
  for (const { type, id, revision, touches } of documents) {
    const before = known.touchesOf(type, id, revision);
    if (before === undefined) return false;
    const all = [...highest([...before.touches, ...touches]).values()];
    const filter = { _id: nameOf(type, id), revision, touched: before.touched ?? null };
    const touched = (before.touched ?? 0) + 1;
    const stored = all.map(({ registers, stamp }) => ({ registers, stamp }));
    operations.push({ updateOne: { filter: filter as object, update: { $set: { touches: stored, touched } } } });
    taken.push(() => known.touched(type, id, revision, { touches: stored, touched }));
  }
  const { matchedCount } = await resources.bulkWrite(operations, { ordered: false });
  if (matchedCount !== operations.length) return false;
  for (const take of taken) take();
  return true;
}

async function merge(
  { resources }: TenantDatabase,
  documents: readonly TouchedDocument[],
  touches: readonly Touch[],
): Promise<boolean[]> {
  const operations = documents.map(
    ({ type, id, revision, touches: own }): AnyBulkWriteOperation<ResourceRecord> => ({
      updateOne: { filter: { _id: nameOf(type, id), revision }, update: [{ $set: merged(own) }] },
    }),
  );
  const { matchedCount } = await resources.bulkWrite(operations, { ordered: false });
  if (matchedCount === operations.length) return touches.map(() => true);
  // some met another revision: what stands there now tells which
  const names = [...new Set(documents.map(({ type, id }) => nameOf(type, id)))];
  const projection = { revision: 1, touches: 1 };
  const found = await resources.find({ _id: { $in: names } }, { projection }).toArray();
  const stored = new Map(found.map((record) => [record._id, record]));
  return touches.map((touch) => isRecorded(touch, stored.get(nameOf(touch.type, touch.id))));
}

/** A touch that was recorded and is gone again was taken over by a write: false then, as the revision is another. */
function isRecorded(touch: Touch, record: ResourceRecord | undefined): boolean {
  if (record?.revision !== touch.revision) return false;
  const own = record.touches?.find(({ registers }) => registers === touch.registers);
  return own !== undefined && compareStamps(own.stamp, touch.stamp) >= 0;
}

function compareStamps(a: Touch['stamp'], b: Touch['stamp']): number {
  for (const [at, part] of a.entries()) {
    const other = b[at] ?? 0;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

function highest(touches: readonly Touch[]): Map<string, Touch> {
  const found = new Map<string, Touch>();
  for (const touch of touches) {
    const other = found.get(touch.registers);
    if (other === undefined || compareStamps(touch.stamp, other.stamp) > 0) found.set(touch.registers, touch);
  }
  return found;
}

/** The highest stamp of each set of registers, of those stored and these. */
function merged(touches: readonly Touch[]): object {
  const own = highest(touches);
  const stored = { $ifNull: ['$touches', []] };
  const registers = [...own.keys()];
  const others = { $filter: { input: stored, cond: { $not: { $in: ['$$this.registers', { $literal: registers }] } } } };
  const newer = [...own.values()].map((touch) => {
    const same = { $filter: { input: stored, cond: { $eq: ['$$this.registers', { $literal: touch.registers }] } } };
    return {
      registers: { $literal: touch.registers },
      // arrays are compared part by part, and none is lower than any
      stamp: { $let: { vars: { same: { $first: same } }, in: { $max: ['$$same.stamp', { $literal: touch.stamp }] } } },
    };
  });
  return {
    touches: { $concatArrays: [others, newer] },
    touched: { $add: [{ $ifNull: ['$touched', 0] }, 1] },
  };
}
