/**
 * Two hospitals' random histories, their messages processed in any order, batch and partition, more than once and by
 * workers that fall asleep or die, mapped or recognised: what is shown, all facts and all stamps end the same (convergence.md).
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TenantContext } from '../../src/engine/prepare-batch.js';
import { type HistoryMessage, hospitalHistory } from '../support/hospital-history.js';
import { Random } from '../support/random.js';
import {
  archived,
  type Batch,
  cut,
  experiencedContexts,
  type Facility,
  type Pictures,
  Rehearsal,
  type Row,
} from '../support/rehearsal.js';

const minute = 60_000;
/** How many histories of each kind; more by hand: `WARDLINE_HISTORIES=200 node dist/test/run.js e2e/convergence`. */
const histories = Number(process.env['WARDLINE_HISTORIES'] ?? 6);
/** Messages of each hospital. */
const length = 30;

type Arriving = HistoryMessage & { readonly facility: Facility; readonly arrival: number };

/** Both hospitals' messages as they arrive: most soon, some hours late, some sent a second time under a new number. */
function arrivals(random: Random, length: number): Arriving[] {
  const all: Arriving[] = [];
  for (const facility of ['NORTH', 'SOUTH'] as const) {
    for (const message of hospitalHistory(random, facility, length)) {
      const arrival = message.time + (random.chance(0.3) ? random.below(8 * 60) * minute : random.below(60_000));
      all.push({ ...message, facility, arrival });
      if (random.chance(0.15)) all.push({ ...again(message), facility, arrival: arrival + random.below(600) * minute });
    }
  }
  return all.sort((a, b) => a.arrival - b.arrival);
}

function again(message: HistoryMessage): HistoryMessage {
  return { ...message, text: message.text.replace(/\|P\|2\.5\r/, 'R|P|2.5\r') };
}

/** One worker after the other, each a few messages in order of arrival. */
async function inOrder(t: TestContext, archive: Awaited<ReturnType<typeof archived>>): Promise<Rehearsal> {
  const rehearsal = new Rehearsal(t, archive.archive);
  for (const { tenant, sequence } of archive.rows) await rehearsal.work({ tenant, sequences: [sequence] });
  return rehearsal;
}

/**
 * Shuffled, some of it twice; four workers at a time. Some die between their writes, and their batches are handed out again; some sleep
 * between reading and writing until all others are done, of which the batches of two are handed out again meanwhile.
 */
async function anyhow(
  t: TestContext,
  random: Random,
  archive: Awaited<ReturnType<typeof archived>>,
  contexts?: ReadonlyMap<string, TenantContext>,
): Promise<Rehearsal> {
  const rehearsal = new Rehearsal(t, archive.archive, contexts);
  const rows = random.shuffle<Row>([...archive.rows, ...archive.rows.filter(() => random.chance(0.2))]);
  const batches = cut(random, rows);
  const deaths = new Map(batches.filter(() => random.chance(0.4)).map((batch) => [batch, random.below(3)]));
  const slow = batches.slice(2, 6);
  const sleepers = [
    ...(await Promise.all(batches.slice(0, 2).map((batch) => rehearsal.workAndSleep(batch)))),
    ...(await Promise.all(slow.map((batch) => rehearsal.workAndSleep(batch, random.below(2))))),
  ];
  const waiting: Batch[] = batches.filter((batch) => !slow.includes(batch));
  const worker = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const death = deaths.get(batch);
      if (death !== undefined) await rehearsal.workAndDie(batch, death);
      await rehearsal.work(batch);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  for (const wake of random.shuffle(sleepers)) await wake();
  return rehearsal;
}

function assertSame(actual: Pictures, expected: Pictures, what: string): void {
  for (const facility of ['NORTH', 'SOUTH'] as const) {
    assert.deepEqual(Object.keys(actual[facility]).sort(), Object.keys(expected[facility]).sort(), what);
    for (const [name, picture] of Object.entries(expected[facility])) {
      assert.deepEqual(actual[facility][name], picture, `${what}: ${name} of ${facility}`);
    }
  }
}

test('whatever the order of processing, the hospitals end the same', { timeout: histories * 120_000 }, async (t) => {
  for (let seed = 1; seed <= histories; seed++) {
    const random = new Random(seed);
    const archive = await archived(t, arrivals(random, length));
    const first = await inOrder(t, archive);
    const expected = await first.pictures();
    assert.ok(Object.keys(expected.NORTH).length > 10 && Object.keys(expected.SOUTH).length > 10);
    const states = new Set(first.states.values());
    assert.deepEqual([...states], ['applied'], `seed ${seed}`);
    assertSame(await (await anyhow(t, random, archive)).pictures(), expected, `seed ${seed}, mapped`);
    const { contexts, mapped } = await experiencedContexts(archive.archive, archive.rows);
    assertSame(await (await anyhow(t, random, archive, contexts)).pictures(), expected, `seed ${seed}, recognised`);
    // an event that says when by its own time is mapped
    assert.ok(mapped() > 0 && mapped() < archive.rows.length, `seed ${seed}: ${mapped()} of ${archive.rows.length}`);
  }
});

test('whatever the order of arrival, with all event times distinct, what is shown ends the same', {
  timeout: histories * 120_000,
}, async (t) => {
  for (let seed = 1001; seed <= 1000 + histories; seed++) {
    const random = new Random(seed);
    const messages = (['NORTH', 'SOUTH'] as const).flatMap((facility) =>
      hospitalHistory(random, facility, length).map((message) => ({ ...message, facility })),
    );
    const start = Math.max(...messages.map(({ time }) => time));
    const arriving = (order: typeof messages): Arriving[] =>
      order.map((message, index) => ({ ...message, arrival: start + index * 1000 }));
    const expected = (await (await inOrder(t, await archived(t, arriving(messages)))).pictures()) as Pictures;
    for (let round = 1; round <= 2; round++) {
      const archive = await archived(t, arriving(random.shuffle(messages)));
      const pictures = await (await anyhow(t, random, archive)).pictures();
      assertSame(withoutArrival(pictures), withoutArrival(expected), `seed ${seed}, round ${round}`);
    }
  }
});

/** Stamps with authority and event time alone: the place in the archive is what differs. */
function withoutArrival(pictures: Pictures): Pictures {
  const strip = (all: Pictures[Facility]): Pictures[Facility] =>
    Object.fromEntries(
      Object.entries(all).map(([name, picture]) => {
        const registers = (picture['registers'] as string[]).map((text) => text.replace(/,[\d,]*$/, ''));
        return [name, { ...picture, registers }];
      }),
    );
  return { NORTH: strip(pictures.NORTH), SOUTH: strip(pictures.SOUTH) };
}
