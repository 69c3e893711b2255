/** Reads one tenant's file out: documents with what they are found by, and all versions, by type, id and version. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { MovedDocument, MovedVersion, OutgoingRows } from '../moved-rows.js';
import { documentColumns, parseList, toDocument, toVersion, versionColumns } from './document-rows.js';
import { type Database, openDatabase, type SqlValue } from './open-database.js';
import { resourceFormat, resourceSchema, resourceUpgrades } from './resource-schema.js';
import { SharedTexts } from './shared-texts.js';
import { parseShape, parseValues } from './stored-values.js';

/** Keys are read so many at a time, and rows one by one: a row may have many megabytes. */
const chunk = 500;

export interface DocumentKey {
  readonly type: string;
  readonly id: string;
}

export interface VersionKey extends DocumentKey {
  readonly version: number;
}

export interface OutgoingTenant {
  readonly documents: OutgoingRows<MovedDocument, DocumentKey>;
  readonly versions: OutgoingRows<MovedVersion, VersionKey>;
  close(): void;
}

/** undefined for a tenant that has no file yet. @throws Fault `format-too-new`, `store-corrupt`, `store-unavailable` */
export function openOutgoingTenant(folder: string, tenant: string): OutgoingTenant | undefined {
  const file = join(folder, `${tenant}.db`);
  if (!existsSync(file)) return undefined;
  const db = openDatabase(file, {
    ...{ kind: 'resources', format: resourceFormat, schema: resourceSchema, upgrades: resourceUpgrades },
    readOnly: true,
  });
  const count = (table: string, more = '', ...values: (string | number)[]): number =>
    Number(db.get(`SELECT count(*) AS rows FROM ${table}${more}`, ...values)?.rows);
  return {
    documents: {
      count: (after) =>
        after === undefined ? count('document') : count('document', ' WHERE (type, id) > (?, ?)', after.type, after.id),
      after: (after) => documentsAfter(db, after),
      size: ({ size }) => size,
    },
    versions: {
      count: (after) =>
        after === undefined
          ? count('history')
          : count('history', ' WHERE (type, id, version) > (?, ?, ?)', after.type, after.id, after.version),
      after: (after) => versionsAfter(db, after),
      size: ({ size }) => size,
    },
    close: () => db.close(),
  };
}

function* documentsAfter(db: Database, after: DocumentKey | undefined): Generator<MovedDocument> {
  const keys = `SELECT doc, type, id FROM document WHERE (type, id) > (?, ?) ORDER BY type, id LIMIT ${chunk}`;
  const shapes = new SharedTexts(db, parseShape);
  const file = { db, lists: new SharedTexts(db, parseList) };
  let last = after ?? { type: '', id: '' };
  for (;;) {
    const found = db.all(keys, last.type, last.id);
    for (const { doc = 0 } of found) {
      const row = db.get(`SELECT ${documentColumns}, sort_date FROM document WHERE doc = ?`, doc);
      if (row === undefined) continue;
      const { body, edition } = db.get('SELECT body, edition FROM search_values WHERE doc = ?', doc) ?? {};
      yield {
        document: toDocument(file, row),
        values: typeof body === 'string' ? parseValues(body, shapes) : [],
        edition: Number(edition ?? 0),
        sortDate: row.sort_date === null ? null : Number(row.sort_date),
        size: lengthOf(row.state) + lengthOf(row.resource) + lengthOf(body),
      };
    }
    const end = found.at(-1);
    if (end === undefined || found.length < chunk) return;
    last = { type: String(end.type), id: String(end.id) };
  }
}

function* versionsAfter(db: Database, after: VersionKey | undefined): Generator<MovedVersion> {
  const keys =
    'SELECT seq, type, id, version FROM history WHERE (type, id, version) > (?, ?, ?)' +
    ` ORDER BY type, id, version LIMIT ${chunk}`;
  let last = after ?? { type: '', id: '', version: 0 };
  for (;;) {
    const found = db.all(keys, last.type, last.id, last.version);
    for (const { seq = 0 } of found) {
      const row = db.get(`SELECT ${versionColumns} FROM history WHERE seq = ?`, seq);
      if (row !== undefined) yield { version: toVersion(row), place: Number(seq), size: lengthOf(row.resource) };
    }
    const end = found.at(-1);
    if (end === undefined || found.length < chunk) return;
    last = { type: String(end.type), id: String(end.id), version: Number(end.version) };
  }
}

function lengthOf(text: SqlValue | undefined): number {
  return typeof text === 'string' ? text.length : 0;
}
