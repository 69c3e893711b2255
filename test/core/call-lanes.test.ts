import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Lane, spreadCalls } from '../../src/core/call-lanes.js';

interface Work {
  find(what: string): Promise<string>;
}

interface Hand {
  readonly lane: number;
  readonly what: string;
  resolve(answer: string): void;
  reject(error: Error): void;
}

/** Lanes whose calls are answered by hand, and a clock that is put forward by hand. */
function open(t: TestContext, most: number, failing = false) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const hands: Hand[] = [];
  const working: boolean[] = [];
  let now = 0;
  const lane = (): Lane<Work> => {
    const at = working.push(true) - 1;
    return {
      works: () => working[at] === true,
      calls: {
        find: (what) =>
          new Promise((resolve, reject) => {
            hands.push({ lane: at, what, resolve, reject });
          }),
      },
    };
  };
  let asked = 0;
  const calls = spreadCalls<Work>({
    methods: ['find'],
    first: lane(),
    async more() {
      asked++;
      if (failing) throw new Error('no thread');
      return lane();
    },
    most,
    now: () => now,
  });
  return {
    calls,
    working,
    asked: () => asked,
    /** What is in hand, as `lane:call`. */
    inHand: () => hands.map((hand) => `${hand.lane}:${hand.what}`).join(' '),
    async pass(milliseconds: number) {
      now += milliseconds;
      t.mock.timers.tick(milliseconds);
      await turn();
    },
    async answer(what: string, error?: Error) {
      const at = hands.findIndex((hand) => hand.what === what);
      const [hand] = hands.splice(at, 1);
      if (hand === undefined || at < 0) assert.fail(`${what} is in no hand`);
      if (error === undefined) hand.resolve(what.toUpperCase());
      else hand.reject(error);
      await turn();
    },
  };
}

test('quick calls go to the first, a few at a time, in the order asked', async (t) => {
  const { calls, inHand, answer, pass, asked } = open(t, 3);
  const answers = ['a', 'b', 'c', 'd', 'e', 'f'].map((what) => calls.find(what));
  assert.equal(inHand(), '0:a 0:b 0:c 0:d');
  for (const what of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await pass(40);
    await answer(what);
  }
  assert.deepEqual(await Promise.all(answers), ['A', 'B', 'C', 'D', 'E', 'F']);
  assert.equal(asked(), 0, 'none took long, so no other was started');
});

test('a call that takes long keeps no later one waiting', async (t) => {
  const { calls, inHand, answer, pass, asked } = open(t, 3);
  const long = calls.find('long');
  await pass(60);
  const next = ['a', 'b'].map((what) => calls.find(what));
  await turn();
  assert.equal(inHand(), '0:long 1:a 1:b');
  await answer('a');
  await answer('b');
  await answer('long');
  assert.deepEqual(await Promise.all([long, ...next]), ['LONG', 'A', 'B']);
  void calls.find('c');
  assert.deepEqual([inHand(), asked()], ['0:c', 1]);
});

test('what waits already when a call turns out to take long is handed to another', async (t) => {
  const { calls, inHand, pass, answer } = open(t, 2);
  for (const what of ['long', 'a', 'b', 'c', 'd', 'e']) void calls.find(what);
  assert.equal(inHand(), '0:long 0:a 0:b 0:c');
  await pass(60);
  assert.equal(inHand(), '0:long 0:a 0:b 0:c 1:d 1:e');
  await answer('long');
  void calls.find('f');
  assert.match(inHand(), /0:f$/, 'what it had in hand begins now, and has not taken long');
});

test('with all of them busy for long calls wait for whichever is free first, and no more are started than agreed', async (t) => {
  const { calls, inHand, pass, answer, asked } = open(t, 2);
  void calls.find('one');
  await pass(60);
  void calls.find('two');
  await turn();
  await pass(60);
  const last = calls.find('last');
  await pass(600);
  assert.deepEqual([inHand(), asked()], ['0:one 1:two', 1]);
  await answer('two');
  assert.equal(inHand(), '0:one 1:last');
  await answer('last');
  assert.equal(await last, 'LAST');
});

test('one that is being started anew gets no calls while another works; with none that works it says so', async (t) => {
  const { calls, inHand, pass, working, answer } = open(t, 2);
  void calls.find('long');
  await pass(60);
  void calls.find('a');
  await turn();
  await answer('long');
  working[0] = false;
  const b = calls.find('b');
  assert.equal(inHand(), '1:a 1:b');
  working[1] = false;
  const c = calls.find('c');
  assert.equal(inHand(), '1:a 1:b 0:c');
  await Promise.all([
    assert.rejects(b, /gone/),
    assert.rejects(c, /away/),
    answer('b', new Error('gone')).then(() => answer('c', new Error('away'))),
  ]);
});

test('where no other can be started the first does all', async (t) => {
  const { calls, inHand, pass, asked, answer } = open(t, 4, true);
  void calls.find('long');
  await pass(60);
  void calls.find('a');
  await pass(60);
  await pass(60);
  assert.deepEqual([inHand(), asked()], ['0:long', 1]);
  await answer('long');
  assert.equal(inHand(), '0:a');
});
