import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { type KeptThread, keepThread } from '../../src/core/kept-thread.js';
import { type Mortal, mortalMethods } from './mortal-thread.js';

interface Kept extends KeptThread<Mortal> {
  /** What was told, in order. */
  readonly told: string[];
  /** Resolves when this was told so many times. */
  heard(what: string, times: number): Promise<void>;
}

function keep(t: TestContext, options: { refusals?: () => boolean; firstPause?: number } = {}): Kept {
  const { refusals = () => false, firstPause = 1 } = options;
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const tell = (what: string): void => {
    told.push(what);
    for (const look of waiting) look();
  };
  const kept = keepThread<Mortal>({
    entry: new URL('./mortal-thread.js', import.meta.url),
    methods: mortalMethods,
    workerData: () => ({ refuses: refusals() }),
    begin: (calls) => calls.begin(),
    end: (calls) => calls.close(),
    events: {
      lost: (error, times) => tell(`lost ${(error as Error | undefined)?.name} ${times}`),
      back: () => tell('back'),
    },
    posted: (message) => tell(JSON.stringify(message)),
    firstPause,
    longestPause: 4,
  });
  t.after(() => kept.close());
  const heard = (what: string, times: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (told.filter((one) => one.startsWith(what)).length >= times) resolve();
      };
      waiting.push(look);
      look();
    });
  return { ...kept, told, heard };
}

/** The next thread that this process starts. */
async function nextThread(): Promise<Worker> {
  const [worker] = await once(process, 'worker');
  return worker as Worker;
}

test('calls wait for the first thread, and its end is asked for once', async (t) => {
  const kept = keep(t);
  assert.equal(await kept.calls.add(1, 2), 3);
  await Promise.all([kept.close(), kept.close()]);
  assert.deepEqual(kept.told, ['{"closed":true}']);
  await assert.rejects(kept.calls.add(1, 2), { code: 'store-unavailable' });
});

test('an exception that nobody caught: what is under way rejects, a fresh thread answers', async (t) => {
  const kept = keep(t);
  const underWay = kept.calls.wait();
  await assert.rejects(Promise.all([underWay, kept.calls.throwUnseen()]), { code: 'store-unavailable' });
  await kept.heard('back', 1);
  assert.equal(await kept.calls.add(3, 4), 7);
  assert.deepEqual(kept.told, ['lost TypeError 1', 'back']);
});

test('a thread that is ended from outside', async (t) => {
  const first = nextThread();
  const kept = keep(t);
  await kept.start();
  const second = nextThread();
  await (await first).terminate();
  await kept.heard('back', 1);
  assert.ok((await second).threadId > 0);
  assert.deepEqual(kept.told, ['lost undefined 1', 'back']);
});

test('a fresh thread that cannot begin is tried again, and calls reject meanwhile', async (t) => {
  let refuses = false;
  const kept = keep(t, { refusals: () => refuses });
  await kept.start();
  refuses = true;
  await assert.rejects(kept.calls.throwUnseen(), { code: 'store-unavailable' });
  await kept.heard('lost', 3);
  await assert.rejects(kept.calls.add(1, 2), { code: 'store-unavailable' });
  refuses = false;
  await kept.heard('back', 1);
  assert.equal(await kept.calls.add(1, 2), 3);
  assert.deepEqual(kept.told.slice(0, 3), ['lost TypeError 1', 'lost Fault 2', 'lost Fault 3']);
});

test('a first thread that cannot begin is told to who starts it, and not tried again', async (t) => {
  const kept = keep(t, { refusals: () => true });
  await assert.rejects(kept.start(), { code: 'disk-full' });
  await assert.rejects(kept.calls.add(1, 2), { code: 'store-unavailable' });
  assert.deepEqual(kept.told, []);
});

test('closing during a pause starts no further thread', async (t) => {
  const kept = keep(t, { firstPause: 3_600_000 });
  await kept.start();
  await assert.rejects(kept.calls.throwUnseen(), { code: 'store-unavailable' });
  await kept.heard('lost', 1);
  await kept.close();
  assert.deepEqual(kept.told, ['lost TypeError 1']);
});
