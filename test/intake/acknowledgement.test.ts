import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '../../src/core/errors.js';
import type { ListenerSettings } from '../../src/intake/listener-settings.js';
import type { SettleState } from '../../src/store/archive-port.js';
import { acknowledged, adt, frame, type InstallationOptions, install, tenant } from './installation.js';

const other = '99999999-2222-4333-8444-555555555555';
const senders = [
  { msh3: 'LAB', msh4: 'X', tenant: other },
  { msh4: 'NORTH', msh6: 'LINE', tenant },
];

interface AnswerCase {
  readonly name: string;
  readonly listener?: Partial<ListenerSettings>;
  readonly message: string;
  readonly answers: readonly string[];
  readonly kind: string;
  readonly tenant?: string | null;
  readonly enqueued: boolean;
  readonly error?: RegExp;
}

const cases: readonly AnswerCase[] = [
  { name: 'original mode', message: adt('M1'), answers: ['AA M1'], kind: 'message', enqueued: true },
  {
    name: 'enhanced mode by the listener',
    listener: { ack: 'enhanced' },
    message: adt('M1'),
    answers: ['CA M1'],
    kind: 'message',
    enqueued: true,
  },
  {
    name: 'enhanced mode by the message',
    message: adt('M1', { 15: 'AL', 16: 'NE' }),
    answers: ['CA M1'],
    kind: 'message',
    enqueued: true,
  },
  {
    name: 'a blank in MSH-15 asks for nothing',
    message: adt('M1', { 15: ' ' }),
    answers: ['AA M1'],
    kind: 'message',
    enqueued: true,
  },
  {
    name: 'a receipt on error only, rejected',
    listener: { checkVersions: ['2.5.1'] },
    message: adt('M1', { 15: 'ER' }),
    answers: ['CR M1'],
    kind: 'rejected',
    enqueued: false,
    error: /ERR\|\|MSH\^1\^12\|203\^/,
  },
  {
    name: 'no MSH',
    message: 'PID|1||4711\r',
    answers: ['AR'],
    kind: 'rejected',
    enqueued: false,
    error: /ERR\|\|MSH\^1\|100\^/,
  },
  {
    name: 'no MSH-10',
    message: adt(' '),
    answers: ['AR  '],
    kind: 'rejected',
    enqueued: false,
    error: /ERR\|\|MSH\^1\^10\|101\^/,
  },
  {
    name: 'a processing id that is not taken, older layout of ERR',
    listener: { checkProcessingIds: ['P'] },
    message: adt('M1', { 11: 'T', 12: '2.3' }),
    answers: ['AR M1'],
    kind: 'rejected',
    enqueued: false,
    error: /ERR\|MSH\^1\^11\^202&/,
  },
  {
    name: 'UTF-16',
    message: Buffer.from('\ufeffMSH|^~\\&|A', 'utf16le').toString('latin1'),
    answers: ['AR'],
    kind: 'rejected',
    enqueued: false,
  },
  {
    name: 'MSH-10 is echoed byte for byte, in the delimiters of the sender',
    message: 'MSH$*~\\&$ADT1$NORTH$WARD$LINE$20260301$$ADT*A01$M\xe4\\T\\1$P$2.5\rPID$1$$4711\r',
    answers: [],
    kind: 'message',
    enqueued: true,
    error: /^MSA\$AA\$M\xe4\\T\\1$/m,
  },
  {
    name: 'the first rule of a sender table that matches',
    listener: { tenant: senders },
    message: adt('M1', { 3: 'LAB', 4: 'X' }),
    answers: ['AA M1'],
    kind: 'message',
    tenant: other,
    enqueued: true,
  },
  {
    name: 'a later rule of a sender table, first components',
    listener: { tenant: senders },
    message: adt('M1', { 4: 'NORTH^1.2.3^ISO' }),
    answers: ['AA M1'],
    kind: 'message',
    enqueued: true,
  },
  {
    name: 'an unknown sender: kept without a tenant, not processed',
    listener: { tenant: senders },
    message: adt('M1', { 4: 'SOUTH' }),
    answers: ['AA M1'],
    kind: 'message',
    tenant: null,
    enqueued: false,
  },
  {
    name: 'rejected by a listener that chooses by sender: kept without a tenant',
    listener: { tenant: senders },
    message: 'PID|1\r',
    answers: ['AR'],
    kind: 'rejected',
    tenant: null,
    enqueued: false,
  },
];

