/** Workers in processes of their own, which are killed and paused, over a Redis that is emptied and goes away. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { BullmqQueue } from '../../../src/queue/bullmq/queue.js';
import type { WorkItem } from '../../../src/queue/queue-port.js';
import { pause } from '../../support/pause.js';
import { ownRedis, type RedisServer } from '../../support/redis-server.js';
import { silentLink } from '../../support/silent-link.js';

interface Told {
  readonly ready?: true;
  readonly begun?: number;
  readonly done?: number;
  readonly numbers?: readonly number[];
  readonly at: number;
}

interface Where {
  readonly url: string;
  readonly prefix: string;
  readonly lockDuration: number;
}

/** What the workers said, in the order in which it came. */
class Record {
  readonly lines: (Told & { readonly worker: number })[] = [];

  times(number: number): number {
    return this.lines.filter(({ done, numbers }) => done !== undefined && numbers?.includes(number) === true).length;
  }

  allDone(numbers: readonly number[]): boolean {
    const done = new Set(this.lines.flatMap((line) => (line.done === undefined ? [] : (line.numbers ?? []))));
    return numbers.every((number) => done.has(number));
  }
}

async function startWorker(t: TestContext, where: Where, record: Record, work: number): Promise<ChildProcess> {
  const entry = fileURLToPath(new URL('./worker.js', import.meta.url));
  const flags = [entry, where.url, where.prefix, String(where.lockDuration), String(work)];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as Told;
      record.lines.push({ ...told, worker: child.pid ?? 0 });
      if (told.ready === true) resolve();
    });
  });
  return child;
}

/** `lockDuration`: short where a claim is to be lost, long where none may be on a machine with much to do. */
async function begin(
  t: TestContext,
  lockDuration = 600,
): Promise<{ server: RedisServer; where: Where; queue: BullmqQueue } | undefined> {
  const server = await ownRedis(t);
  if (server === undefined) return undefined;
  const where = { url: server.url, prefix: 'test', lockDuration };
  const queue = new BullmqQueue(where);
  t.after(() => queue.close());
  return { server, where, queue };
}

