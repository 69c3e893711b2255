import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mappingFiles } from './mapped.js';

test('every extension of our own is listed with what it says, and no other', () => {
  const used = new Set<string>();
  for (const text of Object.values(mappingFiles())) {
    for (const [, name = ''] of text.matchAll(/urn:wardline:extension:([\w-]+)/g)) used.add(name);
  }
  const [, section = ''] = readFileSync(join('docs', 'mapping-differences.md'), 'utf8').split(
    '## Extensions of our own',
  );
  const [table = ''] = section.split('\n## ', 1);
  const listed = new Set<string>();
  for (const line of table.split('\n')) {
    const [, names = ''] = line.split('|');
    for (const [, name = ''] of names.matchAll(/`([\w-]+)`/g)) listed.add(name);
  }
  assert.deepEqual([...listed].sort(), [...used].sort());
});
