import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { deriveKey } from '../../../src/core/seal.js';
import { rowId } from '../../../src/store/archive-ids.js';
import type { ArchiveEntry } from '../../../src/store/archive-port.js';
import { sealPayload } from '../../../src/store/archive-seal.js';
import { openEmbeddedArchive } from '../../../src/store/embedded/archive.js';
import { openBlock, type SealedBlock } from '../../../src/store/embedded/archive-block.js';
import { archivedMonths, monthFile, openMonth } from '../../../src/store/embedded/archive-files.js';
import { type Database, openDatabase } from '../../../src/store/embedded/open-database.js';
import { entry, north, outcome, south } from '../../conformance/archive-suite.js';
import { temporaryFolder } from './temporary-folder.js';

const keyOf = (tenant: string | null): Uint8Array => Buffer.alloc(32, tenant ?? 'none');
const arrival = Date.UTC(2020, 5, 1);
const month = '2020-06';

/** An entry with so many bytes that say which it is. */
function told(name: string, bytes: number, over: Partial<ArchiveEntry> = {}): ArchiveEntry {
  return entry({
    arrival,
    payload: Buffer.from(name.repeat(Math.ceil(bytes / name.length))).subarray(0, bytes),
    ...over,
  });
}

function inFile<T>(folder: string, work: (db: Database) => T): T {
  const db = openMonth(folder, month, { durability: 'full' });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

test('what is committed together lies in blocks of one tenant and 64 KiB; what is large lies alone', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
  const entries = [
    told('a', 400),
    told('b', 400, { tenant: south }),
    told('c', 16_384),
    told('d', 16_385),
    ...['e', 'f', 'g', 'h'].map((name) => told(name, 16_000)),
    told('i', 0, { tenant: south }),
    told('j', 300, { tenant: null, kind: 'rejected' }),
  ];
  const rows = await port.append(entries);
  const read = await port.read(rows.map(({ sequence }) => sequence));
  assert.deepEqual(
    read.map(({ payload }) => Buffer.from(payload)),
    entries.map(({ payload }) => Buffer.from(payload)),
  );
  await port.close();
  const blocks = inFile(folder.path, (db) => db.all('SELECT id, block FROM message ORDER BY id'));
  const numbers = blocks.map(({ block }) => (block === null ? null : Number(block) - rowId({ run: 1, number: 0 })));
  assert.deepEqual(numbers, [1, 2, 1, null, 1, 1, 1, null, 2, null]);
  folder.remove();
});

test('a block that was changed, or put in place of another, does not open', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
  const rows = [
    ...(await port.append([told('a', 400), told('b', 400)])),
    ...(await port.append([told('c', 400), told('d', 400)])),
    ...(await port.append([told('e', 400), told('f', 400)])),
  ];
  await port.close();
  inFile(folder.path, (db) => {
    const id = (number: number): number => rowId({ run: 1, number });
    const first = db.get('SELECT places, sealed FROM block WHERE id = ?', id(1)) as SealedBlock | undefined;
    assert.ok(first !== undefined);
    db.run('UPDATE block SET places = ?, sealed = ? WHERE id = ?', first.places, first.sealed, id(3));
    db.run('UPDATE message SET block = ? WHERE id = ?', id(1), id(5));
    const places = Buffer.from(first.places);
    places.writeUInt32LE(399, 4);
    places.writeUInt32LE(401, 12);
    db.run('UPDATE block SET places = ? WHERE id = ?', places, id(1));
  });
  const next = openEmbeddedArchive(folder.path, { run: 2, keyOf });
  for (const { sequence } of rows.slice(0, 5)) await assert.rejects(next.read([sequence]), { code: 'seal-broken' });
  assert.equal((await next.read(rows.slice(5).map(({ sequence }) => sequence))).length, 1);
  await next.close();
  folder.remove();
});

test('a message that is pruned leaves its block; the block leaves with its last message', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
  const rows = await port.append(['a', 'b', 'c', 'd'].map((name) => told(name, 400)));
  await port.append([told('x', 400, { arrival: arrival + 60_000 })]);
  const at = (place: number): (typeof rows)[number] => rows[place] ?? assert.fail();
  await port.settle([0, 1, 3].map((place) => outcome(at(place), place === 1 ? { state: 'parked' } : {})));
  const members = (): string[] =>
    inFile(folder.path, (db) =>
      db.all('SELECT id, places, sealed FROM block').flatMap((row) => {
        const block = row as unknown as SealedBlock;
        return openBlock(keyOf(north), north, Number(row.id), block).map(({ payload }) =>
          String.fromCharCode(payload[0] ?? 0),
        );
      }),
    );
  assert.deepEqual(members(), ['a', 'b', 'c', 'd']);
  assert.equal(await port.prune(north, arrival + 1), 2);
  assert.deepEqual(members(), ['b', 'c']);
  const left = await port.read(rows.map(({ sequence }) => sequence));
  assert.deepEqual(
    left.map(({ payload }) => Buffer.from(payload).toString()),
    ['b'.repeat(400), 'c'.repeat(400)],
  );
  await port.settle([outcome(at(1)), outcome(at(2))]);
  assert.equal(await port.prune(north, arrival + 1), 2);
  assert.deepEqual(members(), []);
  await port.close();
  folder.remove();
});

