import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/store/embedded/open-database.js';
import { temporaryFolder } from './temporary-folder.js';

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
