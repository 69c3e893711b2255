import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stateOfFolders, watchFolders } from '../../src/app/folder-watch.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A watched folder that holds `pid.yaml`; `seen` has its files at each call. */
async function watched(t: TestContext) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'pid.yaml'), 'a: 1');
  const seen: Readonly<Record<string, string>>[] = [];
  let heard = (): void => {};
  const stop = watchFolders({
    folders: () => [folder],
    since: await stateOfFolders([folder]),
    every: 5,
    quiet: 60,
    async changed() {
      seen.push(readMappingFiles(folder));
      heard();
    },
  });
  t.after(stop);
  const change = async (...steps: (() => void)[]): Promise<Readonly<Record<string, string>> | undefined> => {
    const called = new Promise<void>((resolve) => {
      heard = resolve;
    });
    for (const step of steps) {
      step();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await called;
    return seen.at(-1);
  };
  return { folder, seen, change, file: (name: string) => join(folder, name), stop };
}

test('every way of saving is seen once, when it is done', { timeout: 30_000 }, async (t) => {
  const { change, file, seen } = await watched(t);
  const write = (name: string, text: string) => () => writeFileSync(file(name), text);
  assert.deepEqual(await change(write('pid.yaml', 'a: 2')), { 'pid.yaml': 'a: 2' }, 'written in place');
  const renamed = await change(write('pid.yaml.tmp', 'a: 3'), () => renameSync(file('pid.yaml.tmp'), file('pid.yaml')));
  assert.deepEqual(renamed, { 'pid.yaml': 'a: 3' }, 'written beside and renamed over');
  const backedUp = await change(
    () => renameSync(file('pid.yaml'), file('pid.yaml~')),
    write('pid.yaml', ''),
    write('pid.yaml', 'a: 4'),
  );
  assert.deepEqual(backedUp, { 'pid.yaml': 'a: 4' }, 'moved aside and written anew');
  const several = await change(
    () => mkdirSync(file('site')),
    write('site/a.yaml', 'x: 1'),
    write('site/b.yml', 'y: 1'),
    write('pid.yaml', 'a: 5'),
  );
  assert.deepEqual(several, { 'pid.yaml': 'a: 5', 'site/a.yaml': 'x: 1', 'site/b.yml': 'y: 1' }, 'several in one go');
  const gone = await change(() => rmSync(file('site'), { recursive: true }));
  assert.deepEqual(gone, { 'pid.yaml': 'a: 5' }, 'a folder removed');
  assert.equal(seen.length, 5);
});

test('what editors keep beside the files is no change', { timeout: 30_000 }, async (t) => {
  const { change, file, seen } = await watched(t);
  writeFileSync(file('.#pid.yaml'), 'lock');
  writeFileSync(file('.pid.yaml.swp'), 'swap');
  mkdirSync(file('..2026_01_01'));
  writeFileSync(file('..2026_01_01/pid.yaml'), 'a: 9');
  writeFileSync(file('notes.txt'), 'notes');
  assert.deepEqual(await change(() => writeFileSync(file('pid.yaml'), 'a: 2')), { 'pid.yaml': 'a: 2' });
  assert.equal(seen.length, 1);
});

test('a folder that is gone, and comes back, is a change each time', { timeout: 30_000 }, async (t) => {
  const folder = join(temporaryFolder(t), 'mappings');
  mkdirSync(folder);
  const before = await stateOfFolders([folder]);
  renameSync(folder, `${folder}-old`);
  const without = await stateOfFolders([folder]);
  assert.notEqual(without, before);
  renameSync(`${folder}-old`, folder);
  assert.equal(await stateOfFolders([folder]), before);
});
