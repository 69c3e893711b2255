import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';

test('the README lists every page of docs/, and no link between pages leads nowhere', () => {
  const pages = readdirSync(join(programFolder, 'docs')).filter((name) => name.endsWith('.md'));
  const readme = readFileSync(join(programFolder, 'README.md'), 'utf8');
  assert.deepEqual(
    pages.filter((name) => !readme.includes(`| [docs/${name}](docs/${name}) |`)),
    [],
  );
  for (const page of ['README.md', ...pages.map((name) => `docs/${name}`)]) {
    const text = readFileSync(join(programFolder, page), 'utf8').replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      assert.ok(existsSync(join(programFolder, dirname(page), target)), `${page} leads to ${target}`);
    }
  }
});
