import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { runCase } from '../../src/engine/mapping-tests.js';
import { isTestFile, readCases } from '../../src/mapping/test-cases.js';
import { compiledWith, projectMapping } from '../mapping/mapped.js';
import { blocksOf } from './page.js';
import { walk } from './walk.js';

const files = blocksOf('mapping-handbook.md')
  .filter(({ language, words }) => language === 'yaml' && words[0]?.startsWith('north/'))
  .map(({ words: [file = ''], text, line }) => ({ file, text, line }));

describe('each file of the handbook, by itself beside what comes with Wardline', () => {
  for (const { file, text, line } of files) {
    it(`${file} (line ${line}) compiles, and its cases hold`, () => {
      const mapping = isTestFile(text) ? projectMapping() : compiledWith({ [file]: text });
      const { cases, problems } = readCases({ [file]: text });
      assert.deepEqual(problems, []);
      assert.ok(cases.length > 0, 'an example without a case');
      for (const one of cases) {
        const { fault, differences } = runCase(mapping, one);
        assert.deepEqual({ fault, differences }, { fault: '', differences: [] }, one.name);
      }
    });
    if (isTestFile(text) || file === 'north/filters.yaml') continue;
    it(`${file} shows what it teaches: without its rules a case fails`, () => {
      const failed = readCases({ [file]: text }).cases.filter((one) => {
        const { fault, differences } = runCase(projectMapping(), one);
        return fault !== '' || differences.length > 0;
      });
      assert.notEqual(failed.length, 0);
    });
  }
});

test('docs/mapping-handbook.md can be followed from its first command to its last', { timeout: 900_000 }, async (t) => {
  await walk(t, 'mapping-handbook.md');
});
