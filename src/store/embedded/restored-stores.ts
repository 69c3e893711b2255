/** What is put right in restored files before anybody starts on them. */
import { join } from 'node:path';
import { runOf } from '../archive-ids.js';
import { runsLeftFree } from '../backup/backup-format.js';
import { rebuildSetting } from '../backup/rebuild-marks.js';
import { archivedMonths, openMonth } from './archive-files.js';
import { type Database, openDatabase } from './open-database.js';
import { SettleLedger } from './settle-ledger.js';

const page = 5000;

/** Lets runs go on beyond all that the files know of, and notes who is to be rebuilt. */
export function prepareRegistry(folder: string, rebuild: readonly string[], now: number): void {
  const db = openDatabase(join(folder, 'registry.db'), { kind: 'registry', format: 1, schema: '' });
  try {
    db.transaction(() => {
      const known = Number(db.get('SELECT max(number) AS number FROM run')?.number ?? 0);
      const run = Math.max(known, highestRun(join(folder, 'archive'))) + runsLeftFree;
      db.run('INSERT INTO run VALUES (?, ?)', run, now);
      db.run('INSERT OR REPLACE INTO setting VALUES (?, ?)', rebuildSetting, JSON.stringify(rebuild));
      db.run('UPDATE generation SET number = number + 1');
    });
  } finally {
    db.close();
  }
}

/** Highest run of any message; 0 without messages. */
function highestRun(folder: string): number {
  const runs = archivedMonths(folder).map((month) => {
    const db = openMonth(folder, month, { readOnly: true });
    try {
      return runOf(Number(db.get('SELECT max(id) AS id FROM message')?.id ?? 0));
    } finally {
      db.close();
    }
  });
  return Math.max(0, ...runs);
}

/** Drops what is known of messages that retention took from the archive after the settle marks were copied. */
export function forgetRemoved(folder: string): void {
  const months = archivedMonths(folder).map((month) => openMonth(folder, month, { readOnly: true }));
  const ledger = new SettleLedger(join(folder, 'settle.db'));
  try {
    for (let after = -1; ; ) {
      const ids = idsAfter(ledger.db, after);
      const removed = ids.filter(
        (id) => !months.some((db) => db.get('SELECT 1 FROM message WHERE id = ?', id) !== undefined),
      );
      if (removed.length > 0) ledger.forget(removed);
      const last = ids.at(-1);
      if (last === undefined) return;
      after = last;
    }
  } finally {
    ledger.close();
    for (const db of months) db.close();
  }
}

function idsAfter(db: Database, after: number): number[] {
  return db.all(`SELECT id FROM outcome WHERE id > ? ORDER BY id LIMIT ${page}`, after).map(({ id }) => Number(id));
}
