import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runProgram } from './run-program.js';

const message = (id: string, sex = 'F') =>
  [
    `MSH|^~\\&|A|B|C|D|20260301101500+0100||ADT^A01^ADT_A01|${id}|P|2.5.1`,
    'EVN||20260301101500+0100',
    `PID|1||77^^^NORTH^MR||Doe^Jane||19700102|${sex}`,
    'PV1|1|I',
  ].join('\n');
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardline-lint-'));
});
after(() => rmSync(folder, { recursive: true }));

describe('wardline lint', () => {
  it('finds no error in our own samples but those that they show', async () => {
    const samples = readdirSync('samples')
      .filter((name) => name.endsWith('.hl7'))
      .map((name) => join('samples', name));
    const { stdout } = await runProgram(['lint', ...samples]);
    assert.deepEqual(
      stdout
        .split('\n')
        .flatMap((line) => /^samples\/(\S+?):\d+: error (\S+ \S+):/.exec(line)?.slice(1, 3).join(' ') ?? []),
      ['adt-a28-line-feeds.hl7 PV1 segment-missing', 'oru-r01-vitals-local-codes.hl7 OBX[3]-5 number-malformed'],
    );
  });

  it('ends with 0 for what is right', async () => {
    const { code, stdout } = await runProgram(['lint', '-'], { input: message('M1') });
    assert.equal(stdout, '1 message, 1 clean, 0 errors, 0 warnings, 0 info; checked against 2.5.1\n');
    assert.equal(code, 0);
  });

  it('says where, what and what would be right, never the value, and ends with 1', async () => {
    const file = join(folder, 'one.hl7');
    writeFileSync(file, message('M2').replace('19700102', '19700230'));
    const { code, stdout } = await runProgram(['lint', file]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      new RegExp(`^${file}:3: error PID-7\\.1 time-impossible: [^;]+; [^;]+\n1 message, 0 clean, 1 error,`),
    );
    assert.doesNotMatch(stdout, /19700230|Doe/);
    assert.match((await runProgram(['lint', '--values', file])).stdout, /\("19700230"\)/);
  });

  it('sums up a feed, most frequent first', async () => {
    const feed = mkdtempSync(join(folder, 'feed-'));
    writeFileSync(join(feed, 'a.hl7'), `${message('M3', 'W')}\n${message('M4', 'W')}\n`);
    writeFileSync(join(feed, 'b.hl7'), `${message('M4')}\n`);
    writeFileSync(join(feed, 'notes.txt'), 'MSH is the header\n');
    const { code, stdout } = await runProgram(['lint', feed, '--json']);
    assert.equal(code, 0);
    const { messages, clean, warnings, infos, summary, findings } = JSON.parse(stdout);
    assert.deepEqual({ messages, clean, warnings, infos }, { messages: 3, clean: 0, warnings: 1, infos: 2 });
    assert.deepEqual(
      summary.map((row: { rule: string; count: number; messages: number }) => [row.rule, row.count, row.messages]),
      [
        ['code-local', 2, 2],
        ['control-id-repeated', 1, 1],
      ],
    );
    assert.equal(findings[0].value, undefined);
    const errors = await runProgram(['lint', feed, '--severity', 'warning', '--summary']);
    assert.match(
      errors.stdout,
      /^COUNT +MESSAGES .*\n1 +1 +warning +MSH-10 +control-id-repeated .*\n3 messages, 2 clean/,
    );
  });

  it('lists its rules', async () => {
    assert.match((await runProgram(['lint', '--rules'])).stdout, /\nsegment-missing +error +required segments/);
  });

  it('ends with 2 where there is nothing to check', async () => {
    assert.equal((await runProgram(['lint'])).code, 2);
    assert.equal((await runProgram(['lint', join(folder, 'none.hl7')])).code, 2);
    assert.equal((await runProgram(['lint', '--tenant', 'x', '-'])).code, 2);
  });

  it('ends with 3 where no system runs', async () => {
    assert.equal((await runProgram(['lint', '--last', '5', '--data', folder])).code, 3);
  });
});
