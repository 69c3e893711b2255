/** The image of the Dockerfile, put together from the same files without an engine: what it copies is there, and is enough to run. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { programFolder, programVersion } from '../../src/cli/program-version.js';
import { readSources } from '../support/source-file.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { page } from './compose-file.js';

interface Copy {
  readonly stage: number;
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

function copies(): Copy[] {
  let stage = -1;
  return page('Dockerfile')
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('FROM ')) stage++;
      const found = /^COPY (?:--from=(\w+) )?(.+) (\S+)$/.exec(line);
      if (found === null) return [];
      return [{ stage, from: found[1], sources: (found[2] ?? '').split(' '), target: found[3] ?? '' }];
    });
}

const last = Math.max(...copies().map(({ stage }) => stage));
const fromContext = copies().filter(({ from }) => from === undefined);

it('what is copied is there and reaches the engine, and nothing else does', () => {
  const sources = [...new Set(fromContext.flatMap((copy) => copy.sources))];
  const [first, ...let_in] = page('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(first, '*');
  const allowed = let_in.map((line) => line.replace(/^!/, ''));
  for (const source of sources) {
    assert.ok(existsSync(join(programFolder, source)), source);
    assert.ok(
      allowed.some((one) => source === one || source.startsWith(`${one}/`)),
      `${source} is kept out by .dockerignore`,
    );
  }
  for (const one of allowed)
    assert.ok(
      sources.some((source) => source === one || source.startsWith(`${one}/`)),
      `${one} is copied by nobody`,
    );
});

it('what is built there imports nothing that is not copied', () => {
  const built = fromContext.filter(({ stage }) => stage < last).flatMap((copy) => copy.sources);
  const inside = (path: string): boolean => built.some((source) => path === source || path.startsWith(`${source}/`));
  const files = readSources(['src', 'workers', 'scripts']).filter(({ path }) => inside(path));
  assert.ok(files.length > 300);
  const outside = files.flatMap(({ path, imports }) =>
    imports.filter((name) => name.endsWith('.ts') && !inside(name)).map((name) => `${path} → ${name}`),
  );
  assert.deepEqual(outside, []);
});

it('what the last stage holds is enough to run', { timeout: 120_000 }, (t) => {
  const image = join(temporaryFolder(t), 'app');
  for (const { from, sources, target } of copies().filter(({ stage }) => stage === last)) {
    for (const source of sources) {
      const name = source.replace(/^\/app\//, '');
      const to = join(image, target.endsWith('/') ? join(target, name) : target);
      mkdirSync(dirname(to), { recursive: true });
      // of `dist` what the compiler makes of the copied sources
      if (name === 'node_modules') symlinkSync(join(programFolder, name), to);
      else if (name === 'dist')
        for (const part of ['src', 'workers', 'scripts'])
          cpSync(join(programFolder, name, part), join(to, part), { recursive: true });
      else cpSync(join(programFolder, from === undefined ? source : name), to, { recursive: true });
    }
  }
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [join(image, 'dist/src/cli/main.js'), ...args], {
      cwd: image,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  assert.equal(run('--version').trim(), programVersion);
  const converted = run('convert', join(programFolder, 'samples/adt-a01.hl7'), '--fhir', 'stu3');
  assert.match(converted, /"resourceType": ?"Encounter"/);
  const [, command = ''] = /^CMD \["node", "([^"]+)"\]$/m.exec(page('Dockerfile')) ?? [];
  assert.ok(existsSync(join(image, command)), command);
});
