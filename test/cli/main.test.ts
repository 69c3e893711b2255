import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';
import { runProgram } from './run-program.js';

describe('wardline', () => {
  it('shows its commands and exit codes, and each command its examples', async () => {
    const { code, stdout } = await runProgram(['--help']);
    assert.equal(code, 0);
    for (const command of ['send', 'status', 'tenant', 'client', 'token', 'messages']) {
      assert.match(stdout, new RegExp(`^  ${command}`, 'm'));
    }
    assert.match(stdout, /Exit codes: 0 done/);
    for (const path of [
      ['send'],
      ['client', 'create'],
      ['client', 'rotate'],
      ['messages', 'list'],
      ['tenant', 'create'],
      ['token'],
    ]) {
      const help = await runProgram([...path, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.stdout, /Examples?:/, path.join(' '));
    }
  });

  it('ends with 2 on wrong usage, and says what would be right', async () => {
    const { code, stderr } = await runProgram(['sned']);
    assert.equal(code, 2);
    assert.match(stderr, /unknown command 'sned'[\s\S]*Did you mean send\?/);
    assert.equal((await runProgram(['client', 'create', 'x'])).code, 2);
  });

  it('ends with 3 when no system runs on the data folder', async () => {
    const data = mkdtempSync(join(tmpdir(), 'wardline-empty-'));
    for (const args of [['status'], ['tenant', 'list'], ['messages', 'list'], ['client', 'list']]) {
      const { code, stderr } = await runProgram([...args, '--data', data]);
      assert.deepEqual(
        [code, stderr],
        [3, `wardline: no Wardline runs on the data folder ${data}; start it, or name another with --data\n`],
      );
    }
    rmSync(data, { recursive: true });
  });

  it('ends in silence when nobody reads its output any more', () => {
    const wardline = `${process.execPath} ${join(programFolder, 'dist/src/cli/main.js')}`;
    const command = `${wardline} mapping effective 2>&1 | head -1; echo $PIPESTATUS`;
    const [first, code, ...more] = execFileSync('bash', ['-c', command], { encoding: 'utf8' }).split('\n');
    assert.match(first ?? '', /^# /);
    assert.deepEqual([code, ...more], ['141', '']);
  });
});
