/** The number of all matches where counting them takes too long: from documents drawn at random by their numbers. */
import type { SearchQuery } from '../../fhir/search-query.js';
import { alwaysCounted, type FoundTotal, sampleSize, scaledUp } from '../estimated-total.js';
import type { Database, SqlRow } from './open-database.js';
import { shownOf } from './search-plan.js';

/** Numbers that are tried for each document of a draw: most of a type's are another's. */
const triesForEach = 16;

/** Whether the store is so small that it is counted in any case. */
export function isSmall(db: Database): boolean {
  return lastNumber(db) <= alwaysCounted;
}

/** `deadline`: by the monotonic clock, when the draw ends, whatever it holds by then. */
export function estimateTotal(
  db: Database,
  { type }: SearchQuery,
  isMatch: (row: SqlRow) => boolean,
  deadline: number,
): FoundTotal {
  const last = lastNumber(db);
  const sql =
    'SELECT d.id AS id, d.last_updated AS updated, d.sort_date AS date, v.body AS body' +
    ' FROM document d LEFT JOIN search_values v ON v.doc = d.doc WHERE d.doc = ? AND d.type = ? AND d.shown = 1';
  let [drawn, found] = [0, 0];
  for (let tries = sampleSize * triesForEach; tries > 0 && drawn < sampleSize; tries--) {
    if (performance.now() > deadline) break;
    const row = db.get(sql, 1 + Math.floor(Math.random() * last), type);
    if (row === undefined) continue;
    drawn++;
    if (isMatch(row)) found++;
  }
  const { text, values } = shownOf(type);
  return scaledUp({ drawn, found, of: Number(db.get(text, ...values)?.total) });
}

function lastNumber(db: Database): number {
  return Number(db.get('SELECT max(doc) AS last FROM document')?.last ?? 0);
}
