/** Looks at store files without changing them, for `wardline doctor` while no process holds the data folder. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/errors.js';
import type { SettleState } from '../archive-port.js';
import { archiveFormat, states } from './archive-files.js';
import { type Database, openDatabase } from './open-database.js';
import { resourceFormat } from './resource-schema.js';

/** What is to be said of one file. */
export interface InspectedStore {
  /** Path within the data folder. */
  readonly file: string;
  readonly bytes: number;
  /** `unchecked`: too large to be read through without being asked to. */
  readonly integrity: 'whole' | 'damaged' | 'unchecked' | 'unopened';
  /** Why it cannot be opened. */
  readonly fault?: Fault;
}

/** A file of a data folder, by its path within. */
export interface StoreFile {
  readonly file: string;
  readonly kind: string;
  readonly format: number;
}

/**
 * Opens every store file of a data folder for reading: its kind and format are checked, and those of at most `largest` bytes
 * read through (SQLite's quick_check).
 */
export function inspectStores(folder: string, largest: number): InspectedStore[] {
  return storeFiles(folder).map(({ file, kind, format }) => {
    const path = join(folder, file);
    const bytes = statSync(path).size;
    let database: Database | undefined;
    try {
      database = openDatabase(path, { kind, format, schema: '', readOnly: true });
      if (bytes > largest) return { file, bytes, integrity: 'unchecked' as const };
      const [first] = database.all('PRAGMA quick_check(1)');
      const isWhole = first !== undefined && Object.values(first)[0] === 'ok';
      return { file, bytes, integrity: isWhole ? ('whole' as const) : ('damaged' as const) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code === 'store-corrupt') return { file, bytes, integrity: 'damaged' as const, fault: error };
      return { file, bytes, integrity: 'unopened' as const, fault: error };
    } finally {
      database?.close();
    }
  });
}

/** A setting of the registry of a data folder; undefined where there is none, or no registry. */
export function registrySetting(folder: string, name: string): string | undefined {
  const file = join(folder, 'registry.db');
  if (!existsSync(file)) return undefined;
  const database = openDatabase(file, { kind: 'registry', format: 1, schema: '', readOnly: true });
  try {
    const row = database.get('SELECT value FROM setting WHERE name = ?', name);
    return row === undefined ? undefined : String(row.value);
  } finally {
    database.close();
  }
}

/** Messages of a data folder that nobody holds: how many wait, are parked or unmapped. */
export function waitingMessages(folder: string): Readonly<Record<'unsettled' | 'parked' | 'unmapped', number>> {
  const sum = (files: readonly StoreFile[], sql: string): number =>
    files.reduce((total, { file, kind, format }) => {
      const database = openDatabase(join(folder, file), { kind, format, schema: '', readOnly: true });
      try {
        return total + Number(database.get(sql)?.rows ?? 0);
      } finally {
        database.close();
      }
    }, 0);
  const files = storeFiles(folder);
  const settle = files.filter(({ kind }) => kind === 'settle');
  const inState = (state: SettleState): number =>
    sum(settle, `SELECT sum(rows) AS rows FROM tally WHERE state = ${states.indexOf(state)}`);
  const settled = sum(settle, "SELECT sum(rows) AS rows FROM tally WHERE tenant <> ''");
  const archived = files.filter(({ kind }) => kind === 'archive');
  const messages = sum(archived, "SELECT sum(rows) AS rows FROM tally WHERE kind = 0 AND tenant <> ''");
  return { unsettled: Math.max(0, messages - settled), parked: inState('parked'), unmapped: inState('unmapped') };
}

/** The store files of a data folder. */
export function storeFiles(folder: string): StoreFile[] {
  const named = (part: string, pattern: RegExp): string[] => {
    const path = join(folder, part);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => join(part, name));
  };
  const single = ['registry', 'audit'].map((kind) => ({ file: `${kind}.db`, kind, format: 1 }));
  return [
    ...single.filter(({ file }) => existsSync(join(folder, file))),
    ...named('archive', /^archive-.*\.db$/).map((file) => ({ file, kind: 'archive', format: archiveFormat })),
    ...named('archive', /^settle\.db$/).map((file) => ({ file, kind: 'settle', format: 1 })),
    ...named('tenants', /\.db$/).map((file) => ({ file, kind: 'resources', format: resourceFormat })),
  ];
}
