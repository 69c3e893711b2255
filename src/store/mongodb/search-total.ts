/**
 * The number of all matches of a search: counted, or, where that takes longer than the search may wait for it, estimated from
 * documents drawn at random.
 */
import type { Document } from 'mongodb';
import { alwaysCounted, type FoundTotal, sampleSize, scaledUp } from '../estimated-total.js';
import { byIndex } from './by-index.js';
import { isOutOfTime, isWithoutSample } from './mongo-errors.js';
import type { Access } from './search-plan.js';
import type { TenantDatabase } from './tenant-databases.js';
import type { TypeTotals } from './type-totals.js';

/** Milliseconds left; throws `too-costly` when there are none. */
export type Clock = () => number;

/** Counts as the database counts best: from the index alone where that decides. */
export async function countBy(
  { resources, db }: TenantDatabase,
  access: Access,
  left: Clock,
  limit?: number,
): Promise<number> {
  const answer = await byIndex(access.index, (how) =>
    db.command({
      count: resources.collectionName,
      query: access.filter,
      ...how,
      ...(limit === undefined ? {} : { limit }),
      maxTimeMS: left(),
      readConcern: { level: 'majority' },
    }),
  );
  return Number(answer['n']);
}

/**
 * All matches. With a `countBudget`, in milliseconds, they are counted for so long at most; then about as long is spent on an
 * estimate, and there is no total where that fails, too.
 */
export async function totalBy(
  database: TenantDatabase,
  type: string,
  access: Access,
  left: Clock,
  { countBudget, types }: { readonly countBudget: number | undefined; readonly types: TypeTotals },
): Promise<FoundTotal> {
  if (countBudget === undefined) return { total: await countBy(database, access, left) };
  const isWholeType = access.index === 'order' && !('$and' in access.filter);
  if (isWholeType && types.has(database, type)) {
    const total = types.known(database, type);
    if (total !== undefined) return { total, estimated: true };
  }
  const within = (): number => Math.min(left(), countBudget);
  if (countBudget > 0) {
    try {
      return { total: await countBy(database, access, within) };
    } catch (error) {
      if (!isOutOfTime(error)) throw error;
    }
    const all = await database.resources.estimatedDocumentCount({ maxTimeMS: left() });
    if (all <= alwaysCounted) return { total: await countBy(database, access, left) };
  }
  return estimateBy(database, type, access.filter, countBudget > 0 ? within : left, types);
}

/** A draw from all documents: what the search's type has of it tells how many there are, what matches which share of them. */
async function estimateBy(
  database: TenantDatabase,
  type: string,
  filter: Document,
  within: Clock,
  types: TypeTotals,
): Promise<FoundTotal> {
  const ofType = { type, shown: 1 };
  const count = { $count: 'n' };
  const counts = {
    drawn: [count],
    ofType: [{ $match: ofType }, count],
    found: [{ $match: { $and: [ofType, filter] } }, count],
  };
  try {
    const known = types.known(database, type);
    const all = await database.resources.estimatedDocumentCount({ maxTimeMS: within() });
    const [answer] = await database.resources
      .aggregate<Record<keyof typeof counts, readonly { readonly n: number }[]>>(
        [{ $sample: { size: sampleSize } }, { $facet: counts }],
        { maxTimeMS: within() },
      )
      .toArray();
    const [drawn, inType, found] = [answer?.drawn, answer?.ofType, answer?.found].map((some) => some?.[0]?.n ?? 0);
    const typeTotal = known ?? ((inType ?? 0) / Math.max(drawn ?? 0, 1)) * all;
    return scaledUp({ drawn: inType ?? 0, found: found ?? 0, of: typeTotal });
  } catch (error) {
    if (isOutOfTime(error) || isWithoutSample(error)) return { total: undefined };
    throw error;
  }
}
