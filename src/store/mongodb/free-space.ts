import { type Db, MongoServerError } from 'mongodb';

type Stats = Readonly<Record<string, unknown>>;

const unauthorized = 13;

/**
 * Bytes free on the file system of the primary (of the fullest shard), as `dbStats` tells: `fsTotalSize` less `fsUsedSize`. Undefined where the server does not
 * tell, or not this user. https://www.mongodb.com/docs/manual/reference/command/dbStats/
 * @throws what the driver throws
 */
export async function freeSpaceOf(db: Db): Promise<number | undefined> {
  try {
    return freeIn(await db.command({ dbStats: 1 }));
  } catch (error) {
    if (error instanceof MongoServerError && error.code === unauthorized) return undefined;
    throw error;
  }
}

/** The same of an answer to `dbStats`; a router answers for each of its shards. */
export function freeIn(stats: Stats): number | undefined {
  const shards = stats['raw'] === undefined ? [stats] : Object.values(stats['raw'] as Record<string, Stats>);
  const free = shards.map(freeOf);
  return free.some((bytes) => bytes === undefined) ? undefined : Math.min(...free.map(Number));
}

/** `fsTotalSize` 0 is what services answer that hide their disks. */
function freeOf(stats: Stats): number | undefined {
  const [total, used] = [stats['fsTotalSize'], stats['fsUsedSize']];
  if (typeof total !== 'number' || typeof used !== 'number' || total <= 0) return undefined;
  return Math.max(0, total - used);
}