for (const { name, listener = {}, message, answers, kind, enqueued, error, ...expected } of cases) {
  test(name, async (t) => {
    const here = await install(t, { listener });
    const client = await here.client();
    client.write(frame(message));
    const [reply = ''] = await client.replies(1);
    if (answers.length > 0) assert.deepEqual(acknowledged(reply), answers);
    if (error !== undefined) assert.match(reply.replaceAll('\r', '\n'), error);
    const rows = await here.rows();
    assert.deepEqual(
      rows.map((row) => ({ kind: row.kind, tenant: row.tenant, text: row.text })),
      [{ kind, tenant: expected.tenant === undefined ? tenant : expected.tenant, text: message }],
    );
    assert.equal(here.enqueued.length, enqueued ? 1 : 0);
    if (enqueued) assert.equal(here.enqueued[0]?.tenant, rows[0]?.tenant);
  });
}

test('a message that wants no acknowledgement gets none', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(
    Buffer.concat([frame(adt('M1', { 15: 'NE', 16: 'NE' })), frame(adt('M2', { 15: 'ER' })), frame(adt('M3'))]),
  );
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA M3']);
  assert.equal((await here.rows()).length, 3);
});

/** An archive that cannot write, as the installation's parts. */
const full: InstallationOptions['parts'] = ({ archive }) => ({
  archive: {
    ...archive,
    append: () => Promise.reject(fault('disk-full', 'no space is left')),
  },
});

const unstorable: readonly {
  unavailable: ListenerSettings['unavailable'];
  header: Record<number, string>;
  code?: string;
}[] = [
  { unavailable: 'AR', header: {}, code: 'AR' },
  { unavailable: 'AE', header: {}, code: 'AE' },
  { unavailable: 'close', header: {} },
  { unavailable: 'AR', header: { 15: 'AL' }, code: 'CE' },
  { unavailable: 'AR', header: { 15: 'NE', 16: 'AL' }, code: 'AE' },
  { unavailable: 'AR', header: { 15: 'NE', 16: 'NE' } },
];

for (const { unavailable, header, code } of unstorable) {
  const asked = `MSH-15 "${header[15] ?? ''}", MSH-16 "${header[16] ?? ''}"`;
  test(`not storable, ${unavailable}, ${asked}: ${code ?? 'the connection ends without an answer'}`, async (t) => {
    const here = await install(t, { listener: { unavailable }, parts: full });
    const client = await here.client();
    client.write(frame(adt('M1', header)));
    if (code === undefined) {
      await client.closed();
      assert.equal(client.received, 0);
    } else {
      assert.deepEqual((await client.replies(1)).flatMap(acknowledged), [`${code} M1`]);
      assert.match(client.frames[0] ?? '', /207/);
    }
    assert.equal(await here.received('not-stored'), 1);
    assert.equal(here.enqueued.length, 0);
    assert.match(
      here.logged(),
      /messages cannot be stored.*"code":"disk-full"|"code":"disk-full".*messages cannot be stored/,
    );
  });
}

test('too little free disk: nothing is taken until there is enough again', async (t) => {
  let free = 10;
  const here = await install(t, {
    parts: ({ archive }) => ({
      archive: {
        ...archive,
        freeBytes: async () => free,
      },
      minFreeDisk: 100,
      diskInterval: 5,
    }),
  });
  const client = await here.client();
  client.write(frame(adt('M1')));
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AR M1']);
  assert.equal((await here.rows()).length, 0);
  assert.match(here.logged(), /too little disk is free/);
  free = 100;
  await here.reach(async () => (here.logged().includes('enough disk is free again') ? 1 : 0), 1);
  client.write(frame(adt('M1')));
  assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AR M1', 'AA M1']);
});

test('a store that does not tell its free disk: messages are taken, and the log says so once', async (t) => {
  let looks = 0;
  const here = await install(t, {
    parts: ({ archive }) => ({
      archive: {
        ...archive,
        freeBytes: async () => {
          looks++;
          return undefined;
        },
      },
      minFreeDisk: 100,
      diskInterval: 5,
    }),
  });
  const client = await here.client();
  client.write(frame(adt('M1')));
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA M1']);
  await here.reach(async () => looks, 3);
  assert.equal(here.logged().split('does not tell how much disk is free').length, 2);
});

test('the same message again: the same answer, no second row, and the same place until it is settled', async (t) => {
  const here = await install(t);
  const client = await here.client();
  for (let count = 1; count <= 3; count++) {
    client.write(frame(adt('M1')));
    assert.deepEqual(acknowledged((await client.replies(count))[count - 1] ?? ''), ['AA M1']);
  }
  assert.equal((await here.rows()).length, 1);
  assert.equal(await here.received('repeat'), 2);
  await here.reach(async () => here.enqueued.length, 3);
  const [row] = await here.archive.unsettled(10);
  assert.ok(row !== undefined);
  for (const { sequence } of here.enqueued) assert.equal(sequence.number, row.sequence.number);
});

