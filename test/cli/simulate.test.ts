import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { accepting, startReceiver } from './receiver.js';
import { runProgram, startProgram } from './run-program.js';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardline-simulate-'));
});
after(() => rmSync(folder, { recursive: true }));

const fixed = ['--start', '2026-03-01T00:00:00Z', '--patients', '10', '--seed', '5'];
const pid = /\rPID\|1\|\|(\d+)\^/;

describe('wardline simulate', () => {
  it('writes files, the same bytes for the same options', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    for (const out of [one, two]) {
      const { code, stdout } = await runProgram([
        'simulate',
        ...fixed,
        '--count',
        '250',
        '--per-file',
        '100',
        '--out',
        out,
      ]);
      assert.equal(code, 0);
      assert.match(stdout, /^\d+ messages in 3 files, 0 faulty, \d+\/s\n$/);
    }
    for (const file of readdirSync(one)) {
      assert.deepEqual(readFileSync(join(one, file)), readFileSync(join(two, file)), file);
    }
  });

  it('sends over several connections, those of one patient in order, and sums up', async (t) => {
    const receiver = await startReceiver(t, accepting);
    const args = ['--count', '300', '--rate', '0', '--rare', 'none', '--connections', '3', '-p', String(receiver.port)];
    const { code, stdout } = await runProgram(['simulate', ...fixed, ...args, '--json']);
    assert.equal(code, 0);
    const { accepted, refused, resent } = JSON.parse(stdout);
    assert.deepEqual({ accepted, refused, resent }, { accepted: 300, refused: 0, resent: 0 });
    const last = new Map<string, number>();
    for (const message of receiver.messages) {
      const patient = pid.exec(message.toString())?.[1] ?? '';
      const number = Number(message.toString().split('|')[9]?.slice(2));
      assert.ok(number > (last.get(patient) ?? 0));
      last.set(patient, number);
    }
  });

  it('connects again and sends what has no acknowledgement again', async (t) => {
    let cut = 0;
    const receiver = await startReceiver(t, (message, socket) => {
      if (cut < 3 && message.includes('|ORU^R01')) {
        cut += 1;
        socket.destroy();
        return undefined;
      }
      return accepting(message, socket);
    });
    const args = ['--count', '60', '--rate', '0', '--rare', 'none', '--connections', '1', '-p', String(receiver.port)];
    const { code, stdout } = await runProgram(['simulate', ...fixed, ...args]);
    assert.equal(code, 0);
    assert.match(stdout, /^60 accepted, 0 refused, 3 sent again, 3 new connections, \d+\/s\n$/);
    assert.equal(receiver.messages.length, 63);
    assert.deepEqual(receiver.messages[1], receiver.messages[2]);
  });

  it('cuts frames and connections on purpose, and goes on', async (t) => {
    const receiver = await startReceiver(t, accepting);
    const args = ['--count', '100', '--rate', '0', '--rare', 'none', '-p', String(receiver.port)];
    const wrong = ['--faults', 'half-frame=0.2,dropped-connection=0.2'];
    const { code, stdout } = await runProgram(['simulate', ...fixed, ...args, ...wrong]);
    assert.equal(code, 0);
    assert.match(stdout, /^100 accepted, 0 refused, \d+\/s\n$/);
    assert.ok(receiver.messages.length > 100, 'messages of dropped connections came, too');
  });

  it('tells refused faults from refused messages, and ends with 1 for the latter', async (t) => {
    const answer = (code: string) => `MSH|^~\\&|||||2026||ACK|1|P|2.5\rMSA|${code}|1\r`;
    const strict = await startReceiver(t, (message) => answer(message.includes('\rP V|') ? 'AR' : 'AA'));
    const args = ['--count', '100', '--rate', '0', '--rare', 'none', '--faults', 'malformed-segment=0.3'];
    const expected = await runProgram(['simulate', ...fixed, ...args, '-p', String(strict.port)]);
    assert.equal(expected.code, 0);
    assert.match(expected.stdout, /^100 accepted, 0 refused, \d+ faults refused, /);
    const refusing = await startReceiver(t, () => answer('AE'));
    const refused = await runProgram(['simulate', ...fixed, ...args, '-p', String(refusing.port)]);
    assert.deepEqual([refused.code, /^0 accepted, 100 refused/.test(refused.stdout)], [1, true]);
  });

  it('goes on until it is stopped, then sums up', async (t) => {
    const receiver = await startReceiver(t, accepting);
    const program = startProgram(t, ['simulate', ...fixed, '--rate', '200', '-p', String(receiver.port)]);
    await receiver.received(50);
    const code = await program.stop();
    assert.equal(code, 0);
    assert.match(await program.printed(/accepted/), /^\d+ accepted, 0 refused/);
  });

  it('ends with 2 for what cannot be, 3 when nobody listens', async (t) => {
    assert.equal((await runProgram(['simulate', '--out', join(folder, 'endless')])).code, 2);
    assert.equal((await runProgram(['simulate', '--rare', 'unicorns', '--count', '1'])).code, 2);
    assert.equal((await runProgram(['simulate', '--start', 'yesterday'])).code, 2);
    const receiver = await startReceiver(t, accepting);
    await receiver.stop();
    assert.equal((await runProgram(['simulate', '--count', '1', '-p', String(receiver.port)])).code, 3);
  });
});
