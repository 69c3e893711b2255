/** Writes documents, their versions, touches and index rows into one tenant's file, within the caller's transaction. */
import { equalJson } from '../../core/json.js';
import { searchEdition } from '../../fhir/search-values.js';
import type { DocumentWrite, ResourceVersion, StoredDocument, Touch } from '../resource-port.js';
import { heldByDocument, printResource, printState, shownCode, touchedColumn, touchesOf } from './document-rows.js';
import { changedRows, type IndexRow, type IndexTable, indexTables } from './index-rows.js';
import type { Database } from './open-database.js';
import { parseValues, printValues } from './stored-values.js';
import type { FoundBy, TenantFile } from './tenant-files.js';

/** How many rows were written since the start: what a message costs. */
export interface WriteCounters {
  commits: number;
  documents: number;
  versions: number;
  indexRows: number;
  touches: number;
}

const inserts = perTable(
  (table, columns) =>
    `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}, versions) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
);
const deletes = perTable(
  (table, columns) => `DELETE FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(' AND ')}`,
);

const handOver =
  'UPDATE history SET resource = (SELECT resource FROM document WHERE doc = ?)' +
  ` WHERE type = ? AND id = ? AND version = ? AND resource = '${heldByDocument}'`;

type Version = Omit<ResourceVersion, 'resource'>;

interface Stored {
  readonly doc: number;
  readonly sortDate: number | null;
  readonly sortKey: number;
}

/** Writes one document when its stored revision is the expected one; else changes nothing and gives false. */
export function writeDocument(file: TenantFile, write: DocumentWrite, counters: WriteCounters): boolean {
  const { db } = file;
  const { document, expected } = write;
  const row = db.get(
    `SELECT doc, revision, version, hash, sort_date, sort_key, shown, ${touchedColumn} FROM document WHERE type = ? AND id = ?`,
    document.type,
    document.id,
  );
  if (Number(row?.revision ?? 0) !== expected) return false;
  const touches =
    row?.touched === 1 ? touchesOf(db, Number(row.doc), document.type, document.id, Number(row.revision)) : [];
  if (!tookOver(write, touches)) return false;
  const before: Stored | undefined =
    row === undefined
      ? undefined
      : {
          doc: Number(row.doc),
          sortDate: row.sort_date === null ? null : Number(row.sort_date),
          sortKey: Number(row.sort_key),
        };
  const sortDate = write.sortDate === undefined ? (before?.sortDate ?? null) : write.sortDate;
  const sortKey = sortDate ?? document.lastUpdated;
  const text = printResource(document.resource, document);
  const state = printState(document.state, file.lists);
  // the newest version's text is the document's alone, until there is another
  if (row !== undefined && (Number(row.version) !== document.version || row.hash !== document.hash)) {
    db.run(handOver, Number(row.doc), document.type, document.id, Number(row.version));
  }
  const doc = storeDocument(file, write, { text, state }, before?.doc, sortDate, sortKey);
  counters.documents++;
  count(db, document.type, Number(shownCode(document) === 1) - Number(row?.shown === 1));
  if (touches.length > 0) db.run('DELETE FROM touch WHERE doc = ?', doc);
  storeVersions(file, write, text, counters);
  const moved = before !== undefined && before.sortKey !== sortKey;
  let found = file.kept.get(db, document.type, document.id, expected)?.found;
  if (write.values !== undefined || moved || shownCode(document) !== 1) {
    found = storeValues(file, write, found, doc, before?.sortKey, sortKey, counters);
  }
  file.kept.keep(db, { document, found, size: state.length + (text?.length ?? 0) });
  return true;
}

/** Keeps the number of a type's documents. */
function count(db: Database, type: string, more: number): void {
  if (more === 0) return;
  db.run(
    'INSERT INTO shown_count VALUES (?, ?) ON CONFLICT (type) DO UPDATE SET documents = documents + excluded.documents',
    type,
    more,
  );
}

/** True when every stored touch is among those that the writer had read. */
function tookOver({ folded }: DocumentWrite, touches: readonly Touch[]): boolean {
  if (touches.length === 0) return true;
  const known = new Set(folded.map(({ registers, stamp }) => `${stamp.join()} ${registers}`));
  return touches.every(({ registers, stamp }) => known.has(`${stamp.join()} ${registers}`));
}

function storeDocument(
  { db }: TenantFile,
  { document }: DocumentWrite,
  { text, state }: { readonly text: string | null; readonly state: string },
  doc: number | undefined,
  sortDate: number | null,
  sortKey: number,
): number {
  const values = [
    document.revision,
    document.version,
    document.lastUpdated,
    sortDate,
    sortKey,
    shownCode(document),
    document.patient,
    document.keyRest,
    document.standsFor,
    document.members.join(' '),
    document.moved.join(' '),
    document.source,
    document.hash,
    text,
    state,
  ];
  if (doc === undefined) {
    const made = db.get(
      'INSERT INTO document (type, id, revision, version, last_updated, sort_date, sort_key, shown, patient, key_rest,' +
        ' stands_for, members, moved, source, hash, resource, state)' +
        ' VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING doc',
      document.type,
      document.id,
      ...values,
    );
    return Number(made?.doc);
  }
  db.run(
    'UPDATE document SET revision = ?, version = ?, last_updated = ?, sort_date = ?, sort_key = ?, shown = ?,' +
      ' patient = ?, key_rest = ?, stands_for = ?, members = ?, moved = ?, source = ?, hash = ?, resource = ?, state = ? WHERE doc = ?',
    ...values,
    doc,
  );
  return doc;
}

function storeVersions(
  { db }: TenantFile,
  { document, between, newVersion, mappingVersion }: DocumentWrite,
  text: string | null,
  counters: WriteCounters,
): void {
  const store = (one: Version, resource: string | null): void => {
    counters.versions += db.run(
      'INSERT OR IGNORE INTO history (type, id, version, last_updated, source, mapping_version, resource)' +
        ' VALUES (?, ?, ?, ?, ?, ?, ?)',
      one.type,
      one.id,
      one.version,
      one.lastUpdated,
      one.source,
      one.mappingVersion,
      resource,
    );
  };
  for (const version of between) store(version, printResource(version.resource, document));
  if (newVersion) store({ ...document, mappingVersion }, text === null ? null : heldByDocument);
}

/** Writes what a document is found by where that is something else than before; `known`, where it need not be read. Gives it. */
export function storeValues(
  file: TenantFile,
  {
    document,
    values,
    edition = searchEdition,
  }: Pick<DocumentWrite, 'values' | 'edition'> & {
    readonly document: Pick<StoredDocument, 'type' | 'resource' | 'standsFor'>;
  },
  known: FoundBy | undefined,
  doc: number,
  oldSortKey: number | undefined,
  sortKey: number,
  counters: WriteCounters,
): FoundBy {
  const { db } = file;
  const old = known ?? readFound(file, doc);
  // what shows nothing, or another document's data, is found by nothing but its id
  const isFound = shownCode(document) === 1;
  const given = isFound ? values : [];
  const found = given ?? old.values;
  const same = found.length === old.values.length && found.every((value, at) => equalJson(value, old.values[at]));
  if (!same || (oldSortKey !== sortKey && found.length > 0)) {
    const before = { values: old.values, sortKey: oldSortKey ?? sortKey };
    const after = { values: found, sortKey };
    const rows = changedRows(before, after, doc, (parameter) => file.makeParameter(document.type, parameter));
    for (const row of rows) if (row.after === 0) deleteRow(file, row, counters);
    for (const row of rows) if (row.after !== 0) insertRow(file, row, counters);
  }
  if (given === undefined) return old;
  if (same && (!isFound || old.edition === edition)) return { values: found, edition: old.edition };
  db.run('INSERT OR REPLACE INTO search_values VALUES (?, ?, ?)', doc, printValues(found, file.shapes), edition);
  return { values: found, edition };
}

function readFound({ db, shapes }: TenantFile, doc: number): FoundBy {
  const row = db.get('SELECT body, edition FROM search_values WHERE doc = ?', doc);
  if (row === undefined) return { values: [], edition: undefined };
  return { values: parseValues(String(row.body), shapes), edition: Number(row.edition) };
}

function insertRow({ db }: TenantFile, { table, key, after }: IndexRow, counters: WriteCounters): void {
  counters.indexRows += db.run(inserts[table], ...key, after);
}

function deleteRow({ db }: TenantFile, { table, key }: IndexRow, counters: WriteCounters): void {
  counters.indexRows += db.run(deletes[table], ...key);
}

/** One statement for each table of index rows. */
function perTable(statement: (table: IndexTable, columns: readonly string[]) => string): Record<IndexTable, string> {
  const tables = Object.entries(indexTables) as [IndexTable, readonly string[]][];
  return Object.fromEntries(tables.map(([table, columns]) => [table, statement(table, columns)])) as Record<
    IndexTable,
    string
  >;
}

/** Records a touch of the stored revision, keeping the highest stamp; false when the revision is another. */
export function writeTouch({ db }: TenantFile, touch: Touch, counters: WriteCounters): boolean {
  const row = db.get('SELECT doc, revision FROM document WHERE type = ? AND id = ?', touch.type, touch.id);
  if (row === undefined || Number(row.revision) !== touch.revision) return false;
  counters.touches += db.run(
    'INSERT INTO touch VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (doc, registers) DO UPDATE SET' +
      ' authority = excluded.authority, time = excluded.time, arrival = excluded.arrival, run = excluded.run,' +
      ' number = excluded.number, mapping_version = excluded.mapping_version' +
      ' WHERE (excluded.authority, excluded.time, excluded.arrival, excluded.run, excluded.number, excluded.mapping_version)' +
      ' > (authority, time, arrival, run, number, mapping_version)',
    Number(row.doc),
    touch.registers,
    ...touch.stamp,
  );
  return true;
}
