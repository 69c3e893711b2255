import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openDataFolder } from '../../../src/store/embedded/data-folder.js';
import { openDatabase } from '../../../src/store/embedded/open-database.js';
import { openEmbeddedRegistry } from '../../../src/store/embedded/registry.js';
import { openMasterKey } from '../../../src/store/master-key.js';
import { temporaryFolder } from './temporary-folder.js';

function folderFor(t: TestContext): string {
  const folder = temporaryFolder();
  t.after(folder.remove);
  return folder.path;
}

describe('the data folder', () => {
  const holderCode = `
    const { openDataFolder } = await import(process.argv[1]);
    openDataFolder(process.argv[2]);
    console.log('held');
    setInterval(() => {}, 1000);`;

  test('is held by one process; the lock ends with a killed one', async (t) => {
    const path = folderFor(t);
    const room = new URL('../../../src/store/embedded/data-folder.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', holderCode, room, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    assert.throws(
      () => openDataFolder(path),
      (error: Error & { code?: string }) =>
        error.code === 'data-folder-locked' && error.message.includes(`process ${child.pid}`),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const folder = openDataFolder(path);
    assert.equal(readFileSync(folder.file('lock.pid'), 'utf8'), `${process.pid}\n`);
    folder.release();
    openDataFolder(path).release();
  });

  test('that cannot be made is refused in one sentence', (t) => {
    const path = join(folderFor(t), 'taken');
    writeFileSync(path, '');
    assert.throws(() => openDataFolder(path), { code: 'data-folder-unusable' });
    assert.throws(() => openDataFolder(join(path, 'below')), { code: 'data-folder-unusable' });
  });
});

describe('a database file', () => {
  const options = { kind: 'probe', format: 2, schema: 'CREATE TABLE t (a)' };

  test('of a newer format or another kind is refused', (t) => {
    const file = join(folderFor(t), 'probe.db');
    openDatabase(file, options).close();
    openDatabase(file, { ...options, format: 3 }).close();
    assert.throws(() => openDatabase(file, { ...options, format: 1 }), { code: 'format-too-new' });
    assert.throws(() => openDatabase(file, { ...options, kind: 'other' }), { code: 'store-corrupt' });
  });

  test('that is no database is refused', (t) => {
    const file = join(folderFor(t), 'probe.db');
    writeFileSync(file, 'x'.repeat(5000));
    assert.throws(() => openDatabase(file, options), { code: 'store-corrupt' });
    mkdirSync(`${file}.folder`);
    assert.throws(() => openDatabase(`${file}.folder`, options), { code: 'store-unavailable' });
  });

  test('keeps nothing of a transaction that threw', (t) => {
    const db = openDatabase(join(folderFor(t), 'probe.db'), options);
    assert.throws(() =>
      db.transaction(() => {
        db.run('INSERT INTO t VALUES (1)');
        throw new Error('no');
      }),
    );
    assert.deepEqual(db.all('SELECT * FROM t'), []);
    db.close();
  });
});

describe('the master key', () => {
  test('is made once, readable by its owner only, and recognised later', async (t) => {
    const folder = folderFor(t);
    const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
    const key = await openMasterKey(registry, { folder });
    assert.equal(key.length, 32);
    assert.equal(statSync(join(folder, 'master.key')).mode & 0o777, 0o600);
    assert.deepEqual(await openMasterKey(registry, { folder }), key);
    assert.deepEqual(await openMasterKey(registry, { folder, value: Buffer.from(key).toString('hex') }), key);
    await registry.close();
  });

  test('that is another, malformed or lost is told', async (t) => {
    const folder = folderFor(t);
    const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
    const value = Buffer.alloc(32, 1).toString('base64');
    await openMasterKey(registry, { folder, value });
    const other = Buffer.alloc(32, 2).toString('base64');
    await assert.rejects(openMasterKey(registry, { folder, value: other }), { code: 'seal-broken' });
    await assert.rejects(openMasterKey(registry, { folder, value: 'short' }), { code: 'config-invalid' });
    await assert.rejects(openMasterKey(registry, { folder, file: join(folder, 'none') }), { code: 'config-invalid' });
    await assert.rejects(openMasterKey(registry, { folder }), { code: 'seal-broken' });
    await registry.close();
  });
});
