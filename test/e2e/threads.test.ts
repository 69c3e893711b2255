/** Archive commits, searches and transform run beside each other: neither a large result nor costly searches delay an acknowledgement. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type RunningWardline, runWardline } from '../support/running-wardline.js';

const admission = (number: number): string =>
  [
    `MSH|^~\\&|HIS|SOUTH|WARD|LINE|20260301080000||ADT^A08|S${number}|P|2.5.1`,
    `PID|1||P${number}^^^SOUTH^MR||Family^Given`,
    '',
  ].join('\r');

/** Thousands of results in one message. */
function largeResult(number: number, results: number): string {
  const code = (at: number): string => `C${at}^Result ${at}^L`;
  return [
    `MSH|^~\\&|LAB|NORTH|WARD|LINE|20260301080000||ORU^R01|N${number}|P|2.5.1`,
    `PID|1||P${number}^^^NORTH^MR||Family^Given`,
    `OBR|1||F${number}|PANEL^Panel^L|||20260301080000|||||||||||||||||||F`,
    ...Array.from({ length: results }, (_, at) => `OBX|${at + 1}|NM|${code(at)}||${at}|g/dL|||||F`),
    '',
  ].join('\r');
}

/** Sends until `done`, one message after the other; what each took until it was acknowledged, in ms, and what is sent next. */
async function sendUntil(system: RunningWardline, from: number, done: () => boolean): Promise<[number[], number]> {
  const took: number[] = [];
  let next = from;
  do {
    const asked = performance.now();
    assert.match(await system.south.send(admission(next++)), /MSA.AA/);
    took.push(performance.now() - asked);
  } while (!done());
  return [took, next];
}

function told(t: TestContext, what: string, took: readonly number[], whole: number): void {
  const most = Math.max(...took);
  t.diagnostic(
    `${what} ${whole.toFixed(0)} ms; ${took.length} acknowledgements meanwhile, ${most.toFixed(0)} ms at most`,
  );
  assert.ok(took.length > 5, `${took.length} acknowledgements meanwhile`);
  assert.ok(most < whole / 2, `${most} ms of ${whole} ms`);
}

test('an acknowledgement waits for no transform and for no search', { timeout: 240_000 }, async (t) => {
  const system = await runWardline(t);
  await sendUntil(system, 1, () => true);
  await system.settled();

  const started = performance.now();
  let settled = false;
  assert.match(await system.north.send(largeResult(1, 4000)), /MSA.AA/);
  const acknowledged = performance.now() - started;
  const applied = (async () => {
    while (
      (await system.admin.call<{ messages: { state: string }[] }>('GET', '/messages?type=ORU^R01')).messages[0]
        ?.state !== 'applied'
    );
    settled = true;
  })();
  const [during, next] = await sendUntil(system, 100, () => settled);
  await applied;
  const whole = performance.now() - started;
  told(t, 'a large result', during, whole);
  assert.ok(acknowledged < whole / 2, `the large one itself: ${acknowledged} ms of ${whole} ms`);
  await system.settled();

  const client = await system.north.fhir('R4');
  const asked = performance.now();
  let answered = 0;
  const searches = Array.from({ length: 12 }, async () => {
    // every result is looked at, and sorted by what no index has in order
    const { status, body } = await client.get(
      '/Observation?code:not=C1&value-quantity=ge0&_sort=value-quantity&_count=1',
    );
    assert.equal(status, 200);
    assert.equal(body.total, 3999);
    answered++;
  });
  const [meanwhile] = await sendUntil(system, next, () => answered === searches.length);
  await Promise.all(searches);
  told(t, 'searches', meanwhile, performance.now() - asked);
  await system.settled();
});
