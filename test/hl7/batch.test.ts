import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBatch } from '../../src/hl7/batch.js';

const head = (id: string) => `MSH|^~\\&|A|B|C|D|2026||ADT^A01|${id}|P|2.5`;
const one = `${head('1')}\rPID|1\r`;
const two = `${head('2')}\rPID|2\r`;

type Row = [title: string, bytes: string, messages: string[], isBatch: boolean, diagnostics: string[]];

const table: Row[] = [
  ['one message', one, [one], false, []],
  ['one message with a BOM', `\xef\xbb\xbf${one}`, [`\xef\xbb\xbf${one}`], false, []],
  ['no message', 'hello\rworld', ['hello\rworld'], false, []],
  ['nothing', '', [''], false, []],
  ['several MSH', one + two, [one, two], true, []],
  [
    'several MSH ended by LF',
    (one + two).replaceAll('\r', '\n'),
    [one, two].map((m) => m.replaceAll('\r', '\n')),
    true,
    [],
  ],
  [
    'several MSH ended by CRLF',
    (one + two).replaceAll('\r', '\r\n'),
    [one, two].map((m) => m.replaceAll('\r', '\r\n')),
    true,
    [],
  ],
  ['a file', `FHS|^~\\&|A\rBHS|^~\\&|A\r${one}${two}BTS|2\rFTS|1\r`, [one, two], true, []],
  ['a batch without counts', `BHS|^~\\&\r${one}BTS\r`, [one], true, []],
  ['a wrong BTS-1', `BHS|^~\\&\r${one}BTS|3|x\r`, [one], true, ['count-mismatch@4']],
  ['a wrong FTS-1', `FHS|^~\\&\rBHS|^~\\&\r${one}BTS|1\rFTS|2\r`, [one], true, ['count-mismatch@6']],
  ['BTS-1 is no number', `BHS|^~\\&\r${one}BTS|many\r`, [one], true, ['bad-count@4']],
  ['no BTS', `BHS|^~\\&\r${one}`, [one], true, ['missing-trailer@2']],
  ['no BTS before FTS', `FHS|^~\\&\rBHS|^~\\&\r${one}FTS|1\r`, [one], true, ['missing-trailer@5']],
  ['a BTS alone', `${one}BTS|1\r`, [one], true, ['missing-header@3']],
  ['two batches', `BHS|^~\\&\r${one}BTS|1\rBHS|^~\\&\r${two}BTS|1\r`, [one, two], true, []],
  ['an empty batch', 'BHS|^~\\&\rBTS|0\r', [], true, []],
  ['a segment between', `BHS|^~\\&\rNTE|1\r${one}BTS|1\r`, [one], true, ['stray-segment@2']],
  ['other delimiters', 'BHS#*!/?\rMSH#*!/?#A\rBTS#1\r', ['MSH#*!/?#A\r'], true, []],
  ['MSH inside a field', `${head('1')}\rNTE|1||MSH|x`, [`${head('1')}\rNTE|1||MSH|x`], false, []],
];

test('batches are split into messages', () => {
  for (const [title, bytes, messages, isBatch, diagnostics] of table) {
    const parts = splitBatch(Buffer.from(bytes, 'latin1'));
    assert.deepEqual(
      parts.messages.map((message) => message.toString('latin1')),
      messages,
      title,
    );
    assert.equal(parts.isBatch, isBatch, title);
    assert.deepEqual(
      parts.diagnostics.map(({ code, line }) => `${code}@${line}`),
      diagnostics,
      title,
    );
  }
});
