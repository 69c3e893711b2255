import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import type { StartSystem } from '../../src/app/running-system.js';
import { allCommands } from '../../src/cli/all-commands.js';
import { programFolder } from '../../src/cli/program-version.js';
import { runProgram } from './run-program.js';

const neverStarted: StartSystem = () => Promise.reject(new Error('not to be started'));

/** The commands that do something, with the words that lead to them. */
function leaves(command: Command, before: readonly string[]): { path: readonly string[]; command: Command }[] {
  const path = [...before, command.name()];
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, path));
}

describe('wardline', () => {
  it('shows its commands and exit codes', async () => {
    const { code, stdout } = await runProgram(['--help']);
    assert.equal(code, 0);
    for (const command of allCommands(neverStarted)) assert.match(stdout, new RegExp(`^  ${command.name()}`, 'm'));
    assert.match(stdout, /Exit codes: 0 done/);
    const help = await runProgram(['client', 'rotate', '--help']);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /\nExamples:\n {2}wardline client rotate demo-app\n/);
  });

  const commands = allCommands(neverStarted).flatMap((command) => leaves(command, []));

  it('has all the commands that it promises', () => {
    const names = commands.map(({ path }) => path.join(' '));
    const promised = ['start', 'send', 'convert', 'validate', 'mapping check', 'tenant create', 'tenant list', 'token']
      .concat(['create', 'rotate', 'revoke', 'list'].map((name) => `client ${name}`))
      .concat(['list', 'show', 'why', 'replay', 'park', 'release'].map((name) => `messages ${name}`));
    assert.deepEqual(
      promised.filter((name) => !names.includes(name)),
      [],
    );
  });

  for (const { path, command } of commands) {
    const name = path.join(' ');
    it(`${name} has a description, an example of itself, and --json where it prints for people`, () => {
      let help = '';
      command.configureOutput({
        writeOut: (text) => {
          help += text;
        },
      });
      command.outputHelp();
      assert.ok(command.description().endsWith('.'), name);
      assert.match(help, new RegExp(`\\nExamples?:\\n(?:.*\\n)*.*wardline ${name}\\b`));
      const json = command.options.some(({ long }) => long === '--json');
      assert.equal(json, !['start', 'convert'].includes(name));
    });
  }

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
