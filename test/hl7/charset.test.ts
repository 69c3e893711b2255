import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownCharset } from '../../src/core/charset-names.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';

function hl7(charset: string, name: number[] | string): Buffer {
  const header = Buffer.from(`MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5||||||${charset}\rPID|||||`, 'latin1');
  return Buffer.concat([header, typeof name === 'string' ? Buffer.from(name) : Buffer.from(name)]);
}

function decode(bytes: Buffer, listener?: string) {
  const decoded = decodeMessage(bytes, listener);
  assert.ok(!isCharsetFault(decoded));
  return { ...decoded, name: decoded.text.slice(decoded.text.lastIndexOf('|') + 1) };
}

type Row = [
  title: string,
  charset: string,
  bytes: number[],
  listener: string | undefined,
  name: string,
  source: string,
  flags: string,
];

const table: Row[] = [
  ['nothing said, ASCII', '', [0x41], undefined, 'A', 'assumed', ''],
  ['nothing said, UTF-8', '', [0xc3, 0xa4], undefined, 'ä', 'assumed', ''],
  ['nothing said, not UTF-8', '', [0xe4, 0x80], undefined, 'ä€', 'assumed', ''],
  ['the listener says', '', [0xe1], 'iso-8859-7', 'α', 'listener', ''],
  ['the listener errs', '', [0xe4], 'utf-8', 'ä', 'assumed', 'malformed'],
  ['MSH-18 before the listener', '8859/7', [0xe1], 'utf-8', 'α', 'message', ''],
  ['ASCII', 'ASCII', [0x41], undefined, 'A', 'message', ''],
  ['ASCII that is UTF-8', 'ASCII', [0xc3, 0xa4], undefined, 'ä', 'assumed', 'malformed'],
  ['ASCII that is Latin-1', 'ASCII', [0xe4], undefined, 'ä', 'assumed', 'malformed'],
  ['ASCII that the listener knows better', 'ASCII', [0xe1], '8859/7', 'α', 'listener', 'malformed'],
  ['ISO IR6', 'ISO IR6', [0x41], undefined, 'A', 'message', ''],
  ['8859/1', '8859/1', [0xe4, 0x96], undefined, 'ä–', 'message', ''],
  ['8859/2', '8859/2', [0xb1], undefined, 'ą', 'message', ''],
  ['8859/3', '8859/3', [0xb1], undefined, 'ħ', 'message', ''],
  ['8859/4', '8859/4', [0xb3], undefined, 'ŗ', 'message', ''],
  ['8859/5', '8859/5', [0xd0], undefined, 'а', 'message', ''],
  ['8859/6', '8859/6', [0xc7], undefined, 'ا', 'message', ''],
  ['8859/7', '8859/7', [0xe1], undefined, 'α', 'message', ''],
  ['8859/8', '8859/8', [0xe0], undefined, 'א', 'message', ''],
  ['8859/9', '8859/9', [0xfd], undefined, 'ı', 'message', ''],
  ['8859/10', '8859/10', [0xa1], undefined, 'Ą', 'message', ''],
  ['8859/11', '8859/11', [0xa1], undefined, 'ก', 'message', ''],
  ['8859/13', '8859/13', [0xc0], undefined, 'Ą', 'message', ''],
  ['8859/14', '8859/14', [0xa1], undefined, 'Ḃ', 'message', ''],
  ['8859/15', '8859/15', [0xa4], undefined, '€', 'message', ''],
  ['UNICODE UTF-8', 'UNICODE UTF-8', [0xc3, 0xa4], 'iso-8859-1', 'ä', 'message', ''],
  ['UTF-8 that is not', 'UNICODE UTF-8', [0xe4], undefined, 'ä', 'assumed', 'malformed'],
  ['GB 18030-2000', 'GB 18030-2000', [0xd6, 0xd0], undefined, '中', 'message', ''],
  ['BIG-5', 'BIG-5', [0xa4, 0xa4], undefined, '中', 'message', ''],
  ['KS X 1001', 'KS X 1001', [0xb0, 0xa1], undefined, '가', 'message', ''],
  ['CNS 11643-1992', 'CNS 11643-1992', [0xc3, 0xa4], undefined, 'ä', 'assumed', 'unknown-charset'],
  ['an unknown name', 'EBCDIC', [0x41], '8859/1', 'A', 'listener', 'unknown-charset'],
  ['ISO IR87', '~ISO IR87', [0x1b, 0x24, 0x42, 0x30, 0x21, 0x1b, 0x28, 0x42, 0x41], undefined, '亜A', 'message', ''],
  [
    'ISO IR159',
    'ISO IR14~ISO IR87~ISO IR159',
    [0x1b, 0x24, 0x28, 0x44, 0x30, 0x21, 0x1b, 0x28, 0x4a],
    undefined,
    '丂',
    'message',
    '',
  ],
  [
    'ISO IR13 katakana',
    'ISO IR13',
    [0xb1, 0x1b, 0x28, 0x49, 0x32, 0x1b, 0x28, 0x4a],
    undefined,
    'アイ'.normalize('NFKC').replace('ア', 'ｱ').replace('イ', 'ｲ'),
    'message',
    '',
  ],
];

test('bytes become text', () => {
  for (const [title, charset, bytes, listener, name, source, flags] of table) {
    const decoded = decode(hl7(charset, bytes), listener);
    assert.deepEqual([decoded.name, decoded.source, decoded.flags.join()], [name, source, flags], title);
  }
});

test('a BOM is dropped', () => {
  const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), hl7('', 'ä')]);
  const decoded = decode(bytes);
  assert.ok(decoded.text.startsWith('MSH'));
  assert.equal(decoded.name, 'ä');
});

test('UTF-16 and UTF-32 are refused', () => {
  const text = hl7('', 'A').toString();
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const wide = Buffer.from([0, 0, 0, 0x4d]);
  const marked = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])].map((mark) => Buffer.concat([mark, little]));
  for (const bytes of [little, big, wide, ...marked]) {
    const result = decodeMessage(bytes);
    assert.ok(isCharsetFault(result));
    assert.equal(result.fault, 'utf-16');
  }
});

test('escaped bytes are decoded by the character set of the message', () => {
  const decoded = decode(hl7('8859/7', 'x\\XE1\\'));
  const message = parseMessage(decoded.text, decoded.decodeBytes);
  assert.ok(!isParseFault(message));
  assert.equal(message.first('PID')?.value(5), 'xα');
});

test('names of character sets', () => {
  const names: [string, string | undefined][] = [
    ['utf-8', 'utf-8'],
    ['UTF8', 'utf-8'],
    ['ISO-8859-15', 'iso-8859-15'],
    ['ISO8859-1', 'windows-1252'],
    ['8859/12', undefined],
    ['windows-1251', 'windows-1251'],
    ['klingon', undefined],
    ['', undefined],
  ];
  for (const [name, charset] of names) assert.equal(knownCharset(name), charset, name);
});

test('any bytes can be read', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
  for (const charset of ['', 'BIG-5', '~ISO IR87', 'GB 18030-2000', 'KS X 1001', '8859/3']) {
    assert.ok(decode(hl7(charset, [...bytes])).text.length > 0);
  }
});