test('a block whose key is gone does not hold back its messages from being pruned', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
  const rows = await port.append(['a', 'b'].map((name) => told(name, 400)));
  await port.settle([outcome(rows[0] ?? assert.fail())]);
  await port.close();
  const next = openEmbeddedArchive(folder.path, { run: 2, keyOf: () => Buffer.alloc(32, 9) });
  assert.equal(await next.prune(north, arrival + 1), 1);
  await next.close();
  const again = openEmbeddedArchive(folder.path, { run: 3, keyOf });
  assert.equal((await again.read(rows.map(({ sequence }) => sequence))).length, 1);
  await again.close();
  folder.remove();
});

/** What the first format of month files was. */
const schemaOfFormat1 = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, arrival INTEGER NOT NULL, tenant TEXT NOT NULL, kind INTEGER NOT NULL,
    partition INTEGER NOT NULL, listener TEXT NOT NULL, peer TEXT NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL,
    sent_at TEXT NOT NULL, control_id TEXT NOT NULL, flags TEXT NOT NULL, size INTEGER NOT NULL,
    repeat BLOB NOT NULL, payload BLOB NOT NULL) STRICT;
  CREATE INDEX message_repeat ON message (repeat);
  CREATE INDEX message_kind ON message (kind, id) WHERE kind <> 0;
  CREATE TABLE tally (tenant TEXT NOT NULL, kind INTEGER NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (tenant, kind)) STRICT, WITHOUT ROWID;
`;

test('a month file of format 1 is read, its repeats are recognised, and it is written on', async () => {
  const folder = temporaryFolder();
  mkdirSync(folder.path, { recursive: true });
  const old = told('a', 400, { controlId: 'OLD', arrival: Date.now() });
  const now = new Date(old.arrival).toISOString().slice(0, 7);
  const id = rowId({ run: 1, number: 1 });
  const key = deriveKey(keyOf(north), 'archive-repeat');
  const about = JSON.stringify([old.tenant, old.kind, old.sender, old.controlId]);
  const repeat = Buffer.concat([
    createHmac('sha256', key).update(about).digest().subarray(0, 8),
    createHmac('sha256', key).update(old.payload).digest().subarray(0, 12),
  ]);
  const db = openDatabase(monthFile(folder.path, now), { kind: 'archive', format: 1, schema: schemaOfFormat1 });
  db.run(
    "INSERT INTO message VALUES (?, ?, ?, 0, 3, 'adt', '127.0.0.1', ?, ?, ?, ?, '', ?, ?, ?)",
    ...[id, old.arrival, north, old.sender, old.type, old.sentAt, old.controlId, old.payload.length, repeat],
    sealPayload(keyOf(north), north, id, old.payload),
  );
  db.run('INSERT INTO tally VALUES (?, 0, 1, ?)', north, old.payload.length);
  db.close();

  const port = openEmbeddedArchive(folder.path, { run: 2, keyOf });
  const first = { arrival: old.arrival, run: 1, number: 1 };
  assert.deepEqual(await port.append([{ ...old, peer: 'elsewhere' }]), [
    { sequence: first, outcome: 'repeat', reusedControlId: false },
  ]);
  const rows = await port.append([
    { ...old, payload: Buffer.from('other bytes') },
    told('b', 400, { arrival: old.arrival }),
  ]);
  assert.deepEqual(
    rows.map(({ outcome: became, reusedControlId }) => [became, reusedControlId]),
    [
      ['archived', true],
      ['archived', false],
    ],
  );
  const read = await port.read([first, ...rows.map(({ sequence }) => sequence)]);
  assert.deepEqual(
    read.map(({ payload }) => Buffer.from(payload).toString()),
    ['a'.repeat(400), 'other bytes', 'b'.repeat(400)],
  );
  assert.equal(await port.bytes(north), 811);
  await port.close();
  assert.deepEqual(archivedMonths(folder.path), [now]);
  folder.remove();
});

test('a control id with any characters is recognised again', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
  const odd = ['', '\0', 'a\0b', '"', '\\', "'", 'ä😀', '[]', '\u2028', '\ud83d', ' ', '\x1b$B'];
  const entries = odd.map((controlId) => entry({ controlId, sender: `A${controlId}|B` }));
  const rows = await port.append(entries);
  const again = await port.append(entries);
  assert.deepEqual(
    again.map(({ sequence, outcome: became }) => [sequence, became]),
    rows.map(({ sequence }) => [sequence, 'repeat']),
  );
  await port.close();
  folder.remove();
});
