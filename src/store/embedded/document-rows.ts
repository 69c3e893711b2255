/** Between stored documents and rows of `document`, `touch` and `history`. */
import type { JsonObject } from '../../core/json.js';
import type { ResourceVersion, ShownDocument, StoredDocument, Touch } from '../resource-port.js';
import type { Database, SqlRow } from './open-database.js';

/** Columns that `toShown` reads. */
export const shownColumns =
  'doc, type, id, revision, version, last_updated, patient, key_rest, stands_for, members, moved, source, hash, resource';

/** 1 for a document with touches: most have none, and need no further look. */
export const touchedColumn = 'EXISTS (SELECT 1 FROM touch WHERE touch.doc = document.doc) AS touched';

/** Columns that `toDocument` reads. */
export const documentColumns = `${shownColumns}, state, ${touchedColumn}`;

/** 0: shows nothing. 1: shown and found. 2: stands for another: shown by its id alone, found by nothing else. */
export function shownCode(document: StoredDocument): number {
  if (document.resource === null) return 0;
  return document.standsFor === '' ? 1 : 2;
}

export function toDocument(db: Database, row: SqlRow): StoredDocument {
  const shown = toShown(row);
  return {
    ...shown,
    state: JSON.parse(String(row.state)) as JsonObject,
    touches: row.touched === 1 ? touchesOf(db, Number(row.doc), shown.type, shown.id, shown.revision) : [],
  };
}

/** The document without state and touches. */
export function toShown(row: SqlRow): ShownDocument {
  return {
    type: String(row.type),
    id: String(row.id),
    revision: Number(row.revision),
    resource: jsonOrNull(row.resource),
    hash: String(row.hash),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    source: String(row.source),
    members: row.members === '' ? [] : String(row.members).split(' '),
    standsFor: String(row.stands_for),
    moved: row.moved === '' ? [] : String(row.moved).split(' '),
    patient: String(row.patient),
    keyRest: String(row.key_rest),
  };
}

/** Touches of a stored document, in the order of their registers. */
export function touchesOf(db: Database, doc: number, type: string, id: string, revision: number): Touch[] {
  const rows = db.all(
    'SELECT registers, authority, time, arrival, run, number, mapping_version FROM touch WHERE doc = ? ORDER BY registers',
    doc,
  );
  return rows.map((row) => ({
    type,
    id,
    revision,
    registers: String(row.registers),
    stamp: [
      Number(row.authority),
      Number(row.time),
      Number(row.arrival),
      Number(row.run),
      Number(row.number),
      Number(row.mapping_version),
    ],
  }));
}

/** Columns that `toVersion` reads. */
export const versionColumns = 'seq, type, id, version, last_updated, source, mapping_version, resource';

export function toVersion(row: SqlRow): ResourceVersion {
  return {
    type: String(row.type),
    id: String(row.id),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    source: String(row.source),
    mappingVersion: Number(row.mapping_version),
    resource: jsonOrNull(row.resource),
  };
}

function jsonOrNull(value: unknown): JsonObject | null {
  return typeof value === 'string' ? (JSON.parse(value) as JsonObject) : null;
}
