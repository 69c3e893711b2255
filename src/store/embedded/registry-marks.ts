/** What a backup and a restore have to know of a registry, read from its file without opening it for work. */

import { masterKeyCheck } from '../master-key.js';
import type { TenantRecord } from '../registry-port.js';
import { type Database, openDatabase } from './open-database.js';

/** The registry's setting that lists the tenants whose ids are to be made anew. */
export const rebuildSetting = 'rebuild';

export interface RegistryMarks {
  readonly generation: number;
  readonly mappingVersion: number;
  readonly tenants: readonly TenantRecord[];
  /** Tenants that wait for their rebuild. */
  readonly rebuild: readonly string[];
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

/**
 * Tenants to be rebuilt where resources were copied while the registry went from one state to another: all that wait for it in either,
 * and those whose ids may have been made anew in between.
 */
export function toRebuild(
  before: Pick<RegistryMarks, 'mappingVersion' | 'tenants' | 'rebuild'>,
  after: Pick<RegistryMarks, 'mappingVersion' | 'tenants' | 'rebuild'>,
): string[] {
  const settings = new Map(before.tenants.map((tenant) => [tenant.id, JSON.stringify(tenant.settings)]));
  const changed = after.tenants.filter(
    (tenant) =>
      settings.has(tenant.id) &&
      (before.mappingVersion !== after.mappingVersion || settings.get(tenant.id) !== JSON.stringify(tenant.settings)),
  );
  return [...new Set([...before.rebuild, ...after.rebuild, ...changed.map(({ id }) => id)])];
}

function settingOf(db: Database, name: string): string | undefined {
  const row = db.get('SELECT value FROM setting WHERE name = ?', name);
  return row === undefined ? undefined : String(row.value);
}
