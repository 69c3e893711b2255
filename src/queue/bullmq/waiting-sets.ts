/** The places that wait in each partition, as sorted sets in Redis, and how many there are in all. */
import type { Redis, Result } from 'ioredis';
import type { Sequence } from '../../core/stamp.js';

type Place = Pick<Sequence, 'run' | 'number'>;

export interface WaitingSets {
  /** Adds places to their partitions; one that waits already, or is being worked on, stays as it is. */
  add(places: ReadonlyMap<string, readonly { readonly sequence: Place }[]>): Promise<void>;
  /** The first ones of a partition in archive order. They stay until they are removed. */
  first(partition: string, count: number): Promise<Place[]>;
  /** Resolves how many are left in the partition. */
  remove(partition: string, places: readonly Place[]): Promise<number>;
  /** Places in all partitions. */
  size(): Promise<number>;
}

declare module 'ioredis' {
  interface RedisCommander<Context> {
    wardlineWait(size: string, set: string, ...members: string[]): Result<number, Context>;
    wardlineDone(size: string, set: string, ...members: string[]): Result<number, Context>;
  }
}

/** Members of one call: Lua takes no more than some thousands at a time. */
const mostMembers = 1_000;

// All have the score 0: Redis orders them by their text, which is archive order.
const waitScript = `
local args = {}
for _, member in ipairs(ARGV) do
  args[#args + 1] = 0
  args[#args + 1] = member
end
local added = redis.call('ZADD', KEYS[2], unpack(args))
if added > 0 then redis.call('INCRBY', KEYS[1], added) end
return added`;

const doneScript = `
local removed = redis.call('ZREM', KEYS[2], unpack(ARGV))
if removed > 0 then redis.call('DECRBY', KEYS[1], removed) end
return redis.call('ZCARD', KEYS[2])`;

/** `prefix` begins every key, with the hash tag that keeps them in one slot of a cluster. */
export function openWaitingSets(redis: Redis, prefix: string): WaitingSets {
  redis.defineCommand('wardlineWait', { numberOfKeys: 2, lua: waitScript });
  redis.defineCommand('wardlineDone', { numberOfKeys: 2, lua: doneScript });
  const size = `${prefix}:waiting`;
  const setOf = (partition: string): string => `${prefix}:waiting:${partition}`;
  return {
    async add(places) {
      const pipeline = redis.pipeline();
      for (const [partition, items] of places) {
        for (let at = 0; at < items.length; at += mostMembers) {
          const members = items.slice(at, at + mostMembers).map(({ sequence }) => memberOf(sequence));
          pipeline.wardlineWait(size, setOf(partition), ...members);
        }
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
    },
    async first(partition, count) {
      const members = await redis.zrange(setOf(partition), '0', String(count - 1));
      return members.map(placeOf);
    },
    async remove(partition, places) {
      let left = 0;
      for (let at = 0; at < places.length; at += mostMembers) {
        const members = places.slice(at, at + mostMembers).map(memberOf);
        left = await redis.wardlineDone(size, setOf(partition), ...members);
      }
      return left;
    },
    async size() {
      return Number((await redis.get(size)) ?? 0);
    },
  };
}

/** A text whose order is that of places: both numbers with as many digits as a safe integer has at most. */
function memberOf({ run, number }: Place): string {
  return `${digits(run)}-${digits(number)}`;
}

function digits(number: number): string {
  return String(number).padStart(16, '0');
}

function placeOf(member: string): Place {
  const [run, number] = member.split('-').map(Number);
  return { run: run ?? 0, number: number ?? 0 };
}
