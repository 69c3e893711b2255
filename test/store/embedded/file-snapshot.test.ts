/** A file is copied as it was at one moment, however much is written to it meanwhile. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { takeSnapshot } from '../../../src/store/embedded/file-snapshot.js';
import { openDatabase } from '../../../src/store/embedded/open-database.js';
import { Random } from '../../support/random.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const schema = `
  CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
  CREATE TABLE sum (only INTEGER PRIMARY KEY, entries INTEGER NOT NULL) STRICT;
  INSERT INTO sum VALUES (1, 0);
`;
const how = { kind: 'sample', format: 1 };

test('copies of a file that is written all the time are whole, each as of one moment', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'busy.db');
  const db = openDatabase(file, { ...how, schema, durability: 'normal' });
  const random = new Random(3);
  let entries = 0;
  /** Some rows come and some go, and in the same transaction the sum is set. */
  const write = (): void =>
    db.transaction(() => {
      for (let at = 0; at < 20; at++) {
        db.run('INSERT INTO entry (body) VALUES (?)', Buffer.alloc(3000 + random.below(3000), at));
        entries++;
      }
      // it stays about as large as it is
      entries -= db.run('DELETE FROM entry WHERE id % ? = 0', 40 + random.below(40));
      entries -= db.run('DELETE FROM entry WHERE id < (SELECT max(id) FROM entry) - 900');
      db.run('UPDATE sum SET entries = ?', entries);
    });
  for (let at = 0; at < 60; at++) write();
  let writing = true;
  let written = 0;
  const feed = (async () => {
    while (writing) {
      write();
      written++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let copy = 0; copy < 4; copy++) {
    const before = written;
    const snapshot = await takeSnapshot(file, { ...how, count: 'SELECT count(*) FROM entry' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of snapshot.chunks()) {
      chunks.push(chunk);
      const seen = written;
      // enough is committed between two reads that the WAL would be carried over, were that allowed
      while (written < seen + 15) await new Promise((resolve) => setImmediate(resolve));
    }
    await snapshot.close();
    assert.ok(chunks.length > 2 && written > before + 30);
    const path = join(folder, `copy-${copy}.db`);
    writeFileSync(path, Buffer.concat(chunks));
    const copied = openDatabase(path, { ...how, schema: '' });
    assert.deepEqual(
      copied.all('PRAGMA integrity_check').map((row) => Object.values(row)[0]),
      ['ok'],
    );
    const count = Number(copied.get('SELECT count(*) AS n FROM entry')?.n);
    assert.equal(copied.get('SELECT entries FROM sum')?.entries, count);
    assert.equal(snapshot.rows, count);
    assert.ok(count > 0);
    copied.close();
  }
  writing = false;
  await feed;
  db.close();
});

test('a file of another kind or a newer format is refused', async (t) => {
  const file = join(temporaryFolder(t), 'one.db');
  openDatabase(file, { ...how, schema }).close();
  await assert.rejects(takeSnapshot(file, { ...how, kind: 'other', count: 'SELECT 0' }), { code: 'store-corrupt' });
  const newer = join(temporaryFolder(t), 'two.db');
  openDatabase(newer, { kind: 'sample', format: 2, schema }).close();
  await assert.rejects(takeSnapshot(newer, { ...how, count: 'SELECT 0' }), { code: 'format-too-new' });
});
