/**
 * Records touches within the document that they are of, so that one compare-and-set guards both: a touch is taken only while
 * the document has its revision, and a write replaces a document only while its touches are those that the writer read. In a
 * collection of their own a touch could come between a writer's look and its write, and be lost.
 */
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Touch } from '../resource-port.js';
import { nameOf, type ResourceRecord } from './document-shape.js';
import type { TenantDatabase } from './tenant-databases.js';

interface TouchedDocument {
  readonly name: string;
  readonly revision: number;
  readonly touches: Touch[];
}

/** One flag per touch: whether the document has its revision, and the touch or a higher one of its registers. */
export async function writeTouches({ resources }: TenantDatabase, touches: readonly Touch[]): Promise<boolean[]> {
  if (touches.length === 0) return [];
  const documents = new Map<string, TouchedDocument>();
  for (const touch of touches) {
    const name = nameOf(touch.type, touch.id);
    const key = `${touch.revision} ${name}`;
    const document = documents.get(key) ?? { name, revision: touch.revision, touches: [] };
    document.touches.push(touch);
    documents.set(key, document);
  }
  const operations = [...documents.values()].map(
    ({ name, revision, touches: own }): AnyBulkWriteOperation<ResourceRecord> => ({
      updateOne: { filter: { _id: name, revision }, update: [{ $set: merged(own) }] },
    }),
  );
  const { matchedCount } = await resources.bulkWrite(operations, { ordered: false });
  if (matchedCount === operations.length) return touches.map(() => true);
  // some met another revision: what stands there now tells which
  const names = [...new Set([...documents.values()].map(({ name }) => name))];
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

/** The highest stamp of each set of registers, of those stored and these. */
function merged(touches: readonly Touch[]): object {
  const highest = new Map<string, Touch>();
  for (const touch of touches) {
    const other = highest.get(touch.registers);
    if (other === undefined || compareStamps(touch.stamp, other.stamp) > 0) highest.set(touch.registers, touch);
  }
  const stored = { $ifNull: ['$touches', []] };
  const registers = [...highest.keys()];
  const others = { $filter: { input: stored, cond: { $not: { $in: ['$$this.registers', { $literal: registers }] } } } };
  const own = [...highest.values()].map((touch) => {
    const same = { $filter: { input: stored, cond: { $eq: ['$$this.registers', { $literal: touch.registers }] } } };
    return {
      registers: { $literal: touch.registers },
      // arrays are compared part by part, and none is lower than any
      stamp: { $let: { vars: { same: { $first: same } }, in: { $max: ['$$same.stamp', { $literal: touch.stamp }] } } },
    };
  });
  return {
    touches: { $concatArrays: [others, own] },
    touched: { $add: [{ $ifNull: ['$touched', 0] }, 1] },
  };
}
