import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../src/engine/turns.js';
import type { SettleOutcome } from '../../src/store/archive-port.js';
import { Random } from '../support/random.js';

/** Work that is under way until it is let go on. */
class Work {
  readonly #begun: () => void;
  #end: (() => void) | undefined;

  constructor(begun: () => void) {
    this.#begun = begun;
  }

  readonly run = (): Promise<void> => {
    this.#begun();
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  };

  get underWay(): boolean {
    return this.#end !== undefined;
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}

/** Lets everything go on that only waits for promises. */
const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('turns in any order: some share, who is alone is alone, and nobody overtakes', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const most = 1 + random.below(4);
    const turns = new Turns(most);
    const alone = Array.from({ length: 1 + random.below(12) }, () => random.chance(0.3));
    const begun: number[] = [];
    const works = alone.map((_, at) => new Work(() => begun.push(at)));
    const done = works.map((work, at) => (alone[at] === true ? turns.take(work.run) : turns.share(work.run)));
    for (;;) {
      await rest();
      const underWay = works.flatMap((work, at) => (work.underWay ? [at] : []));
      if (underWay.length === 0) break;
      assert.ok(underWay.length <= (underWay.some((at) => alone[at]) ? 1 : most), `seed ${seed}`);
      works[underWay[random.below(underWay.length)] ?? 0]?.end();
    }
    await Promise.all(done);
    assert.deepEqual(begun, [...alone.keys()], `seed ${seed}`);
  }
});

test('as many share as are allowed to, and one by itself', async () => {
  for (const most of [1, 3]) {
    const turns = new Turns(most);
    const works = Array.from({ length: 5 }, () => new Work(() => undefined));
    const done = works.map((work) => turns.share(work.run));
    for (let left = works.length; left > 0; left--) {
      await rest();
      const underWay = works.filter((work) => work.underWay);
      assert.equal(underWay.length, Math.min(most, left));
      underWay[0]?.end();
    }
    await Promise.all(done);
  }
});

test('work that fails ends its turn', async () => {
  const turns = new Turns(2);
  const failing = (): Promise<never> => Promise.reject(new Error('failed'));
  await assert.rejects(turns.take(failing), /failed/);
  await assert.rejects(turns.share(failing), /failed/);
  assert.equal(await turns.take(async () => 1), 1);
});

test('who listens hears of what shared turns settled before the next turn that is taken alone', async () => {
  const turns = new Turns(3);
  const heard: string[] = [];
  const stop = turns.listen((settled) => heard.push(...settled.map(({ reason }) => reason)));
  const outcome = (reason: string): SettleOutcome => ({
    ...{ tenant: 't', sequence: { arrival: 0, run: 1, number: 1 }, state: 'applied', reason, eventTime: 0 },
    ...{ authority: 0, mappingVersion: 1, keys: [], made: [] },
  });
  const settling = ['a', 'b', 'c'].map((reason) => turns.settling(async () => [outcome(reason)]));
  assert.deepEqual(await turns.take(async () => heard.toSorted()), ['a', 'b', 'c']);
  await Promise.all(settling);
  stop();
  await turns.settling(async () => [outcome('d')]);
  assert.equal(heard.length, 3);
});
