/** The scratch store in one SQLite file that is never synced: what it holds can always be built again. */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rowId } from '../archive-ids.js';
import { KeptDocuments } from '../kept-documents.js';
import type { ScratchMessage, ScratchStore } from '../scratch-port.js';
import { readAll, readByKeyRest, readByPatient, readDocuments } from './document-reader.js';
import { parseList } from './document-rows.js';
import { type WriteCounters, writeDocument, writeTouch } from './document-writer.js';
import { openDatabase } from './open-database.js';
import { resourceSchema } from './resource-schema.js';
import { SharedTexts } from './shared-texts.js';
import { parseShape } from './stored-values.js';
import type { KeptRow, TenantFile } from './tenant-files.js';

const schema = `${resourceSchema}
  CREATE TABLE message (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE covered (id INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE name (at INTEGER PRIMARY KEY, list TEXT NOT NULL, name TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX name_once ON name (list, name);
  CREATE INDEX name_order ON name (list, at);
`;

/** Makes an empty scratch in `folder`, which holds nothing else; what a died process left there is removed. */
export function openScratch(folder: string): ScratchStore {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const db = openDatabase(join(folder, 'scratch.db'), { kind: 'scratch', format: 1, schema, durability: 'off' });
  const counters: WriteCounters = { commits: 0, documents: 0, versions: 0, indexRows: 0, touches: 0 };
  // nothing is searched here, so no parameter is ever numbered
  const kept = new KeptDocuments<KeptRow>();
  const file: TenantFile = {
    db,
    widths: { narrow: 0, wide: 0 },
    kept,
    shapes: new SharedTexts(db, parseShape),
    lists: new SharedTexts(db, parseList),
    parameter: () => undefined,
    makeParameter: () => 0,
  };
  const toMessage = (row: Record<string, unknown>): ScratchMessage => JSON.parse(String(row['body'])) as ScratchMessage;
  return {
    documents: {
      unsearched: true,
      read: async (_tenant, type, ids) => readDocuments(file, type, ids),
      readByKeyRest: async (_tenant, type, patients, rests) => readByKeyRest(file, type, patients, rests),
      readByPatient: async (_tenant, type, patient) => readByPatient(file, type, patient),
      readAll: async (_tenant, after, limit) => readAll(file, after, limit),
      write: async (_tenant, writes) =>
        db.transaction(() =>
          writes.map((write) => writeDocument(file, { ...write, between: [], newVersion: false }, counters)),
        ),
      touch: async (_tenant, touches) =>
        db.transaction(() => touches.map((touch) => writeTouch(file, touch, counters))),
    },
    note(message) {
      db.run('INSERT OR REPLACE INTO message VALUES (?, ?)', rowId(message.now.sequence), JSON.stringify(message));
    },
    noted: (place) => db.get('SELECT 1 FROM message WHERE id = ?', rowId(place)) !== undefined,
    messages: (after, limit) =>
      db
        .all(
          'SELECT body FROM message WHERE id > ? ORDER BY id LIMIT ?',
          after === undefined ? -1 : rowId(after),
          limit,
        )
        .map(toMessage),
    add: (list, names) =>
      db.transaction(() =>
        names.filter((name) => db.run('INSERT OR IGNORE INTO name (list, name) VALUES (?, ?)', list, name) > 0),
      ),
    has: (list, name) => db.get('SELECT 1 FROM name WHERE list = ? AND name = ?', list, name) !== undefined,
    names: (list, after, limit) =>
      db
        .all('SELECT at, name FROM name WHERE list = ? AND at > ? ORDER BY at LIMIT ?', list, after, limit)
        .map(({ at, name }) => ({ at: Number(at), name: String(name) })),
    take: (list, limit) =>
      db.transaction(() => {
        const rows = db.all('SELECT at, name FROM name WHERE list = ? ORDER BY at LIMIT ?', list, limit);
        for (const { at } of rows) db.run('DELETE FROM name WHERE at = ?', Number(at));
        return rows.map(({ name }) => String(name));
      }),
    clear() {
      db.transaction(() => {
        db.exec('INSERT OR IGNORE INTO covered SELECT id FROM message');
        kept.clear();
        for (const table of ['message', 'name', 'document', 'touch', 'search_values']) db.exec(`DELETE FROM ${table}`);
      });
    },
    covered: (place) => db.get('SELECT 1 FROM covered WHERE id = ?', rowId(place)) !== undefined,
    close() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
