/** What a backup and a restore have to know of a registry, read from its file without opening it for work. */

import { type RebuildMarks, rebuildSetting } from '../backup/rebuild-marks.js';
import { masterKeyCheck } from '../master-key.js';
import type { TenantRecord } from '../registry-port.js';
import { type Database, openDatabase } from './open-database.js';

export interface RegistryMarks extends RebuildMarks {
  readonly generation: number;
  /** Empty where there is none yet. */
  readonly masterKeyCheck: string;
  readonly highestRun: number;
}

/** @throws Fault `store-unavailable`, `store-corrupt`, `format-too-new` */
export function readRegistryMarks(file: string): RegistryMarks {
  const db = openDatabase(file, { kind: 'registry', format: 1, schema: '', readOnly: true });
  try {
    return db.reading(() => ({
      generation: Number(db.get('SELECT number FROM generation')?.number),
      mappingVersion: Number(db.get('SELECT max(number) AS number FROM mapping')?.number ?? 0),
      tenants: db
        .all('SELECT body FROM tenant ORDER BY id')
        .map(({ body }) => JSON.parse(String(body)) as TenantRecord),
      rebuild: JSON.parse(settingOf(db, rebuildSetting) ?? '[]') as string[],
      masterKeyCheck: settingOf(db, masterKeyCheck) ?? '',
      highestRun: Number(db.get('SELECT max(number) AS number FROM run')?.number ?? 0),
    }));
  } finally {
    db.close();
  }
}

function settingOf(db: Database, name: string): string | undefined {
  const row = db.get('SELECT value FROM setting WHERE name = ?', name);
  return row === undefined ? undefined : String(row.value);
}
