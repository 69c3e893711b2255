import assert from 'node:assert/strict';
import { after, test } from 'node:test';
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
    const lasting = [':meta', ':events', ':id', ':stalled-check', ':marker', ':waiting'];
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
}
