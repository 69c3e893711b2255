/** What all that is moved into MongoDB has in common. */
import type { Collection, OptionalUnlessRequiredId } from 'mongodb';
import type { ComparedRow } from '../moved-rows.js';
import { fromMongo, isDuplicateError } from './mongo-errors.js';

/**
 * Inserts documents in their order, so that those which are there are always the first of all, wherever a process is killed. What is
 * there already was written by one that was killed while its last insert was on the way; it may even be going on.
 */
export async function insertInOrder<T extends { readonly _id: number | string }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<void> {
  let left = documents;
  while (left.length > 0) {
    try {
      await collection.insertMany(left as readonly OptionalUnlessRequiredId<T>[], { ordered: true });
      return;
    } catch (error) {
      if (!isDuplicateError(error)) throw error;
      const there = new Set<unknown>();
      const ids = { _id: { $in: left.map(({ _id }) => _id) } };
      for await (const { _id } of collection.find(ids as object, { projection: { _id: 1 } })) there.add(_id);
      left = left.filter(({ _id }) => !there.has(_id));
    }
  }
}

/** All documents of a collection in an order, as rows for comparing. @throws Fault as `mongoFault` makes it */
export async function* storedRows<T extends object>(
  collection: Collection<T>,
  order: Readonly<Record<string, 1>>,
  toRow: (document: T) => ComparedRow | Promise<ComparedRow>,
): AsyncGenerator<ComparedRow> {
  const cursor = collection.find().sort({ ...order });
  try {
    for (;;) {
      const next = await fromMongo(() => cursor.next());
      if (next === null) return;
      yield await toRow(next as T);
    }
  } finally {
    await cursor.close();
  }
}
