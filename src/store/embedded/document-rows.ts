/** Between stored documents and rows of `document`, `touch` and `history`. */
import { fault } from '../../core/errors.js';
import { type Json, type JsonObject, resourceTexts } from '../../core/json.js';
import type { ResourceVersion, ShownDocument, StoredDocument, Touch } from '../resource-port.js';
import type { Database, SqlRow, SqlValue } from './open-database.js';
import type { SharedTexts } from './shared-texts.js';

/** A file's documents, and lists that recur in their states. */
export interface DocumentFile {
  readonly db: Database;
  readonly lists: SharedTexts<Json>;
}

/** Columns that `toShown` reads. */
export const shownColumns =
  'doc, type, id, revision, version, last_updated, patient, key_rest, stands_for, members, moved, source, hash, resource';

/** 1 for a document with touches: most have none, and need no further look. */
export const touchedColumn = 'EXISTS (SELECT 1 FROM touch WHERE touch.doc = document.doc) AS touched';

/** Columns that `toDocument` reads. */
export const documentColumns = `${shownColumns}, state, ${touchedColumn}`;

/** 0: shows nothing. 1: shown and found. 2: stands for another: shown by its id alone, found by nothing else. */
export function shownCode(document: Pick<StoredDocument, 'resource' | 'standsFor'>): number {
  if (document.resource === null) return 0;
  return document.standsFor === '' ? 1 : 2;
}

export function toDocument({ db, lists }: DocumentFile, row: SqlRow): StoredDocument {
  const shown = toShown(row);
  return {
    ...shown,
    state: parseState(String(row.state), lists),
    touches: row.touched === 1 ? touchesOf(db, Number(row.doc), shown.type, shown.id, shown.revision) : [],
  };
}

/** The document without state and touches. */
export function toShown(row: SqlRow): ShownDocument {
  return {
    type: String(row.type),
    id: String(row.id),
    revision: Number(row.revision),
    resource: parseResource(row.resource, row),
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

/** Stands in `history` for a text that the document itself holds: that of its newest version. */
export const heldByDocument = '';

const versionText =
  "CASE WHEN resource = '' THEN coalesce((SELECT d.resource FROM document d" +
  " WHERE d.type = history.type AND d.id = history.id AND d.version = history.version), '') ELSE resource END AS resource";

/** Columns that `toVersion` reads. */
export const versionColumns = `seq, type, id, version, last_updated, source, mapping_version, ${versionText}`;

export function toVersion(row: SqlRow): ResourceVersion {
  return {
    type: String(row.type),
    id: String(row.id),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    source: String(row.source),
    mappingVersion: Number(row.mapping_version),
    resource: parseResource(row.resource, row),
  };
}

/** The text of `resource`: what the row's type and id say, with which nearly each begins, is left out. */
export function printResource(resource: JsonObject | null, of: { type: string; id: string }): string | null {
  if (resource === null) return null;
  const [text, head] = [resourceTexts.plain(resource), headOf(of)];
  return text.startsWith(head) ? text.slice(head.length) : text;
}

function parseResource(text: SqlValue | undefined, { type, id }: SqlRow): JsonObject | null {
  if (typeof text !== 'string') return null;
  if (text === heldByDocument) throw fault('store-corrupt', 'a tenant’s file lacks the text of a version');
  return JSON.parse(text.startsWith('{') ? text : headOf({ type: String(type), id: String(id) }) + text) as JsonObject;
}

function headOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `{"resourceType":${JSON.stringify(type)},"id":${JSON.stringify(id)}`;
}

/** A list that is shorter is no longer than the number that would stand for it is worth. */
const worthSharing = 64;

/** The text of `state`: its list `r`, which is the same for most documents of a type, by its number. Inside a transaction. */
export function printState(state: JsonObject, lists: SharedTexts<Json>): string {
  const { r } = state;
  if (Array.isArray(r)) {
    const text = JSON.stringify(r);
    const number = text.length < worthSharing ? undefined : lists.numberOf(text);
    if (number !== undefined) return JSON.stringify({ ...state, r: number });
  }
  return JSON.stringify(state);
}

/** Reads the text of a list that states share. */
export function parseList(text: string): Json {
  return JSON.parse(text) as Json;
}

function parseState(text: string, lists: SharedTexts<Json>): JsonObject {
  const state = JSON.parse(text) as JsonObject;
  if (typeof state['r'] === 'number') state['r'] = lists.at(state['r']);
  return state;
}
