import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { collectGarbage } from '../support/collect-garbage.js';
import { acknowledged, adt, frame, install } from './installation.js';

test('a message is archived as it came, enqueued and acknowledged', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(frame(adt('M1')));
  const [reply = ''] = await client.replies(1);
  assert.match(reply, /^MSH\|\^~\\&\|WARD\|LINE\|ADT1\|NORTH\|\d{14}\+0000\|\|ACK\^A01\^ACK\|\w+\|P\|2\.5\r/);
  assert.deepEqual(acknowledged(reply), ['AA M1']);
  const [row, ...more] = await here.rows();
  assert.ok(row);
  assert.equal(more.length, 0);
  assert.equal(row.text, adt('M1'));
  const { kind, listener, peer, sender, type, sentAt, controlId } = row;
  assert.deepEqual(
    { kind, listener, peer, sender, type, sentAt, controlId },
    {
      kind: 'message',
      listener: 'adt',
      peer: '127.0.0.1',
      sender: 'ADT1|NORTH',
      type: 'ADT^A01',
      sentAt: '20260301101500',
      controlId: 'M1',
    },
  );
  assert.deepEqual(
    here.enqueued.map(({ sequence, partition }) => ({ number: sequence.number, partition })),
    [{ number: row.sequence.number, partition: row.partition }],
  );
});

test('a frame in segments of one byte each', async (t) => {
  const here = await install(t);
  const client = await here.client();
  for (const byte of frame(adt('M1'))) client.write(Buffer.of(byte));
  assert.deepEqual(acknowledged((await client.replies(1))[0] ?? ''), ['AA M1']);
  assert.equal((await here.rows())[0]?.text, adt('M1'));
});

test('pipelined frames in one segment are acknowledged each, in order, and handed to the queue together', async (t) => {
  const calls: number[] = [];
  const here = await install(t, {
    parts: ({ queue }) => ({
      queue: {
        async enqueue(items) {
          calls.push(items.length);
          await queue.enqueue(items);
        },
      },
    }),
  });
  const client = await here.client();
  const ids = Array.from({ length: 300 }, (_, n) => `M${n}`);
  client.write(Buffer.concat(ids.map((id) => frame(adt(id)))));
  const replies = await client.replies(ids.length);
  assert.deepEqual(
    replies.flatMap(acknowledged),
    ids.map((id) => `AA ${id}`),
  );
  assert.deepEqual(
    (await here.rows()).map(({ controlId }) => controlId),
    ids,
  );
  assert.equal(here.enqueued.length, ids.length);
  assert.ok(calls.length < ids.length / 10, `${calls.length} calls`);
});

const oddFrames = [
  { name: 'FS without CR', bytes: `\x0b${adt('M1')}\x1c\x0b${adt('M2')}\x1c\r`, event: 'irregular-end', count: 1 },
  {
    name: 'FS followed by LF',
    bytes: `\x0b${adt('M1')}\x1c\n\x0b${adt('M2')}\x1c\r`,
    event: 'irregular-end',
    count: 1,
  },
  {
    name: 'blanks before VT',
    bytes: ` \0\r\n\x0b${adt('M1')}\x1c\r\r\n\x0b${adt('M2')}\x1c\r`,
    event: 'junk-blank',
    count: 2,
  },
  { name: 'junk before VT', bytes: `hello\x0b${adt('M1')}\x1c\rMSH|^~\x0b${adt('M2')}\x1c\r`, event: 'junk', count: 2 },
  {
    name: 'an empty frame',
    bytes: `\x0b\x1c\r\x0b${adt('M1')}\x1c\r\x0b\r\n\x1c\r\x0b${adt('M2')}\x1c\r`,
    event: 'empty-frame',
    count: 2,
  },
] as const;

for (const { name, bytes, event, count } of oddFrames) {
  test(`${name}: counted, and nothing else happens`, async (t) => {
    const here = await install(t);
    const client = await here.client();
    client.write(bytes);
    assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M2']);
    assert.equal(await here.events(event), count);
    assert.match(here.logged(), new RegExp(`"event":"${event}"`));
    assert.deepEqual(
      (await here.rows()).map(({ text }) => text),
      [adt('M1'), adt('M2')],
    );
    assert.equal(client.frames.length, 2);
  });
}

