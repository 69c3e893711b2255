import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestContext } from 'node:test';

/** What a server or a folder belongs to: a test's context, or a file of tests. */
export interface TestScope {
  after(end: () => unknown): void;
  skip(reason: string): void;
}

/** Where the shared corpus is looked for: `WARDLINE_CORPUS`, else beside the checkout. The only such path in the project. */
export const corpusFolder = resolve(process.env['WARDLINE_CORPUS'] ?? '../shared/corpus');

/** The tables of HL7's v2-to-FHIR guide, beside the corpus. */
export const guideFolder = resolve(corpusFolder, '../ig');

/** True when the corpus is there; otherwise the test is skipped, loudly. This and that of the guide are the skips that CI allows. */
export function hasCorpus(t: TestContext): boolean {
  if (existsSync(corpusFolder)) return true;
  t.skip('no corpus: set WARDLINE_CORPUS to its folder');
  return false;
}

/** True when the guide's tables are there; otherwise the test is skipped, loudly. */
export function hasGuide(t: TestContext): boolean {
  if (existsSync(guideFolder)) return true;
  t.skip('no tables of the guide: they lie beside the corpus (WARDLINE_CORPUS)');
  return false;
}

/** True when a program is on the path; otherwise the test is skipped, and with CI=true it fails. */
export function hasProgram(t: Pick<TestScope, 'skip'>, program: string, ...versionFlags: string[]): boolean {
  try {
    execFileSync(program, versionFlags.length > 0 ? versionFlags : ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env['CI'] === 'true') throw new Error(`${program} is not installed; CI must have it`);
    t.skip(`${program} is not installed`);
    return false;
  }
}

/** True when a server can be started; otherwise the test is skipped, and with CI=true it fails. */
export function hasServer(t: Pick<TestScope, 'skip'>, program: 'mongod' | 'redis-server'): boolean {
  return hasProgram(t, program);
}
