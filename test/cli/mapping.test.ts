import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { runProgram } from './run-program.js';

describe('wardline mapping check', () => {
  it('finds no problem in the mappings that come with Wardline', async () => {
    const { code, stdout } = await runProgram(['mapping', 'check']);
    assert.match(stdout, /^\d+ files, 0 problems\n$/);
    assert.equal(code, 0);
  });

  it('shows a problem with file, line and column, and ends with 1', async (t) => {
    const { path, remove } = temporaryFolder();
    t.after(remove);
    mkdirSync(join(path, 'segments'));
    writeFileSync(join(path, 'segments/zzz.yaml'), 'segment: PID\nresuorce: Patient\nrules: []\n');
    const { code, stdout } = await runProgram(['mapping', 'check', path]);
    assert.equal(code, 1);
    assert.match(stdout, /segments\/zzz\.yaml:2:1 .*resource/);
    const missing = await runProgram(['mapping', 'check', join(path, 'none')]);
    assert.deepEqual(
      [missing.code, missing.stderr],
      [1, `wardline: mapping folder ${path}/none cannot be read (ENOENT)\n`],
    );
  });

  it('checks a changed copy of the whole mappings in place of the base, and shows its slip alone', async (t) => {
    const { path, remove } = temporaryFolder();
    t.after(remove);
    cpSync('mappings', path, { recursive: true });
    const file = join(path, 'segments/pid.patient.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('to: gender', 'to: gendr'));
    const { code, stdout } = await runProgram(['mapping', 'check', path]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^\S*pid\.patient\.yaml:\d+:\d+ Patient has no element 'gendr'; did you mean 'gender'\?\n\d+ files, 1 problem\n$/,
    );
  });
});
