import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AcknowledgementCode,
  type AcknowledgementContent,
  acknowledgementPlan,
  applicationCode,
  buildAcknowledgement,
  receiptCode,
} from '../../src/hl7/acknowledgement.js';
import { readRawHeader } from '../../src/hl7/raw-header.js';

function answer(
  message: string | Buffer,
  code: AcknowledgementCode,
  errors?: AcknowledgementContent['errors'],
  charset?: string,
) {
  const header = readRawHeader(Buffer.from(message as string, 'latin1'), charset);
  const bytes = buildAcknowledgement({
    header,
    code,
    controlId: 'W1',
    time: '20260301101501+0100',
    ...(errors && { errors }),
  });
  return bytes.toString('latin1');
}

const from25 = 'MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301||ADT^A01^ADT_A01|4711|P|2.5.1\rPID|1\r';

test('sender and receiver change places, MSA-2 repeats MSH-10, the version is the sender’s', () => {
  assert.equal(
    answer(from25, 'AA'),
    'MSH|^~\\&|WARD|LINE|HIS|NORTH|20260301101501+0100||ACK^A01^ACK|W1|P|2.5.1\rMSA|AA|4711\r',
  );
});

test('older versions name no structure in MSH-9', () => {
  const ack = (version: string) => answer(from25.replace('2.5.1', version), 'AA').split('|')[8];
  const table: [string, string][] = [
    ['2.1', 'ACK'],
    ['2.2', 'ACK^A01'],
    ['2.3', 'ACK^A01'],
    ['2.3.1', 'ACK^A01^ACK'],
    ['2.4', 'ACK^A01^ACK'],
    ['2.8', 'ACK^A01^ACK'],
    ['2.9', 'ACK^A01^ACK'],
    ['banana', 'ACK^A01^ACK'],
  ];
  for (const [version, type] of table) assert.equal(ack(version), type, version);
});

test('a message type without an event is answered by a bare ACK', () => {
  assert.equal(answer(from25.replace('ADT^A01^ADT_A01', 'ADT'), 'AA').split('|')[8], 'ACK');
});

test('the whole of MSH-12 is repeated', () => {
  assert.ok(answer(from25.replace('2.5.1', '2.5^DEU^1.0'), 'AA').includes('|P|2.5^DEU^1.0\r'));
});

test('the delimiters are the sender’s', () => {
  const message = 'MSH#*!/?#HIS#N*1.2*ISO#W#L#2026##ADT*A01#a/F/b#P#2.4\r';
  assert.equal(
    answer(message, 'AE', [{ code: '101', text: 'a # is missing', segment: 'PID', sequence: 1, field: 3 }]),
    'MSH#*!/?#W#L#HIS#N*1.2*ISO#20260301101501+0100##ACK*A01*ACK#W1#P#2.4\r' +
      'MSA#AE#a/F/b#a /F/ is missing\r' +
      'ERR#PID*1*3*101?Required field missing?HL70357\r',
  );
});

test('five encoding characters are repeated', () => {
  assert.ok(answer(from25.replace('^~\\&', '^~\\&#'), 'AA').startsWith('MSH|^~\\&#|WARD|'));
});

test('MSA-2 is repeated byte for byte, in any character set', () => {
  const table: [charset: string | undefined, id: string][] = [
    [undefined, '\xe4\xff\x01'],
    ['utf-8', '\xc3\xa4'],
    ['gb18030', '\xd6|\x81\\'],
    ['big5', '\xa4|x'],
    ['iso-2022-jp', '\x1b$B0|0^\x1b(B'],
    ['shift_jis', '\xb1\x83|'],
  ];
  for (const [charset, id] of table) {
    const ack = answer(from25.replace('4711', id).replace('HIS', id), 'AA', undefined, charset);
    assert.ok(ack.endsWith(`\rMSA|AA|${id}\r`), charset);
    assert.ok(ack.includes(`|LINE|${id}|NORTH|`), charset);
  }
});

test('the character set is named again', () => {
  const ack = answer('MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5||||||8859/1\r', 'AA');
  assert.equal(ack.split('\r')[0]?.split('|')[17], '8859/1');
});

