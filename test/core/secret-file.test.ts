import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { isOpenToOthers } from '../../src/core/secret-file.js';
import { temporaryFolder } from '../support/temporary-folder.js';

it('a file is open to others by its mode, but not as a secret of a container', (t) => {
  const file = join(temporaryFolder(t), 'key');
  writeFileSync(file, '');
  for (const [mode, open] of [
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
    [0o444, true],
  ] as const) {
    chmodSync(file, mode);
    assert.equal(isOpenToOthers(file), open, mode.toString(8));
  }
  assert.equal(
    isOpenToOthers('/run/secrets/master-key', () => 0o444),
    false,
  );
  assert.equal(
    isOpenToOthers('/etc/run/secrets/master-key', () => 0o444),
    true,
  );
});
