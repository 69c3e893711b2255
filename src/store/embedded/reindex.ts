/**
 * Finds documents of a tenant's file whose search values are of another edition, and replaces these, in the newest form of their
 * row. Looking goes by the order in which documents were made, some at a time, so that no look holds up a message.
 */
import type { OtherEditionPage, Reindexed, ReindexResult, StoredEditions } from '../reindex-port.js';
import {
  documentColumns,
  heldByDocument,
  printResource,
  printState,
  shownColumns,
  toDocument,
  toShown,
} from './document-rows.js';
import { storeValues, type WriteCounters } from './document-writer.js';
import type { Database } from './open-database.js';
import { resourceFormat } from './resource-schema.js';
import type { TenantFile } from './tenant-files.js';

/** As many documents are counted one by one; of more as many are looked at, at equal distances. */
const mostCounted = 20_000;
const sampled = 2_000;
/** Documents that are looked at in one call. */
const lookedAt = 2_000;

/** A file of a format without editions has 0 everywhere. */
export function readEditions(db: Database): StoredEditions {
  const format = Number(db.get('SELECT version FROM format')?.version);
  const edition = format < 4 ? '0' : '(SELECT edition FROM search_values WHERE search_values.doc = document.doc)';
  const last = Number(db.get('SELECT max(doc) AS last FROM document')?.last ?? 0);
  const estimated = last > mostCounted;
  const counts = new Map<number, number>();
  const add = (of: unknown, documents: number): unknown =>
    counts.set(Number(of ?? 0), (counts.get(Number(of ?? 0)) ?? 0) + documents);
  if (estimated) {
    const next = `SELECT ${edition} AS edition FROM document WHERE doc >= ? AND shown = 1 ORDER BY doc LIMIT 1`;
    for (let at = 0; at < sampled; at++) {
      const row = db.get(next, Math.floor((at * last) / sampled));
      if (row !== undefined) add(row.edition, last / sampled);
    }
  } else {
    const counted = `SELECT ${edition} AS edition, count(*) AS documents FROM document WHERE shown = 1 GROUP BY 1`;
    for (const row of db.all(counted)) add(row.edition, Number(row.documents));
  }
  return {
    format: { found: format, known: resourceFormat },
    documents: [...counts]
      .map(([of, documents]) => ({ edition: of, documents: Math.round(documents) }))
      .sort((a, b) => a.edition - b.edition),
    estimated,
  };
}

export function readOtherEditions(
  db: Database,
  edition: number,
  after: string | undefined,
  limit: number,
): OtherEditionPage {
  const first = Number(after ?? 0);
  const end = first + lookedAt;
  const rows = db.all(
    `SELECT ${shownColumns} FROM document WHERE doc > ? AND doc <= ? AND shown = 1 AND` +
      ' ifnull((SELECT edition FROM search_values WHERE search_values.doc = document.doc), 0) <> ? ORDER BY doc LIMIT ?',
    ...[first, end, edition, limit],
  );
  const documents = rows.map(toShown);
  if (rows.length === limit) return { documents, next: String(rows.at(-1)?.doc) };
  const last = Number(db.get('SELECT max(doc) AS last FROM document')?.last ?? 0);
  return { documents, next: end >= last ? undefined : String(end) };
}

/** Its row takes the newest form, and so does that of its newest version, whose text it holds. Within the caller's transaction. */
export function reindexDocument(file: TenantFile, one: Reindexed, counters: WriteCounters): ReindexResult {
  const { db, lists, kept } = file;
  const { type, id, revision, values, sortDate, edition } = one;
  const row = db.get(
    `SELECT ${documentColumns}, sort_key FROM document WHERE type = ? AND id = ? AND shown = 1`,
    ...[type, id],
  );
  if (row === undefined || Number(row.revision) !== revision) return 'changed';
  const [doc, before] = [Number(row.doc), Number(row.sort_key)];
  const document = toDocument(file, row);
  const sortKey = sortDate ?? document.lastUpdated;
  db.run(
    'UPDATE document SET sort_date = ?, sort_key = ?, resource = ?, state = ? WHERE doc = ?',
    ...[sortDate, sortKey, printResource(document.resource, document), printState(document.state, lists), doc],
  );
  db.run(
    'UPDATE history SET resource = ? WHERE type = ? AND id = ? AND version = ? AND resource <> ?',
    ...[heldByDocument, type, id, document.version, heldByDocument],
  );
  const known = kept.get(db, type, id, revision);
  const found = storeValues(file, { document, values, edition }, known?.found, doc, before, sortKey, counters);
  if (known !== undefined) kept.keep(db, { ...known, found });
  return 'done';
}
