/**
 * The number of all matches of a search: counted, or, where that takes longer than the search may wait for it, estimated from
 * documents drawn at random.
 */
import { createHash } from 'node:crypto';
import type { Document } from 'mongodb';
import { alwaysCounted, type FoundTotal, sampleSize, scaledUp } from '../estimated-total.js';
import { byIndex } from './by-index.js';
import { isOutOfTime, isWithoutSample } from './mongo-errors.js';
import type { Access } from './search-plan.js';
import type { TenantDatabase } from './tenant-databases.js';
import { TypeTotals } from './type-totals.js';

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

/** What a reader remembers of totals. */
export class Totals {
  readonly types = new TypeTotals();
  readonly #slow = new Map<string, number>();

  /** Whether counting these took too long in the last minutes. */
  isSlow(database: TenantDatabase, filter: Document): boolean {
    const at = this.#slow.get(nameOf(database, filter));
    return at !== undefined && performance.now() - at < slowFor;
  }

  setSlow(database: TenantDatabase, filter: Document): void {
    const name = nameOf(database, filter);
    if (this.isSlow(database, filter)) return;
    this.#slow.delete(name);
    const [oldest] = this.#slow.keys();
    if (this.#slow.size >= mostSlow && oldest !== undefined) this.#slow.delete(oldest);
    this.#slow.set(name, performance.now());
  }
}

const mostSlow = 500;
/** Milliseconds after which it is tried again whether they can be counted. */
const slowFor = 300_000;

/** Short, and without the values that the search holds. */
function nameOf({ name }: TenantDatabase, filter: Document): string {
  return createHash('sha256')
    .update(`${name} ${JSON.stringify(filter)}`)
    .digest('base64url');
}

/**
 * All matches. With a `countBudget`, in milliseconds, they are counted for so long at most; then twice as long is spent on an
 * estimate, and there is no total where that fails, too.
 */
export async function totalBy(
  database: TenantDatabase,
  type: string,
  access: Access,
  left: Clock,
  { countBudget, totals }: { readonly countBudget: number | undefined; readonly totals: Totals },
): Promise<FoundTotal> {
  if (countBudget === undefined) return { total: await countBy(database, access, left) };
  const most = (times: number): Clock => {
    const budget = countBudget > 0 ? countBudget * times : Number.POSITIVE_INFINITY;
    return () => Math.min(left(), budget);
  };
  if (access.index === 'order' && !('$and' in access.filter)) {
    const known = totals.types.known(database, type);
    if (known !== undefined) return { total: known, estimated: true };
    const total = await withinTime(totals.types.count(database, type), most(3)());
    if (total !== undefined) return { total };
    totals.setSlow(database, access.filter);
  }
  if (countBudget > 0 && !totals.isSlow(database, access.filter)) {
    try {
      return { total: await countBy(database, access, most(1)) };
    } catch (error) {
      if (!isOutOfTime(error)) throw error;
    }
  }
  const all = await database.resources.estimatedDocumentCount({ maxTimeMS: left() });
  if (countBudget > 0 && all <= alwaysCounted) return { total: await countBy(database, access, left) };
  totals.setSlow(database, access.filter);
  return estimateBy(database, type, access.filter, { all, within: most(2), types: totals.types });
}

/** A draw from all documents: what the search's type has of it tells how many there are, what matches which share of them. */
async function estimateBy(
  database: TenantDatabase,
  type: string,
  filter: Document,
  { all, within, types }: { readonly all: number; readonly within: Clock; readonly types: TypeTotals },
): Promise<FoundTotal> {
  const ofType = { type, shown: 1 };
  const count = { $count: 'n' };
  const counts = {
    drawn: [count],
    ofType: [{ $match: ofType }, count],
    found: [{ $match: { $and: [ofType, filter] } }, count],
  };
  try {
    const maxTimeMS = within();
    const known = types.known(database, type);
    // what is counted of it may be there before the draw is
    const counting = known === undefined ? withinTime(types.count(database, type), maxTimeMS) : known;
    const [answer] = await database.resources
      .aggregate<Record<keyof typeof counts, readonly { readonly n: number }[]>>(
        [{ $sample: { size: sampleSize } }, { $facet: counts }],
        { maxTimeMS },
      )
      .toArray();
    const [drawn = 0, inType = 0, found = 0] = [answer?.drawn, answer?.ofType, answer?.found].map((n) => n?.[0]?.n);
    const counted = await Promise.race([counting, Promise.resolve(undefined)]);
    return scaledUp({ drawn: inType, found, of: counted ?? (inType / Math.max(drawn, 1)) * all });
  } catch (error) {
    if (isOutOfTime(error) || isWithoutSample(error)) return { total: undefined };
    throw error;
  }
}

/** What a promise resolves to; undefined when it takes longer, or fails. */
async function withinTime<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