test('the same control id with other bytes is another message, and flagged', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(Buffer.concat([frame(adt('M1')), frame(`${adt('M1')}NTE|1||more\r`)]));
  assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M1']);
  assert.equal(here.enqueued.length, 2);
  assert.equal(await here.events('reused-control-id'), 1);
  assert.deepEqual(
    (await here.rows()).map(({ flags }) => flags),
    [[], ['reused-control-id']],
  );
});

const settled = (number: number, state: SettleState) => ({
  ...{ tenant, sequence: { arrival: 0, run: 1, number }, state, reason: 'message-failed', eventTime: 0, authority: 0 },
  ...{ mappingVersion: 1, keys: [], made: [], unwritten: [] },
});

for (const state of ['parked', 'unmapped', 'applied', 'filtered'] as const) {
  const released = state === 'parked' || state === 'unmapped';
  test(`a repeat of a message that is ${state} ${released ? 'releases it' : 'changes nothing'}`, async (t) => {
    const here = await install(t);
    const client = await here.client();
    client.write(frame(adt('M1')));
    await client.replies(1);
    await here.archive.settle([settled(1, state)]);
    client.write(frame(adt('M1')));
    assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M1']);
    await here.intake.stop();
    assert.deepEqual(
      here.enqueued.map(({ sequence }) => sequence.number),
      released ? [1, 1] : [1],
    );
    assert.equal((await here.archive.unsettled(10)).length, released ? 1 : 0);
  });
}

test('each message is counted once, by what became of it', async (t) => {
  const here = await install(t, { listener: { tenant: senders } });
  const client = await here.client();
  client.write(Buffer.concat([adt('M1'), adt('M1'), adt('M2', { 4: 'SOUTH' }), 'PID|1\r'].map(frame)));
  await client.replies(4);
  const parked = async () => (await here.archive.list({ states: ['parked'], limit: 9 })).length;
  await here.reach(parked, 1);
  const outcomes = ['archived', 'repeat', 'unknown-sender', 'rejected'] as const;
  for (const outcome of outcomes) assert.equal(await here.received(outcome), 1, outcome);
});

test('a batch: each message its row and its result, one frame of answers', async (t) => {
  const here = await install(t, { listener: { checkProcessingIds: ['P'] } });
  const client = await here.client();
  const batch = `FHS|^~\\&|A\rBHS|^~\\&|A\r${adt('M1')}${adt('M2', { 11: 'T' })}${adt('M3')}BTS|3\rFTS|1\r`;
  client.write(
    Buffer.concat([frame(batch), frame(`${adt('M4')}${adt('M5')}`), frame(batch.replace('BTS|3', 'BTS|4'))]),
  );
  const replies = await client.replies(3);
  assert.deepEqual(replies.map(acknowledged), [
    ['AA M1', 'AR M2', 'AA M3'],
    ['AA M4', 'AA M5'],
    ['AA M1', 'AR M2', 'AA M3'],
  ]);
  assert.match(replies[0] ?? '', /^BHS\|\^~\\&\|WARD\|LINE\|ADT1\|NORTH\|[\s\S]*\rBTS\|3\r$/);
  assert.match(replies[1] ?? '', /^MSH/);
  const rows = await here.rows();
  assert.deepEqual(
    rows.map(({ kind, controlId }) => `${kind} ${controlId}`),
    ['message M1', 'rejected M2', 'message M3', 'message M4', 'message M5'],
  );
  assert.equal(rows[3]?.text, adt('M4'));
  assert.deepEqual(rows[0]?.flags, ['batch']);
  assert.equal(await here.events('batch'), 3);
  assert.equal(await here.events('faulty-batch'), 1);
  assert.match(here.logged(), /"peer":"127\.0\.0\.1","count":3,"state":"count-mismatch at line \d+"/);
});

test('a batch without messages is rejected', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(frame('BHS|^~\\&|A\rBTS|0\r'));
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AR']);
  assert.equal((await here.rows())[0]?.kind, 'rejected');
});

test('characters that do not fit what the message names are flagged, the bytes kept', async (t) => {
  const here = await install(t);
  const client = await here.client();
  const message = `${adt('M1', { 18: 'UNICODE UTF-8' })}NTE|1||M\xfcller\r`;
  client.write(frame(message));
  await client.replies(1);
  const [row] = await here.rows();
  assert.equal(row?.text, message);
  assert.deepEqual(row?.flags, ['malformed', 'assumed-windows-1252']);
  assert.equal(await here.events('charset-fallback'), 1);
});

test('a queue that is down delays nothing: acknowledged, and left to the sweep', async (t) => {
  const here = await install(t, {
    parts: () => ({ queue: { enqueue: () => Promise.reject(fault('internal', 'down')) } }),
  });
  const client = await here.client();
  client.write(frame(adt('M1')));
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA M1']);
  assert.equal((await here.archive.unsettled(10)).length, 1);
  await here.reach(() => here.received('not-enqueued'), 1);
});
