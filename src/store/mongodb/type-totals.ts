/** How many documents of a type are shown. Counting some millions takes about a second, so that the number is kept a while then. */
import { byIndex } from './by-index.js';
import type { TenantDatabase } from './tenant-databases.js';

/** Milliseconds after which a number that is asked for is counted anew, in the background. */
const fresh = 15_000;
/** Milliseconds after which it is good for nothing. */
const good = 600_000;
/** What is counted in so many milliseconds is counted each time. */
const quick = 500;
/** Milliseconds for counting; nobody waits so long. */
const countingFor = 60_000;

interface Counted {
  readonly total: number;
  /** By the monotonic clock, when counting began. */
  readonly at: number;
}

export class TypeTotals {
  readonly #counted = new Map<string, Counted>();
  readonly #counting = new Map<string, Promise<number>>();

  /** The number as it was within the last ten minutes, of a type that it takes long to count. */
  known(database: TenantDatabase, type: string): number | undefined {
    const counted = this.#counted.get(nameOf(database, type));
    if (counted === undefined) return undefined;
    const age = performance.now() - counted.at;
    if (age > fresh) this.count(database, type).catch(() => undefined);
    return age > good ? undefined : counted.total;
  }

  /** Counts, once for all who ask meanwhile; it goes on when they wait no longer. */
  count(database: TenantDatabase, type: string): Promise<number> {
    const name = nameOf(database, type);
    const under = this.#counting.get(name);
    if (under !== undefined) return under;
    const counting = this.#count(database, type, name).finally(() => this.#counting.delete(name));
    this.#counting.set(name, counting);
    return counting;
  }

  async #count(database: TenantDatabase, type: string, name: string): Promise<number> {
    const at = performance.now();
    const total = await countType(database, type);
    if (performance.now() - at > quick) this.#counted.set(name, { total, at });
    else this.#counted.delete(name);
    return total;
  }
}

function nameOf({ name }: TenantDatabase, type: string): string {
  return `${name}/${type}`;
}

async function countType({ db, resources }: TenantDatabase, type: string): Promise<number> {
  const answer = await byIndex('order', (how) =>
    db.command({
      count: resources.collectionName,
      query: { type, shown: 1 },
      ...how,
      maxTimeMS: countingFor,
      readConcern: { level: 'majority' },
    }),
  );
  return Number(answer['n']);
}
