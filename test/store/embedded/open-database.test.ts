import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/store/embedded/open-database.js';
import { temporaryFolder } from './temporary-folder.js';

test('a file of an older format is brought up when it is opened, also by one who only reads', () => {
  const folder = temporaryFolder();
  const first = { kind: 'note', format: 1, schema: 'CREATE TABLE note (text TEXT) STRICT' };
  const upgrades = { 1: "ALTER TABLE note ADD COLUMN mark TEXT NOT NULL DEFAULT 'old'" };
  const second = { ...first, format: 2, schema: 'CREATE TABLE note (text TEXT, mark TEXT) STRICT', upgrades };
  for (const readOnly of [false, true]) {
    const file = join(folder.path, `note-${readOnly}.db`);
    const before = openDatabase(file, first);
    before.run('INSERT INTO note VALUES (?)', 'kept');
    before.close();
    const after = openDatabase(file, { ...second, readOnly });
    assert.deepEqual({ ...after.get('SELECT text, mark FROM note') }, { text: 'kept', mark: 'old' });
    after.close();
    assert.throws(() => openDatabase(file, first), { code: 'format-too-new' });
  }
  folder.remove();
});

test('closing keeps what is committed and does not throw where the log cannot be merged', () => {
  const options = { kind: 'note', format: 1, schema: 'CREATE TABLE note (text TEXT) STRICT' };
  const folder = temporaryFolder();
  const file = join(folder.path, 'note.db');
  const db = openDatabase(file, options);
  db.run('INSERT INTO note VALUES (?)', 'kept');
  // within a transaction SQLite refuses to merge the log, as it does on a full disk
  db.exec('BEGIN');
  db.get('SELECT text FROM note');
  db.close();
  const again = openDatabase(file, options);
  assert.deepEqual(
    again.all('SELECT text FROM note').map(({ text }) => text),
    ['kept'],
  );
  again.close();
  folder.remove();
});
