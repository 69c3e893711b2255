import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { BullmqQueue } from '../../../src/queue/bullmq/queue.js';
import { queueSuite } from '../../conformance/queue-suite.js';
import { hasServer } from '../../support/needs.js';
import { type RedisServer, redisFor } from '../../support/redis-server.js';

let server: RedisServer | undefined;
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** The file's own Redis, and a prefix that nobody else uses. */
async function place(): Promise<{ url: string; prefix: string }> {
  server ??= await redisFor({ after: (end) => ends.push(end), skip: () => undefined });
  return { url: server?.url ?? assert.fail('there is no Redis'), prefix: `test-${crypto.randomUUID()}` };
}

async function queueAt(where: { url: string; prefix: string }, lockDuration = 5_000): Promise<BullmqQueue> {
  return new BullmqQueue({ ...where, firstDelay: 1, longestDelay: 4, lockDuration });
}

const found = { after: () => undefined, skip: (reason: string) => test('queue: BullMQ', (t) => t.skip(reason)) };
if (hasServer(found, 'redis-server')) {
  queueSuite('BullMQ', async () => {
    const port = await queueAt(await place());
    return { port, end: () => port.close() };
  });

  test('what is left of a finished batch in Redis is nothing', async () => {
    const where = await place();
    const queue = await queueAt(where);
    let seen = 0;
    await queue.consume(
      async ({ sequences }) => {
        seen += sequences.length;
      },
      { batchSize: 7, concurrency: 4 },
    );
    await queue.enqueue(
      Array.from({ length: 500 }, (_, number) => ({
        tenant: 'north',
        partition: number % 5,
        sequence: { run: 1, number },
      })),
    );
    while ((await queue.depth()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(seen, 500);
    await queue.close();
    const redis = new Redis(where.url);
    const keys = await redis.keys(`{${where.prefix}}*`);
    redis.disconnect();
    const lasting = [':format', ':meta', ':events', ':id', ':stalled-check', ':marker', ':waiting'];
    const left = keys.filter((key) => !lasting.some((end) => key.endsWith(end)));
    assert.deepEqual(left, []);
  });

  test('a failure tells Redis nothing of what was wrong', async () => {
    const where = await place();
    const queue = await queueAt(where);
    let failures = 0;
    const failed = new Promise<void>((resolve) => {
      void queue.consume(
        async () => {
          if (++failures === 3) resolve();
          throw new Error('SECRETNAME');
        },
        { batchSize: 5, concurrency: 1 },
      );
    });
    await queue.enqueue([{ tenant: 'north', partition: 1, sequence: { run: 1, number: 1 } }]);
    await failed;
    const redis = new Redis(where.url);
    for (const key of await redis.keys(`{${where.prefix}}*`)) {
      const text = (await redis.dump(key)) ?? '';
      assert.ok(!text.includes('SECRETNAME'), key);
    }
    redis.disconnect();
    await queue.close();
  });

  test('a job of an older program is handed out, one of a newer format is left to a newer program', async () => {
    const where = await place();
    const [queue, redis] = [await queueAt(where), new Redis(where.url)];
    const jobs = new Queue<object>('work', { connection: redis, prefix: `{${where.prefix}}` });
    const seen: string[] = [];
    try {
      await queue.enqueue([{ tenant: 'north', partition: 1, sequence: { run: 1, number: 1 } }]);
      await queue.enqueue([{ tenant: 'south', partition: 2, sequence: { run: 1, number: 2 } }]);
      const waiting = await jobs.getWaiting();
      const jobOf = (tenant: string) => waiting.find(({ data }) => 'tenant' in data && data.tenant === tenant);
      const [older, newer] = [jobOf('south'), jobOf('north')];
      assert.deepEqual(older?.data, { tenant: 'south', partition: 2, format: 1 });
      await older?.updateData({ tenant: 'south', partition: 2 });
      await newer?.updateData({ tenant: 'north', partition: 1, format: 2 });
      await queue.consume(
        async ({ tenant }) => {
          seen.push(tenant);
        },
        { batchSize: 5, concurrency: 2 },
      );
      const failed = async (): Promise<number> =>
        (await jobs.getJob(newer?.id ?? ''))?.attemptsMade ?? assert.fail('the job is gone');
      while (seen.length === 0 || (await failed()) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(seen, ['south']);
      assert.equal(await queue.depth(), 1);
      await newer?.updateData({ tenant: 'north', partition: 1, format: 1 });
      while ((await queue.depth()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(seen, ['south', 'north']);
    } finally {
      await queue.close();
      await jobs.close();
      redis.disconnect();
    }
  });

  test('a queue of a newer format is refused', async () => {
    const where = await place();
    const [queue, redis] = [await queueAt(where), new Redis(where.url)];
    try {
      assert.deepEqual(await queue.format(), { found: 1, known: 1 });
      await redis.set(`{${where.prefix}}:format`, 2);
      assert.deepEqual(await queue.format(), { found: 2, known: 1 });
      await assert.rejects(
        queue.consume(async () => undefined, { batchSize: 5, concurrency: 1 }),
        { code: 'format-too-new', message: /format 2 and this program reads up to 1/ },
      );
    } finally {
      await queue.close();
      redis.disconnect();
    }
  });
}
