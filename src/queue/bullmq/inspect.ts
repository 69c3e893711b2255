/** What there is to say of Redis before or beside a running system. Changes nothing, and tells no part of the URL but host and port. */
import { Redis } from 'ioredis';
import { leastDifference } from '../../core/clock.js';
import { fault } from '../../core/errors.js';

export interface RedisInspection {
  /** `host:port`. */
  readonly address: string;
  readonly version: string;
  /** `master`, or `slave` for a replica, which takes no writes. */
  readonly role: string;
  readonly policy: string;
  /** Bytes; 0 for no limit. */
  readonly mostMemory: number;
  readonly usedMemory: number;
  readonly appendOnly: boolean;
  /** `always`, `everysec`, `no`; undefined where the user may not ask. */
  readonly appendSync: string | undefined;
  /** False when the last write of what it keeps on disk failed. */
  readonly written: boolean;
  readonly loading: boolean;
  /** False when the user may not run scripts. */
  readonly scripts: boolean;
  /** Milliseconds that its clock is ahead of this machine's. */
  readonly ahead: number;
}

interface Wish {
  readonly url: string;
  readonly now: () => number;
  readonly patience: number;
}

/** @throws Fault `store-unavailable` with the code of the failure when it does not answer or refuses this user */
export async function inspectRedis({ url, now, patience }: Wish): Promise<RedisInspection> {
  let failure: unknown;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: patience,
    commandTimeout: patience,
  });
  redis.on('error', (error) => {
    failure = error;
  });
  const address = `${redis.options.host ?? ''}:${redis.options.port ?? ''}`;
  try {
    await redis.connect();
    const info = fieldsOf(await redis.info());
    const asked = now();
    const [seconds = 0, microseconds = 0] = await redis.time();
    const answered = now();
    const number = (name: string): number => Number(info.get(name) ?? 0);
    return {
      address,
      version: info.get('redis_version') ?? '0',
      role: info.get('role') ?? '',
      policy: info.get('maxmemory_policy') ?? '',
      mostMemory: number('maxmemory'),
      usedMemory: number('used_memory'),
      appendOnly: info.get('aof_enabled') === '1',
      appendSync: await redis.config('GET', 'appendfsync').then((found) => (found as string[])[1], unknown),
      written: [info.get('aof_last_write_status'), info.get('rdb_last_bgsave_status')].every(
        (state) => state !== 'err',
      ),
      loading: info.get('loading') === '1',
      scripts: await redis.eval('return 1', 0).then(
        () => true,
        () => false,
      ),
      ahead: leastDifference(Number(seconds) * 1000 + Number(microseconds) / 1000, asked, answered),
    };
  } catch (error) {
    throw fault('store-unavailable', `Redis at ${address} ${whyNot(failure ?? error)}`);
  } finally {
    redis.disconnect();
  }
}

function unknown(): undefined {
  return undefined;
}

/** `name:value`, a line each. */
function fieldsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** By the code of the system or the first word of the server: the rest of its sentence may hold what was sent. */
function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const [word = ''] = message.split(' ');
  if (['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(word)) return `refuses this user (${word})`;
  return `does not answer (${code ?? (/^[A-Z]+$/.test(word) ? word : 'no connection')})`;
}