test('a frame cut off by the next one is kept, answered AE and not processed', async (t) => {
  const here = await install(t);
  const client = await here.client();
  const cut = adt('M1').slice(0, 90);
  client.write(`\x0b${cut}\x0b${adt('M2')}\x1c\r`);
  assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AE M1', 'AA M2']);
  const rows = await here.rows();
  assert.deepEqual(
    rows.map(({ kind, text, controlId }) => ({ kind, text, controlId })),
    [
      { kind: 'truncated', text: cut, controlId: 'M1' },
      { kind: 'message', text: adt('M2'), controlId: 'M2' },
    ],
  );
  assert.equal(here.enqueued.length, 1);
  assert.equal(await here.events('truncated'), 1);
});

const cutOff = [
  { name: 'enhanced mode by the listener', ack: 'enhanced', header: {}, answers: ['CE M1'] },
  { name: 'enhanced mode by the message', ack: 'original', header: { 15: 'AL' }, answers: ['CE M1'] },
  { name: 'answers to errors only', ack: 'original', header: { 15: 'ER' }, answers: ['CE M1'] },
  { name: 'answers to success only', ack: 'original', header: { 15: 'SU' }, answers: [] },
  { name: 'an answer of the application alone', ack: 'original', header: { 15: 'NE', 16: 'AL' }, answers: ['AE M1'] },
  { name: 'no answer at all', ack: 'original', header: { 15: 'NE', 16: 'NE' }, answers: [] },
] as const;

for (const { name, ack, header, answers } of cutOff) {
  test(`a frame cut off, ${name}: ${answers[0] ?? 'no answer'}`, async (t) => {
    const here = await install(t, { listener: { ack } });
    const client = await here.client();
    const whole = adt('M2', { 15: 'AL' });
    client.write(`\x0b${adt('M1', header)}\x0b${whole}\x1c\r`);
    const replies = await client.replies(answers.length + 1);
    assert.deepEqual(replies.flatMap(acknowledged), [...answers, 'CA M2']);
    assert.equal(here.enqueued.length, 1);
  });
}

test('a frame cut off within its header is kept without an answer', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(`\x0bMSH|^~\\&|ADT1|NORTH|WARD|LINE|20260301101500||ADT^A01|M\x0b${adt('M2')}\x1c\r`);
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA M2']);
  assert.deepEqual(
    (await here.rows()).map(({ kind }) => kind),
    ['truncated', 'message'],
  );
});

test('the end of the stream within a frame: kept as truncated; what is due is still answered', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(Buffer.concat([frame(adt('M1')), Buffer.from('\x0bMSH|^~\\&|ADT1|', 'latin1')]));
  client.socket.end();
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA M1']);
  await client.closed();
  await here.reach(() => here.received('truncated'), 1);
  assert.deepEqual(
    (await here.rows()).map(({ kind, text }) => ({ kind, text })),
    [
      { kind: 'message', text: adt('M1') },
      { kind: 'truncated', text: 'MSH|^~\\&|ADT1|' },
    ],
  );
  assert.equal(here.enqueued.length, 1, 'what was cut off is not processed');
  assert.deepEqual(
    (await here.archive.unsettled(10)).map(({ controlId }) => controlId),
    ['M1'],
  );
});

test('a connection that breaks within a frame leaves it as truncated', async (t) => {
  const here = await install(t);
  const client = await here.client();
  client.write(Buffer.concat([frame(adt('M1')), Buffer.from('\x0bMSH|^~\\&|ADT1|', 'latin1')]));
  await client.replies(1);
  client.socket.resetAndDestroy();
  await here.reach(() => here.received('truncated'), 1);
  assert.equal(here.enqueued.length, 1);
});

test('a frame over the limit, and one that never ends, close their connection alone', async (t) => {
  const here = await install(t, { listener: { maxFrameBytes: 2000 } });
  const [good, large, endless] = [await here.client(), await here.client(), await here.client()];
  large.write(Buffer.concat([frame(adt('M1')), frame(`${adt('M2')}NTE|1||${'x'.repeat(2000)}\r`)]));
  endless.write(`\x0b${'x'.repeat(1500)}`);
  assert.deepEqual((await large.replies(1)).flatMap(acknowledged), ['AA M1']);
  await large.closed();
  endless.write('x'.repeat(501));
  await endless.closed();
  assert.equal(await here.events('too-large'), 2);
  assert.equal(here.logged().match(/"event":"too-large"/g)?.length, 2);
  good.write(frame(adt('M3')));
  assert.deepEqual((await good.replies(1)).flatMap(acknowledged), ['AA M3']);
  assert.equal((await here.rows()).length, 2);
});

