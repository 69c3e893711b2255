import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettleState } from '../../src/store/archive-port.js';
import { acknowledged, adt, frame, install } from './installation.js';

const place = { run: 1, number: 1 };

const cases: readonly { readonly asked: string; readonly state: SettleState; readonly answers: readonly string[] }[] = [
  { asked: 'AL', state: 'applied', answers: ['CA M1', 'AA M1'] },
  { asked: 'AL', state: 'filtered', answers: ['CA M1', 'AA M1'] },
  { asked: 'AL', state: 'unmapped', answers: ['CA M1', 'AA M1'] },
  { asked: 'AL', state: 'parked', answers: ['CA M1', 'AE M1'] },
  { asked: 'ER', state: 'parked', answers: ['CA M1', 'AE M1'] },
  { asked: 'ER', state: 'applied', answers: ['CA M1'] },
  { asked: 'SU', state: 'applied', answers: ['CA M1', 'AA M1'] },
  { asked: 'SU', state: 'parked', answers: ['CA M1'] },
  { asked: 'NE', state: 'applied', answers: ['CA M1'] },
];

for (const { asked, state, answers } of cases) {
  test(`MSH-16 ${asked}, ${state}: ${answers.join(', ')}`, async (t) => {
    const here = await install(t);
    const client = await here.client();
    client.write(frame(adt('M1', { 15: 'AL', 16: asked })));
    await client.replies(1);
    here.intake.applicationAcks.onSettled(place, state, 'message-failed at PID-3');
    client.write(frame(adt('M2', { 15: 'AL', 16: 'NE' })));
    const replies = await client.replies(answers.length + 1);
    assert.deepEqual(replies.flatMap(acknowledged), [...answers, 'CA M2']);
    if (answers.includes('AE M1')) assert.match(replies[1] ?? '', /ERR\|\|\|207\^.*\|E\|+message-failed at PID-3/);
  });
}

test('an outcome that is known before the receipt has left waits for it', async (t) => {
  const here = await install(t, {
    parts: ({ queue }) => ({
      queue: {
        async enqueue(items) {
          await queue.enqueue(items);
          for (const { sequence } of items) here.intake.applicationAcks.onSettled(sequence, 'applied', '');
        },
      },
    }),
  });
  const client = await here.client();
  const ids = Array.from({ length: 50 }, (_, n) => `M${n}`);
  client.write(Buffer.concat(ids.map((id) => frame(adt(id, { 15: 'AL', 16: 'AL' })))));
  const answers = (await client.replies(100)).flatMap(acknowledged);
  for (const id of ids) {
    assert.notEqual(answers.indexOf(`CA ${id}`), -1);
    assert.ok(answers.indexOf(`CA ${id}`) < answers.indexOf(`AA ${id}`), id);
  }
  assert.equal(await here.events('application-answer-sent'), 50);
});

test('what settles after its connection is gone is counted as undelivered', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(frame(adt('M1', { 15: 'AL', 16: 'AL' })));
  await client.replies(1);
  client.close();
  await here.reach(() => here.events('application-answer-undelivered'), 1);
  here.intake.applicationAcks.onSettled(place, 'applied', '');
  assert.equal(await here.events('application-answer-sent'), 0);
});

test('a repeat of a settled message gets both answers again', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(frame(adt('M1', { 15: 'AL', 16: 'AL' })));
  await client.replies(1);
  const [row] = await here.rows();
  assert.ok(row);
  const { sequence, tenant } = row;
  await here.archive.settle([
    {
      ...{ tenant: tenant ?? '', sequence, state: 'applied', reason: '', eventTime: 0, authority: 0 },
      ...{ mappingVersion: 1, keys: [], made: [], unwritten: [] },
    },
  ]);
  here.intake.applicationAcks.onSettled(sequence, 'applied', '');
  client.write(frame(adt('M1', { 15: 'AL', 16: 'AL' })));
  assert.deepEqual((await client.replies(4)).flatMap(acknowledged), ['CA M1', 'AA M1', 'CA M1', 'AA M1']);
  assert.equal(here.enqueued.length, 1);
});

test('what is not known to be settled is asked for by turns, until it is', async (t) => {
  const here = await install(t);
  const client = await here.client();
  for (const number of [1, 2, 3, 4, 5]) client.write(frame(adt(`M${number}`, { 15: 'AL', 16: 'AL' })));
  await client.replies(5);
  const { applicationAcks } = here.intake;
  const numbers = (): number[] => applicationAcks.due(2).map(({ number }) => number);
  assert.deepEqual(numbers(), [1, 2]);
  assert.deepEqual(numbers(), [3, 4]);
  applicationAcks.onSettled({ run: 1, number: 5 }, 'applied', '');
  assert.deepEqual(numbers(), [1, 2]);
  for (const number of [1, 2, 3]) applicationAcks.onSettled({ run: 1, number }, 'applied', '');
  assert.deepEqual([numbers(), numbers()], [[4], [4]]);
  assert.equal((await client.replies(9)).length, 9);
});
