/** How many documents of a type are shown, as they were counted a while ago: counting some millions takes seconds. */
import { byIndex } from './by-index.js';
import type { TenantDatabase } from './tenant-databases.js';

/** Milliseconds after which a number that is asked for is counted anew. */
const fresh = 15_000;
/** Milliseconds after which it is good for nothing. */
const good = 600_000;
/** Milliseconds for counting, which nobody waits for. */
const countingFor = 60_000;

interface Counted {
  readonly total: number;
  /** By the monotonic clock, when counting began. */
  readonly at: number;
}

export class TypeTotals {
  readonly #counted = new Map<string, Counted>();
  /** Those that are being counted: one at a time of a database. */
  readonly #counting = new Set<string>();

  /** Whether it is known that counting the type takes long. */
  has(database: TenantDatabase, type: string): boolean {
    return this.#counted.has(`${database.name}/${type}`);
  }

  /** The number counted within the last ten minutes, if any. What is older than some seconds is counted again meanwhile. */
  known(database: TenantDatabase, type: string): number | undefined {
    const name = `${database.name}/${type}`;
    const counted = this.#counted.get(name);
    const age = counted === undefined ? Number.POSITIVE_INFINITY : performance.now() - counted.at;
    if (age > fresh && !this.#counting.has(database.name)) void this.#count(database, type, name);
    return age > good ? undefined : counted?.total;
  }

  /** A count that fails is made again when the number is next asked for. */
  async #count(database: TenantDatabase, type: string, name: string): Promise<void> {
    this.#counting.add(database.name);
    const at = performance.now();
    try {
      this.#counted.set(name, { total: await countType(database, type), at });
    } catch {
      this.#counted.delete(name);
    } finally {
      this.#counting.delete(database.name);
    }
  }
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