test('a result with a document of 15 MiB is archived byte for byte, others are acknowledged beside it', async (t) => {
  const here = await install(t, { listener: { maxFrameBytes: 16 * 1024 * 1024 } });
  const [large, small] = [await here.client(), await here.client()];
  const message = `${adt('M1')}OBX|1|ED|18842-5^Report^LN||^application^pdf^Base64^${'QUJD'.repeat(15 * 256 * 1024)}\r`;
  large.write(frame(message));
  for (let n = 1; n <= 20; n++) {
    small.write(frame(adt(`S${n}`)));
    assert.deepEqual(acknowledged((await small.replies(n))[n - 1] ?? ''), [`AA S${n}`]);
  }
  assert.deepEqual((await large.replies(1)).flatMap(acknowledged), ['AA M1']);
  assert.ok((await here.rows()).some(({ text }) => text === message));
});

test('a sender that falls silent within a frame is cut; an idle connection is fine', async (t) => {
  const here = await install(t, { listener: { frameTimeout: 50 } });
  const [idle, slow] = [await here.client(), await here.client()];
  idle.write(frame(adt('M1')));
  await idle.replies(1);
  slow.write('\x0bMSH|^~\\&|');
  await slow.closed();
  assert.equal(await here.events('timeout'), 1);
  assert.match(here.logged(), /"event":"timeout"/);
  await here.reach(() => here.received('truncated'), 1);
  idle.write(frame(adt('M2')));
  assert.deepEqual((await idle.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M2']);
});

test('frames that never end hold no more memory than the limit, and what comes after it is thrown away', async (t) => {
  const mebibyte = 1024 * 1024;
  const here = await install(t, { listener: { maxFrameBytes: 4 * mebibyte } });
  const held = () => process.memoryUsage().arrayBuffers;
  const chunk = Buffer.alloc(mebibyte, 'x');
  const before = held();
  for (let sender = 0; sender < 16; sender++) {
    const client = await here.client();
    client.write('\x0bMSH|');
    // Each piece waits for the one before, so that what is held is the listener's.
    for (let sent = 0; sent < 16 && !client.ended; sent++) {
      await new Promise<void>((resolve) => client.socket.write(chunk, () => resolve()));
    }
    await client.closed();
    client.close();
  }
  // buffers are given back by a thread of the collector's own, some time after it has found them
  const deadline = performance.now() + 60_000;
  while (held() - before >= 12 * mebibyte && performance.now() < deadline) await collectGarbage();
  assert.ok(held() - before < 12 * mebibyte, `${(held() - before) / mebibyte} MiB after 16 such senders`);
  assert.equal(await here.events('too-large'), 16);
});

test('an accepted connection asks after a silent peer by TCP keep-alive', async (t) => {
  if (!existsSync('/proc/net/tcp')) return t.skip('the timers of connections are told by /proc/net/tcp alone');
  const here = await install(t);
  const client = await here.client();
  client.write(frame(adt('M1')));
  await client.replies(1);
  const address = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const [ours, theirs] = [address(here.port), address(client.socket.localPort ?? 0)];
  const lines = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  // Column tr:tm->when: 02 is the keep-alive timer, in hundredths of a second.
  const [, , , , , timer = ''] = lines.find(([, local, remote]) => local === ours && remote === theirs) ?? [];
  const [kind, when = ''] = timer.split(':');
  assert.equal(kind, '02', timer);
  assert.ok(Number.parseInt(when, 16) <= 60 * 100, `${Number.parseInt(when, 16) / 100} s`);
});

test('nothing of a message stands in the log', async (t) => {
  const here = await install(t, { listener: { checkProcessingIds: ['P'] } });
  const client = await here.client();
  const bytes = [adt('M1'), adt('M2', { 11: 'T' }), 'PID|1||4711^^^NORTH^MR||Muster^Anna\r'];
  client.write(Buffer.concat([...bytes.map(frame), Buffer.from(`Muster\x0b${adt('M4')}\x0b${adt('M5')}\x1c\r`)]));
  await client.replies(5);
  assert.doesNotMatch(here.logged(), /Muster|4711|M1|M2|M4|M5/);
  assert.match(here.logged(), /"sequence":"1-2"/);
});
