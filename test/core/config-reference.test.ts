import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configReference } from '../../src/core/config-reference.js';

const page = fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url));

it('docs/configuration.md is what the schema says', () => {
  assert.equal(readFileSync(page, 'utf8'), configReference(), 'run node dist/scripts/config-reference.js');
});

it('every key has a description', () => {
  const empty = configReference()
    .split('\n')
    .filter((line) => /^\| `[^|]+` \|.*\| {2}\|$/.test(line) && !line.includes('--'));
  assert.deepEqual(empty, []);
});
