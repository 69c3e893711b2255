import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
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
});
