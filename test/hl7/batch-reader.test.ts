import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitBatch } from '../../src/hl7/batch.js';
import { type BatchPart, BatchReader } from '../../src/hl7/batch-reader.js';

const head = (id: string) => `MSH|^~\\&|A|B|C|D|2026||ADT^A01|${id}|P|2.5`;
const one = `${head('1')}\rPID|1\r`;
const two = `${head('2')}\rPID|2\r`;

/** Reads a text cut into pieces of these sizes, the last size again and again. */
function read(text: string, sizes: readonly number[] = [text.length + 1], limit = 1000) {
  const reader = new BatchReader({ limit });
  const bytes = Buffer.from(text, 'latin1');
  const parts: BatchPart[] = [];
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = Math.max(1, sizes[Math.min(n, sizes.length - 1)] ?? 1);
    parts.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  const { parts: rest, diagnostics } = reader.end();
  return {
    parts: [...parts, ...rest].map((part) =>
      part.kind === 'message' ? `${part.line}:${part.bytes.toString('latin1')}` : `${part.line}!`,
    ),
    wrong: diagnostics.map(({ code, line }) => `${code}@${line}`),
    enveloped: reader.enveloped,
  };
}

type Row = [title: string, text: string, parts: string[], wrong?: string[], enveloped?: boolean];
const long = `${head('L')}\rNTE|1||${'x'.repeat(2000)}\rNTE|2||MSH|y\r`;
const table: Row[] = [
  ['one message', one, [`1:${one}`]],
  ['one message with a BOM and no line end', `\xef\xbb\xbf${head('1')}`, [`1:${head('1')}`]],
  ['nothing', '', []],
  ['blank lines', '\r\n\r\n \n', []],
  ['no message', 'hello\rworld\r', [], ['stray-segment@1']],
  ['blank lines between', `\n${one}\r\r\n${two}\x1a`, [`2:${one}`, `6:${two}`]],
  ['a file', `FHS|^~\\&\rBHS|^~\\&\r${one}${two}BTS|2\rFTS|1\r`, [`3:${one}`, `5:${two}`], [], true],
  ['a wrong count', `BHS|^~\\&\r${one}BTS|3\r`, [`2:${one}`], ['count-mismatch@4'], true],
  ['cut off', `FHS|^~\\&\rBHS|^~\\&\r${one}`, [`3:${one}`], ['missing-trailer@4', 'missing-trailer@4'], true],
  [
    'lines before and between',
    `x\r${one}BTS|1\rNTE|1\rNTE|2\r${two}`,
    [`2:${one}`, `7:${two}`],
    ['stray-segment@1', 'missing-header@4', 'stray-segment@5'],
    true,
  ],
  ['too large a message', `${one}${long}${two}`, [`1:${one}`, '3!', `6:${two}`]],
  ['one endless message', `${one}${head('L')}|${'z'.repeat(5000)}\r${two}`, [`1:${one}`, '3!', `4:${two}`]],
  ['one endless line', `${'z'.repeat(5000)}\r${one}`, [`2:${one}`], ['stray-segment@1']],
];

test('files are read message by message, however they come', () => {
  for (const [title, text, parts, wrong = [], enveloped = false] of table) {
    for (const sizes of [undefined, [1], [2], [7, 1, 64]]) {
      const found = read(text, sizes);
      assert.deepEqual(found.parts, parts, `${title}, ${sizes}`);
      assert.deepEqual(found.wrong, wrong, `${title}, ${sizes}`);
      assert.equal(found.enveloped, enveloped, title);
    }
  }
});

test('lines that end in LF or CRLF make the same messages', () => {
  for (const end of ['\n', '\r\n']) {
    for (const [title, text, parts] of table) {
      const found = read(text.replaceAll(/\r\n|\r|\n/g, end), [3]);
      assert.deepEqual(
        found.parts.map((part) => part.replaceAll(end, '\r')),
        parts,
        `${title}, ${JSON.stringify(end)}`,
      );
    }
  }
});

test('how a file is cut into chunks changes nothing, long messages and lines included', () => {
  const line = fc.constantFrom(
    'MSH|^~\\&|A',
    'BHS|^~\\&',
    'BTS|1',
    'PID|1',
    `NTE|${'x'.repeat(40)}`,
    `MSH|^~\\&|${'y'.repeat(40)}`,
    '',
  );
  const end = fc.constantFrom('\r', '\n', '\r\n');
  const text = fc.array(fc.tuple(line, end), { maxLength: 9 }).map((lines) => lines.map(([a, b]) => a + b).join(''));
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(text, sizes, (given, cuts) => {
      assert.deepEqual(read(given, cuts, 30), read(given, undefined, 30));
    }),
    { numRuns: 500 },
  );
});

test('the messages are those of the whole buffer, wherever it is cut', () => {
  const line = fc.constantFrom(
    'MSH|^~\\&|A',
    'FHS|^~\\&',
    'BHS|^~\\&',
    'BTS|1',
    'BTS',
    'FTS|1',
    'PID|1',
    'NTE|MSH|',
    '',
    ' ',
    'M',
  );
  const end = fc.constantFrom('\r', '\n', '\r\n');
  const text = fc.array(fc.tuple(line, end), { maxLength: 12 }).map((lines) => lines.map(([a, b]) => a + b).join(''));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }), (given, sizes) => {
      const whole = splitBatch(Buffer.from(given, 'latin1'));
      const { parts, wrong } = read(given, sizes);
      assert.deepEqual(read(given), { ...read(given, sizes) });
      if (!given.includes('MSH|^')) return assert.deepEqual(parts, []);
      const trimmed = whole.messages.map((message) => message.toString('latin1').replace(/[\r\n\s]+$/, ''));
      const read1 = parts.map((part) => part.replace(/^\d+:/, '').replace(/[\r\n\s]+$/, ''));
      if (whole.isBatch) {
        assert.deepEqual(read1, trimmed);
        const counts = (list: readonly string[]) => list.filter((entry) => !entry.startsWith('stray'));
        assert.deepEqual(
          counts(wrong).map((entry) => entry.split('@')[0]),
          counts(whole.diagnostics.map(({ code }) => code)),
        );
      }
    }),
    { numRuns: 500 },
  );
});
