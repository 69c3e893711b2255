/** Writes documents, their versions, touches and index rows into one tenant's file, within the caller's transaction. */
import type { SearchValue } from '../../fhir/search-values.js';
import type { DocumentWrite, ResourceVersion, StoredDocument, Touch } from '../resource-port.js';
import { shownCode, touchesOf } from './document-rows.js';
import { type IndexRow, indexRows, indexTables } from './index-rows.js';
import type { TenantFile } from './tenant-files.js';

/** How many rows were written since the start: what a message costs. */
export interface WriteCounters {
  commits: number;
  documents: number;
  versions: number;
  indexRows: number;
  touches: number;
}

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
    'SELECT doc, revision, sort_date, sort_key FROM document WHERE type = ? AND id = ?',
    document.type,
    document.id,
  );
  if (Number(row?.revision ?? 0) !== expected) return false;
  if (row !== undefined && !tookOver(write, touchesOf(db, Number(row.doc), document.type, document.id, expected))) {
    return false;
  }
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
  const doc = storeDocument(file, write, before?.doc, sortDate, sortKey);
  counters.documents++;
  if (before !== undefined) db.run('DELETE FROM touch WHERE doc = ?', doc);
  storeVersions(file, write, counters);
  const moved = before !== undefined && before.sortKey !== sortKey;
  if (write.values !== undefined || moved || shownCode(document) !== 1) {
    storeValues(file, write, doc, before?.sortKey, sortKey, counters);
  }
  return true;
}

/** True when every stored touch is among those that the writer had read. */
function tookOver({ folded }: DocumentWrite, touches: readonly Touch[]): boolean {
  const known = new Set(folded.map(({ registers, stamp }) => `${stamp.join()} ${registers}`));
  return touches.every(({ registers, stamp }) => known.has(`${stamp.join()} ${registers}`));
}

function storeDocument(
  { db }: TenantFile,
  { document }: DocumentWrite,
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
    document.resource === null ? null : JSON.stringify(document.resource),
    JSON.stringify(document.state),
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

function storeVersions({ db }: TenantFile, write: DocumentWrite, counters: WriteCounters): void {
  const { document } = write;
  const versions: ResourceVersion[] = [...write.between];
  if (write.newVersion) {
    const { type, id, version, lastUpdated, source, resource } = document;
    versions.push({ type, id, version, lastUpdated, source, resource, mappingVersion: write.mappingVersion });
  }
  for (const version of versions) {
    counters.versions += db.run(
      'INSERT OR IGNORE INTO history (type, id, version, last_updated, source, mapping_version, resource)' +
        ' VALUES (?, ?, ?, ?, ?, ?, ?)',
      version.type,
      version.id,
      version.version,
      version.lastUpdated,
      version.source,
      version.mappingVersion,
      version.resource === null ? null : JSON.stringify(version.resource),
    );
  }
}

function storeValues(
  file: TenantFile,
  { document, values }: DocumentWrite,
  doc: number,
  oldSortKey: number | undefined,
  sortKey: number,
  counters: WriteCounters,
): void {
  const { db } = file;
  const body = db.get('SELECT body FROM search_values WHERE doc = ?', doc)?.body;
  const oldBody = typeof body === 'string' ? body : '[]';
  const newBody = storedValues(document, values) ?? oldBody;
  if (oldBody === newBody && oldSortKey === sortKey) return;
  const codeOf = (parameter: string): number => file.makeParameter(document.type, parameter);
  const [oldValues, newValues] = [parseValues(oldBody), parseValues(newBody)];
  const [gone, come] = oldSortKey === sortKey ? differing(oldValues, newValues) : [oldValues, newValues];
  const before = indexRows(gone, doc, oldSortKey ?? sortKey, codeOf);
  const after = indexRows(come, doc, sortKey, codeOf);
  for (const [name, row] of before) if (!after.has(name)) deleteRow(file, row, counters);
  for (const [name, row] of after) if (before.get(name)?.versions !== row.versions) insertRow(file, row, counters);
  if (oldBody !== newBody) db.run('INSERT OR REPLACE INTO search_values VALUES (?, ?)', doc, newBody);
}

/** Values of the parameters whose values are not the same in both; rows of different parameters never meet. */
function differing(before: readonly SearchValue[], after: readonly SearchValue[]): [SearchValue[], SearchValue[]] {
  const [old, young] = [byParameter(before), byParameter(after)];
  const same = new Set<string>();
  for (const [parameter, text] of old) if (young.get(parameter) === text) same.add(parameter);
  const differs = ({ parameter }: SearchValue): boolean => !same.has(parameter);
  return [before.filter(differs), after.filter(differs)];
}

function byParameter(values: readonly SearchValue[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const value of values) {
    texts.set(value.parameter, `${texts.get(value.parameter) ?? ''}${JSON.stringify(value, openEnds)}\n`);
  }
  return texts;
}

/** What shows nothing, or another document's data, is found by nothing but its id. */
function storedValues(document: StoredDocument, values: readonly SearchValue[] | undefined): string | undefined {
  if (shownCode(document) !== 1) return '[]';
  return values === undefined ? undefined : JSON.stringify(values, openEnds);
}

function insertRow({ db }: TenantFile, { table, key, versions }: IndexRow, counters: WriteCounters): void {
  const columns = indexTables[table];
  const marks = columns.map(() => '?').join(', ');
  const sql = `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}, versions) VALUES (${marks}, ?)`;
  counters.indexRows += db.run(sql, ...key, versions);
}

function deleteRow({ db }: TenantFile, { table, key }: IndexRow, counters: WriteCounters): void {
  const where = indexTables[table].map((column) => `${column} = ?`).join(' AND ');
  counters.indexRows += db.run(`DELETE FROM ${table} WHERE ${where}`, ...key);
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

/** JSON has no infinity; an open end of a number is written as text. */
function openEnds(_name: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? '+inf' : value === Number.NEGATIVE_INFINITY ? '-inf' : value;
}

/** Reads search values as they are stored. */
export function parseValues(body: string): SearchValue[] {
  if (!body.includes('inf"')) return JSON.parse(body) as SearchValue[];
  return JSON.parse(body, (name, value: unknown) => {
    if (name !== 'low' && name !== 'high') return value;
    return value === '+inf' ? Number.POSITIVE_INFINITY : value === '-inf' ? Number.NEGATIVE_INFINITY : value;
  }) as SearchValue[];
}