test('ERR has the layout of 2.5 from then on', () => {
  assert.equal(
    answer(from25, 'AE', [
      { code: '103', text: 'no such code', segment: 'PV1', sequence: 1, field: 2, component: 3 },
      { code: '207', text: 'store is down' },
    ]),
    'MSH|^~\\&|WARD|LINE|HIS|NORTH|20260301101501+0100||ACK^A01^ACK|W1|P|2.5.1\r' +
      'MSA|AE|4711\r' +
      'ERR||PV1^1^2^1^3|103^Table value not found^HL70357|E||||no such code\r' +
      'ERR|||207^Application internal error^HL70357|E||||store is down\r',
  );
});

test('a header that is cut off is answered as far as it goes', () => {
  const header = readRawHeader(Buffer.from('MSH|^~\\&|HIS|N|W|L|2026||ADT^A01|47'));
  assert.equal(header?.complete, false);
  assert.equal(
    answer('MSH|^~\\&|HIS|N|W|L|2026||ADT^A01|47', 'AE'),
    'MSH|^~\\&|W|L|HIS|N|20260301101501+0100||ACK^A01^ACK|W1|P|2.5.1\rMSA|AE|47\r',
  );
  assert.equal(answer('MSH|', 'AR'), 'MSH|^~\\&|||||20260301101501+0100||ACK|W1|P|2.5.1\rMSA|AR\r');
});

test('what has no header is answered with the usual delimiters', () => {
  for (const bytes of ['', 'hello', 'PID|1', 'MSH', 'MSHA', 'PID|1\rMSH|^~\\&|A']) {
    assert.equal(readRawHeader(Buffer.from(bytes)), undefined, bytes);
    assert.equal(
      answer(bytes, 'AR', [{ code: '100', text: 'MSH expected' }]),
      'MSH|^~\\&|||||20260301101501+0100||ACK|W1|P|2.5.1\rMSA|AR\rERR|||100^Segment sequence error^HL70357|E||||MSH expected\r',
    );
  }
});

test('an acknowledgement in enhanced mode asks for none itself', () => {
  const ack = answer(`${from25.split('\r')[0]}|||AL|NE\r`, 'CA');
  assert.equal(ack.split('\r')[0]?.split('|').slice(14, 16).join(), 'NE,NE');
});

test('which acknowledgements are sent, by MSH-15, MSH-16 and the listener', () => {
  const table: [string, string, 'original' | 'enhanced', now: string, later: string][] = [
    // accepted, error, rejected
    ['', '', 'original', 'AA AE AR', '- - -'],
    ['', '', 'enhanced', 'CA CE CR', '- - -'],
    ['AL', 'NE', 'original', 'CA CE CR', '- - -'],
    ['AL', 'AL', 'original', 'CA CE CR', 'AA AE AR'],
    ['NE', 'AL', 'original', '- - -', 'AA AE AR'],
    ['NE', 'NE', 'enhanced', '- - -', '- - -'],
    ['ER', 'SU', 'original', '- CE CR', 'AA - -'],
    ['SU', 'ER', 'original', 'CA - -', '- AE AR'],
    ['AL', '', 'original', 'CA CE CR', '- - -'],
    ['', 'AL', 'original', '- - -', 'AA AE AR'],
    ['XX', '', 'original', 'CA CE CR', '- - -'],
  ];
  for (const [accept, application, mode, now, later] of table) {
    const header = readRawHeader(Buffer.from(`MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5|||${accept}|${application}\r`));
    const plan = acknowledgementPlan(header, mode);
    const outcomes = ['accepted', 'error', 'rejected'] as const;
    assert.equal(
      outcomes.map((outcome) => receiptCode(plan, outcome) ?? '-').join(' '),
      now,
      `${accept} ${application}`,
    );
    assert.equal(
      outcomes.map((outcome) => applicationCode(plan, outcome) ?? '-').join(' '),
      later,
      `${accept} ${application}`,
    );
  }
  assert.equal(receiptCode(acknowledgementPlan(undefined, 'original'), 'rejected'), 'AR');
  assert.equal(receiptCode(acknowledgementPlan(undefined, 'enhanced'), 'rejected'), 'CR');
});
