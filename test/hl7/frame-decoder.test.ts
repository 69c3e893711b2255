import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FrameDecoder, type FrameEvent } from '../../src/hl7/frame-decoder.js';

const VT = '\x0b';
const FS = '\x1c';

/** All events of a stream, its end included, with bytes as Latin-1 text. */
function decode(chunks: readonly (string | Uint8Array)[], limit = 64): unknown[] {
  const decoder = new FrameDecoder({ limit });
  const events: FrameEvent[] = [];
  for (const chunk of chunks)
    events.push(...decoder.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk));
  events.push(...decoder.end());
  return events.map((event) => ('bytes' in event ? { ...event, bytes: event.bytes.toString('latin1') } : event));
}

const message = (bytes: string) => ({ kind: 'message', bytes });
const truncated = (bytes: string, by: string) => ({ kind: 'truncated', bytes, by });
const irregular = (by: string) => ({ kind: 'irregular-end', by });
const junk = (count: number, blank: boolean) => ({ kind: 'junk', count, blank });
const violation = (what: string) => ({ kind: 'violation', violation: what });
const empty = { kind: 'empty' };

const table: [name: string, stream: string, events: unknown[]][] = [
  ['nothing', '', []],
  ['one frame', `${VT}MSH|1\r${FS}\r`, [message('MSH|1\r')]],
  ['pipelined frames, in order', `${VT}A${FS}\r${VT}B${FS}\r${VT}C${FS}\r`, ['A', 'B', 'C'].map(message)],
  ['FS without CR', `${VT}A${FS}${VT}B${FS}\r`, [message('A'), irregular('no-cr'), message('B')]],
  ['FS without CR at the end', `${VT}A${FS}`, [message('A'), irregular('no-cr')]],
  ['FS followed by LF', `${VT}A${FS}\n${VT}B${FS}\r`, [message('A'), irregular('lf'), message('B')]],
  ['FS CR LF', `${VT}A${FS}\r\n${VT}B${FS}\r`, [message('A'), junk(1, true), message('B')]],
  ['blanks before VT', ` \0\r\n${VT}A${FS}\r`, [junk(4, true), message('A')]],
  ['junk before VT', `hello${VT}A${FS}\rx`, [junk(5, false), message('A'), junk(1, false)]],
  ['VT in a frame', `${VT}MSH|1${VT}MSH|2${FS}\r`, [truncated('MSH|1', 'next-frame'), message('MSH|2')]],
  ['two VT', `${VT}${VT}A${FS}\r`, [empty, message('A')]],
  ['end of stream in a frame', `${VT}A${FS}\r${VT}MSH|2`, [message('A'), truncated('MSH|2', 'end-of-stream')]],
  ['end of stream after VT', `${VT}`, [empty]],
  ['end of stream between frames', `${VT}A${FS}\r \r`, [message('A'), junk(2, true)]],
  ['an empty frame', `${VT}${FS}\r${VT}A${FS}\r`, [empty, message('A')]],
  ['a blank frame', `${VT}\r\n ${FS}\r`, [empty]],
  ['a frame at the limit', `${VT}${'x'.repeat(64)}${FS}\r`, [message('x'.repeat(64))]],
  ['a frame beyond the limit', `${VT}${'x'.repeat(65)}${FS}\r${VT}A${FS}\r`, [violation('oversize')]],
  ['a frame that never ends', `${VT}${'x'.repeat(1000)}`, [violation('oversize')]],
  ['an HTTP request', 'GET / HTTP/1.1\r\n\r\n', [violation('http')]],
  ['an HTTP post', 'POST /x HTTP/1.1\r\n\r\n', [violation('http')]],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00', [violation('tls')]],
  ['words like a method are junk', `GETTING there${VT}A${FS}\r`, [junk(13, false), message('A')]],
  ['a method after a frame is junk', `${VT}A${FS}\rGET /`, [message('A'), junk(5, false)]],
  ['bytes beyond ASCII', `${VT}\xff\x80\x00${FS}\r`, [message('\xff\x80\x00')]],
];

test('frames', () => {
  for (const [name, stream, events] of table) assert.deepEqual(decode([stream]), events, name);
});

test('frames, byte by byte', () => {
  for (const [name, stream, events] of table) assert.deepEqual(decode([...stream]), events, name);
});

test('frames, cut in two and in three at every place', () => {
  for (const [name, stream, events] of table) {
    if (stream.length > 100) continue;
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const chunks = [stream.slice(0, first), stream.slice(first, second), stream.slice(second)];
        assert.deepEqual(decode(chunks), events, `${name}, cut at ${first} and ${second}`);
      }
    }
  }
});

test('any split of any stream gives the same events', () => {
  const piece = fc.constantFrom(
    VT,
    FS,
    '\r',
    '\n',
    ' ',
    'GET ',
    '\x16\x03\x01',
    'MSH|^~\\&|',
    '\xff',
    `${VT}A${FS}\r`,
    'x'.repeat(40),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200)), (pieces, cuts) => {
      const stream = Buffer.from(pieces.join(''), 'latin1');
      const at = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length];
      const chunks = at.slice(1).map((end, n) => stream.subarray(at[n], end));
      assert.deepEqual(decode(chunks), decode([stream]));
    }),
  );
});

test('every framed message comes back byte-identically', () => {
  const payload = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => {
    bytes[0] = 0x4d;
    return bytes.map((byte) => (byte === 0x0b || byte === 0x1c ? 0x41 : byte));
  });
  fc.assert(
    fc.property(fc.array(payload), (payloads) => {
      const events = decode([Buffer.concat(payloads.map(encodeFrame))]);
      assert.deepEqual(
        events,
        payloads.map((bytes) => message(Buffer.from(bytes).toString('latin1'))),
      );
    }),
  );
});

test('what was handed out stays when the chunk is reused', () => {
  const decoder = new FrameDecoder({ limit: 64 });
  const chunk = Buffer.from(`${VT}MSH|1${FS}\r`);
  const [event] = decoder.push(chunk);
  chunk.fill(0);
  assert.ok(event?.kind === 'message');
  assert.equal(event.bytes.toString(), 'MSH|1');
});

// Copying or scanning anew for each chunk would be some 250 thousand million bytes here, and take minutes.
test('a frame of sixteen megabytes in small chunks takes linear time', { timeout: 10_000 }, () => {
  const decoder = new FrameDecoder({ limit: 16 << 20 });
  decoder.push(Buffer.from(VT));
  const chunk = Buffer.alloc(512, 'x');
  for (let n = 0; n < 1 << 15; n++) assert.equal(decoder.push(chunk).length, 0);
  assert.equal(decoder.inFrame, true);
  const [event] = decoder.push(Buffer.from(FS));
  assert.ok(event?.kind === 'message');
  assert.equal(event.bytes.length, 16 << 20);
});

test('a frame of a megabyte, a byte at a time, takes linear time', { timeout: 10_000 }, () => {
  const decoder = new FrameDecoder({ limit: 1 << 20 });
  decoder.push(Buffer.from(VT));
  const byte = Buffer.from('x');
  for (let n = 0; n < 1 << 20; n++) decoder.push(byte);
  const [event] = decoder.push(Buffer.from(FS));
  assert.ok(event?.kind === 'message');
  assert.equal(event.bytes.length, 1 << 20);
});
