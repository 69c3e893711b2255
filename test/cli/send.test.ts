import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { accepting, startReceiver } from './receiver.js';
import { runProgram } from './run-program.js';

const message = (id: string, line = '\n') =>
  [`MSH|^~\\&|A|B|C|D|2026||ADT^A01|${id}|P|2.5`, 'EVN|A01', 'PID|1||77'].join(line);
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardline-send-'));
});
after(() => rmSync(folder, { recursive: true }));

describe('wardline send', () => {
  it('sends a file, segments ended with CR, and shows the acknowledgement', async (t) => {
    const receiver = await startReceiver(t, accepting);
    const file = join(folder, 'one.hl7');
    writeFileSync(file, message('M1'));
    const { code, stdout } = await runProgram(['send', '-p', String(receiver.port), file]);
    assert.equal(code, 0);
    assert.equal(stdout, `AA  M1  ${file}\n1 sent, 1 accepted, 0 refused\n`);
    assert.equal(receiver.messages[0]?.toString(), `${message('M1', '\r')}\r`);
  });

  it('waits for no answer where the message asks for none, and sends the rest', async (t) => {
    const receiver = await startReceiver(t, (bytes, socket) =>
      bytes.includes('|M1|') ? undefined : accepting(bytes, socket),
    );
    const file = join(folder, 'silent.hl7');
    writeFileSync(file, `${message('M1').replace('|2.5', '|2.5|||NE|NE')}\n${message('M2')}`);
    const { code, stdout } = await runProgram(['send', '-p', String(receiver.port), file]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^-- {2}asks for no answer {2}.*\nAA {2}M2 {2}.*\n2 sent, 1 accepted, 0 refused, 1 without an answer\n$/,
    );
    await receiver.received(2);
  });

  it('keeps the bytes of other character sets as they stand', async (t) => {
    const receiver = await startReceiver(t, accepting);
    const file = join(folder, 'latin.hl7');
    writeFileSync(file, Buffer.from(`${message('M2')}^M\xfcller`, 'latin1'));
    await runProgram(['send', '-p', String(receiver.port), file]);
    assert.ok(receiver.messages[0]?.includes(Buffer.from('M\xfcller', 'latin1')));
  });

  it('takes folders, files of several messages, frames and stdin, in order', async (t) => {
    const receiver = await startReceiver(t, accepting);
    const outbox = mkdtempSync(join(folder, 'outbox-'));
    writeFileSync(join(outbox, 'b.hl7'), `\x0b${message('M5', '\r')}\x1c\r\x0b${message('M6', '\r')}\x1c\r`);
    writeFileSync(join(outbox, 'a.hl7'), `${message('M3')}\n${message('M4', '\r\n')}\n`);
    const { code, stdout } = await runProgram(['send', '--json', '-p', String(receiver.port), outbox, '-'], {
      input: message('M7'),
    });
    assert.equal(code, 0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map((line) => [line.source.replace(outbox, ''), line.acknowledgementCode, line.controlId]),
      [
        ['/a.hl7', 'AA', 'M3'],
        ['/a.hl7#2', 'AA', 'M4'],
        ['/b.hl7', 'AA', 'M5'],
        ['/b.hl7#2', 'AA', 'M6'],
        ['-', 'AA', 'M7'],
      ],
    );
  });

  it('shows a refusal with its reason, sends the rest, and ends with 1', async (t) => {
    const receiver = await startReceiver(t, (bytes, socket) =>
      bytes.includes('M8')
        ? 'MSH|^~\\&|||||2026||ACK|1|P|2.5\rMSA|AE|M8\rERR|||207^Application internal error|E||||no mapping\r'
        : accepting(bytes, socket),
    );
    const { code, stdout } = await runProgram(['send', '-p', String(receiver.port), '-'], {
      input: `${message('M8')}\n${message('M9')}`,
    });
    assert.equal(code, 1);
    assert.equal(stdout, 'AE  M8  no mapping  -\nAA  M9  -#2\n2 sent, 1 accepted, 1 refused\n');
  });

  it('ends with 3 and one sentence when nobody listens, and when the connection is cut', async (t) => {
    const receiver = await startReceiver(t, (_, socket) => {
      socket.destroy();
      return undefined;
    });
    const cut = await runProgram(['send', '-p', String(receiver.port), '-'], { input: message('M10') });
    assert.equal(cut.code, 3);
    assert.match(cut.stderr, /^wardline: 127\.0\.0\.1:\d+ gave no acknowledgement \(.*\)\n$/);
    await receiver.stop();
    const refused = await runProgram(['send', '-p', String(receiver.port), '-'], { input: message('M10') });
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /^wardline: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\n$/);
  });

  it('ends with 2 when there is nothing to send', async () => {
    const nothing = await runProgram(['send', '-'], { input: 'hello' });
    assert.deepEqual([nothing.code, nothing.stderr], [2, 'wardline: stdin holds no HL7 message\n']);
    const missing = await runProgram(['send', join(folder, 'none.hl7')]);
    assert.equal(missing.code, 2);
  });
});