async function until(true_: () => boolean | Promise<boolean>, within = 30_000): Promise<void> {
  const end = performance.now() + within;
  while (!(await true_())) {
    assert.ok(performance.now() < end, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const item = (number: number, partitions: number): WorkItem => ({
  tenant: 'north',
  partition: number % partitions,
  sequence: { run: 1, number },
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

test('three workers share the partitions: each message once, no partition at two of them', async (t) => {
  const begun = await begin(t, 30_000);
  if (begun === undefined) return;
  const { where, queue } = begun;
  const record = new Record();
  for (let count = 0; count < 3; count++) await startWorker(t, where, record, 2);
  const numbers = range(0, 1500);
  // many small calls while the workers work: one overlooked would wait for ever
  for (let at = 0; at < numbers.length; at += 25) {
    await Promise.all(numbers.slice(at, at + 25).map((number) => queue.enqueue([item(number, 12)])));
  }
  await until(() => record.allDone(numbers));
  await until(async () => (await queue.depth()) === 0);
  assert.ok(numbers.every((number) => record.times(number) === 1));
  const atWork = new Map<number, number>();
  for (const { begun: began, done, worker } of record.lines.toSorted((a, b) => a.at - b.at)) {
    if (began !== undefined) {
      assert.equal(atWork.get(began), undefined, 'a partition at two workers');
      atWork.set(began, worker);
    } else if (done !== undefined) atWork.delete(done);
  }
  assert.equal(new Set(record.lines.flatMap(({ done, worker }) => (done === undefined ? [] : [worker]))).size, 3);
});

test('what a killed worker had in hand another takes over within seconds', async (t) => {
  const begun = await begin(t);
  if (begun === undefined) return;
  const { where, queue } = begun;
  const record = new Record();
  const killed = await startWorker(t, where, record, 60_000);
  const numbers = range(0, 40);
  await queue.enqueue(numbers.map((number) => item(number, 4)));
  await until(() => record.lines.filter((line) => line.begun !== undefined).length === 4);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const since = performance.now();
  await startWorker(t, where, record, 1);
  await until(() => record.allDone(numbers));
  t.diagnostic(`taken over after ${(performance.now() - since).toFixed(0)} ms, with locks of ${where.lockDuration} ms`);
  await until(async () => (await queue.depth()) === 0);
});

test('a worker that slept past its claim wakes up and harms nothing', async (t) => {
  const begun = await begin(t);
  if (begun === undefined) return;
  const { where, queue } = begun;
  const record = new Record();
  const sleeper = await startWorker(t, where, record, 300);
  const numbers = range(0, 40);
  await queue.enqueue(numbers.map((number) => item(number, 4)));
  await until(() => record.lines.filter((line) => line.begun !== undefined).length === 4);
  sleeper.kill('SIGSTOP');
  await startWorker(t, where, record, 1);
  await until(() => record.allDone(numbers));
  const more = range(40, 80);
  sleeper.kill('SIGCONT');
  await queue.enqueue(more.map((number) => item(number, 4)));
  await until(() => record.allDone(more));
  await until(async () => (await queue.depth()) === 0);
  assert.ok(numbers.every((number) => record.times(number) >= 1));
});

test('a Redis that is emptied: what is enqueued again is handed out, and the depth stays right', async (t) => {
  const begun = await begin(t);
  if (begun === undefined) return;
  const { server, where, queue } = begun;
  const record = new Record();
  await startWorker(t, where, record, 20);
  const numbers = range(0, 400);
  await queue.enqueue(numbers.map((number) => item(number, 4)));
  await until(() => record.lines.length > 10);
  const redis = new Redis(server.url);
  t.after(() => redis.disconnect());
  await redis.flushall();
  // the sweep enqueues what the archive knows to be unsettled
  const left = numbers.filter((number) => record.times(number) === 0);
  await queue.enqueue(left.map((number) => item(number, 4)));
  await until(() => record.allDone(numbers));
  await until(async () => (await queue.depth()) === 0);
});

test('a Redis that was emptied or started anew is told as one that may have lost something, to every process once', async (t) => {
  const begun = await begin(t);
  if (begun === undefined) return;
  const { server, where, queue } = begun;
  const other = new BullmqQueue(where);
  t.after(() => other.close());
  const asked = async (): Promise<boolean[]> => [await queue.lost(), await other.lost()];
  assert.deepEqual(await asked(), [false, false]);
  const redis = new Redis(server.url);
  t.after(() => redis.disconnect());
  await redis.flushall();
  assert.deepEqual(await asked(), [true, true]);
  assert.deepEqual(await asked(), [false, false]);
  await server.process?.end('SIGKILL');
  await assert.rejects(queue.lost(), { code: 'store-unavailable' });
  server.process?.start();
  const back = (): Promise<boolean> =>
    other.depth().then(
      () => true,
      () => false,
    );
  await until(back, 60_000);
  await until(async () => (await queue.lost().catch(() => undefined)) === true, 60_000);
  assert.equal(await other.lost(), true);
  assert.deepEqual(await asked(), [false, false]);
});

test('without Redis enqueuing fails at once, and when it is back the work goes on', async (t) => {
  const begun = await begin(t);
  if (begun === undefined) return;
  const { server, where, queue } = begun;
  const record = new Record();
  await startWorker(t, where, record, 5);
  const numbers = range(0, 200);
  await queue.enqueue(numbers.map((number) => item(number, 4)));
  await until(() => record.lines.length > 5);
  await server.process?.end('SIGKILL');
  const asked = performance.now();
  await assert.rejects(queue.enqueue([item(1000, 4)]), { code: 'store-unavailable' });
  assert.ok(performance.now() - asked < 10_000);
  server.process?.start();
  await until(() => record.allDone(numbers), 60_000);
  await until(() =>
    queue.enqueue([item(1000, 4)]).then(
      () => true,
      () => false,
    ),
  );
  await until(() => record.allDone([1000]));
  await until(async () => (await queue.depth()) === 0);
});

test('a Redis that is gone without a word: connections are made anew, and the work goes on', {
  timeout: 120_000,
}, async (t) => {
  const server = await ownRedis(t);
  if (server === undefined) return;
  const link = await silentLink(t, server.process?.port ?? 0);
  const queue = new BullmqQueue({ url: `redis://127.0.0.1:${link.port}`, prefix: 'silent', silence: 6_000 });
  t.after(() => queue.close());
  const done = new Set<number>();
  await queue.consume(
    async ({ sequences }) => {
      for (const { number } of sequences) done.add(number);
    },
    { batchSize: 10, concurrency: 2 },
  );
  await queue.enqueue([item(1, 4)]);
  await until(() => done.has(1), 60_000);
  link.fallSilent();
  const enqueued = (): Promise<boolean> =>
    queue.enqueue([item(2, 4)]).then(
      () => true,
      () => false,
    );
  await until(enqueued, 60_000);
  await until(() => done.has(2), 60_000);
  // what is in hand is told as done, so it is closed while the server is there
  await queue.close();
});

test('a queue is closed while Redis is gone and a batch is in hand: it waits for the batch, not for Redis', {
  timeout: 120_000,
}, async (t) => {
  const server = await ownRedis(t);
  if (server === undefined) return;
  const queue = new BullmqQueue({ url: server.url, prefix: 'gone' });
  t.after(() => queue.close());
  const hand = new EventEmitter();
  const [begun, ended] = [once(hand, 'begun'), once(hand, 'ended')];
  await queue.consume(
    async () => {
      hand.emit('begun');
      await ended;
    },
    { batchSize: 10, concurrency: 2 },
  );
  await queue.enqueue([item(1, 4)]);
  await begun;
  await server.process?.end('SIGKILL');
  let closed = false;
  const closing = queue.close().then(() => {
    closed = true;
  });
  await pause(100);
  assert.equal(closed, false, 'the batch is waited for');
  hand.emit('ended');
  await closing;
});
