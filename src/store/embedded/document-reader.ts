/** Reads documents and versions of one tenant's file. */
import type { ResourcePort, ResourceVersion, ShownDocument, StoredDocument } from '../resource-port.js';
import {
  type DocumentFile,
  documentColumns,
  shownColumns,
  toDocument,
  toShown,
  touchedColumn,
  touchesOf,
  toVersion,
  versionColumns,
} from './document-rows.js';
import type { Database } from './open-database.js';
import type { TenantFile } from './tenant-files.js';

export function readDocuments(file: TenantFile, type: string, ids: readonly string[]): StoredDocument[] {
  return file.db.reading(() => ids.flatMap((id) => readDocument(file, type, id) ?? []));
}

const looked = `SELECT doc, revision, ${touchedColumn} FROM document WHERE type = ? AND id = ?`;
const whole = `SELECT ${documentColumns} FROM document WHERE doc = ?`;

/** A document that is kept is only looked at. */
function readDocument(file: TenantFile, type: string, id: string): StoredDocument | undefined {
  const { db, kept } = file;
  const found = db.get(looked, type, id);
  if (found === undefined) return undefined;
  const { doc = 0, revision, touched } = found;
  const known = kept.get(db, type, id, Number(revision))?.document;
  if (known !== undefined) {
    return touched === 1 ? { ...known, touches: touchesOf(db, Number(doc), type, id, known.revision) } : known;
  }
  const row = db.get(whole, doc);
  if (row === undefined) return undefined;
  const document = toDocument(file, row);
  const size = String(row.state).length + String(row.resource).length;
  kept.keep(db, { document: { ...document, touches: [] }, found: undefined, size });
  return document;
}

/** The same without state and touches. */
export function readShown(db: Database, type: string, ids: readonly string[]): ShownDocument[] {
  const sql = `SELECT ${shownColumns} FROM document WHERE type = ? AND id = ?`;
  return ids.flatMap((id) => {
    const row = db.get(sql, type, id);
    return row === undefined ? [] : [toShown(row)];
  });
}

export function readByKeyRest(
  file: DocumentFile,
  type: string,
  patients: readonly string[],
  rests: readonly string[],
): StoredDocument[] {
  const sql =
    `SELECT ${documentColumns} FROM document INDEXED BY document_patient` +
    " WHERE type = ? AND patient = ? AND patient <> '' AND key_rest = ? ORDER BY id";
  return patients.flatMap((patient) =>
    rests.flatMap((rest) => file.db.all(sql, type, patient, rest).map((row) => toDocument(file, row))),
  );
}

export function readByPatient(file: DocumentFile, type: string, patient: string): StoredDocument[] {
  const sql =
    `SELECT ${documentColumns} FROM document INDEXED BY document_patient` +
    " WHERE type = ? AND patient = ? AND patient <> '' ORDER BY key_rest, id";
  return file.db.all(sql, type, patient).map((row) => toDocument(file, row));
}

export function readAll(
  file: DocumentFile,
  after: { readonly type: string; readonly id: string } | undefined,
  limit: number,
): StoredDocument[] {
  const sql = `SELECT ${documentColumns} FROM document WHERE (type, id) > (?, ?) ORDER BY type, id LIMIT ?`;
  return file.db.all(sql, after?.type ?? '', after?.id ?? '', limit).map((row) => toDocument(file, row));
}

export function readVersion(db: Database, type: string, id: string, version: number): ResourceVersion | undefined {
  const row = db.get(
    `SELECT ${versionColumns} FROM history WHERE type = ? AND id = ? AND version = ?`,
    type,
    id,
    version,
  );
  return row === undefined ? undefined : toVersion(row);
}

/** Versions newest first, in the order they were written; `after` and `next` are places in that order. */
export function readHistory(
  db: Database,
  of: Parameters<ResourcePort['history']>[1],
  page: Parameters<ResourcePort['history']>[2],
): Awaited<ReturnType<ResourcePort['history']>> {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, value: string | number): void => {
    conditions.push(condition);
    values.push(value);
  };
  if (of.type !== undefined) add('type = ?', of.type);
  if (of.id !== undefined) add('id = ?', of.id);
  if (of.since !== undefined) add('last_updated >= ?', of.since);
  const counted = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const total = Number(db.get(`SELECT count(*) AS total FROM history${counted}`, ...values)?.total ?? 0);
  if (page.after !== undefined) add('seq < ?', Number(page.after));
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const rows = db.all(
    `SELECT ${versionColumns} FROM history${where} ORDER BY seq DESC LIMIT ?`,
    ...values,
    page.count + 1,
  );
  const shown = rows.slice(0, page.count);
  const last = shown.at(-1);
  return {
    versions: shown.map(toVersion),
    total,
    next: rows.length > page.count && last !== undefined ? String(last.seq) : undefined,
  };
}
