/** One SQLite file, opened the way all of ours are: WAL, syncing each commit, format checked, statements kept. */
import { basename } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { fault } from '../../core/errors.js';
import { diskFault } from './disk-errors.js';

/**
 * `full`: each commit is on stable storage when it returns. `normal`: a power failure may take the last commits, in order,
 * and leaves the file whole. `off`: for the test that shows what durability costs, and for files that hold nothing.
 */
export type Durability = 'full' | 'normal' | 'off';

const pragmaValue: Readonly<Record<Durability, number>> = { off: 0, normal: 1, full: 2 };

export interface DatabaseOptions {
  /** What the file is, for messages and its format row: `archive`, `registry` … */
  readonly kind: string;
  /** Newest format that this program reads and writes. */
  readonly format: number;
  /** Statements that make an empty file; run once, in one transaction. */
  readonly schema: string;
  /** Statements that bring a file of an older format to the next one, by the format it has. */
  readonly upgrades?: Readonly<Record<number, string>>;
  readonly durability?: Durability;
  /** Opens an existing file for reading only. */
  readonly readOnly?: boolean;
}

export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** An open file. Calls throw errors of the catalogue. */
export interface Database {
  readonly file: string;
  run(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Runs `work` in one transaction that takes the write lock at once; rolls back when it throws. */
  transaction<T>(work: () => T): T;
  /** Runs `work`, which only reads, as one look at the file: dearer alone, cheaper than many looks. */
  reading<T>(work: () => T): T;
  /** Makes a function for SQL text. */
  define(name: string, work: (...values: SqlValue[]) => SqlValue): void;
  /** Statements without values: schema changes, VACUUM. */
  exec(sql: string): void;
  /** Never throws, a full disk included: what is committed is kept in any case. */
  close(): void;
}

const keptStatements = 300;

/** Opens or makes the file. Throws `format-too-new`, `store-corrupt`, `disk-full` or `store-unavailable`. */
export function openDatabase(file: string, options: DatabaseOptions): Database {
  const name = basename(file);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw diskFault(error, name);
    }
  };
  const db = guarded(() => {
    if (options.readOnly === true) upgradeBeforeReading(file, name, options);
    return new DatabaseSync(file, { readOnly: options.readOnly === true });
  });
  try {
    guarded(() => prepareConnection(db, name, options));
  } catch (error) {
    db.close();
    throw error;
  }
  return wrap(db, file, options.readOnly === true, guarded);
}

function wrap(db: DatabaseSyncInstance, file: string, readOnly: boolean, guarded: <T>(work: () => T) => T): Database {
  const statements = new Map<string, StatementSyncInstance>();
  const statement = (sql: string): StatementSyncInstance => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const oldest = statements.size >= keptStatements ? statements.keys().next().value : undefined;
    if (oldest !== undefined) statements.delete(oldest);
    const made = db.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  let depth = 0;
  const within = <T>(begin: string, work: () => T): T => {
    if (depth > 0) return work();
    return guarded(() => {
      statement(begin).run();
      depth++;
      try {
        const result = work();
        statement('COMMIT').run();
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      } finally {
        depth--;
      }
    });
  };
  return {
    file,
    run: (sql, ...values) => guarded(() => statement(sql).run(...values).changes),
    get: (sql, ...values) => guarded(() => statement(sql).get(...values) as SqlRow | undefined),
    all: (sql, ...values) => guarded(() => statement(sql).all(...values) as SqlRow[]),
    transaction: (work) => within('BEGIN IMMEDIATE', work),
    reading: (work) => within('BEGIN', work),
    define: (functionName, work) => db.function(functionName, { varargs: true }, work),
    exec: (sql) => guarded(() => db.exec(sql)),
    close() {
      if (!db.isOpen) return;
      statements.clear();
      try {
        // the driver leaves a file with prepared statements to the garbage collector: its WAL is merged here
        if (!readOnly) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // no room for merging: the WAL stays and is read at the next opening
      } finally {
        db.close();
      }
    },
  };
}

function prepareConnection(db: DatabaseSyncInstance, name: string, options: DatabaseOptions): void {
  db.exec('PRAGMA busy_timeout = 5000');
  db.exec('PRAGMA temp_store = MEMORY');
  if (options.readOnly !== true) {
    db.exec('PRAGMA journal_mode = WAL');
    setDurability(db, name, options.durability ?? 'full');
    db.exec('BEGIN IMMEDIATE');
  }
  try {
    checkFormat(db, name, options);
    if (db.isTransaction) db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function setDurability(db: DatabaseSyncInstance, name: string, durability: Durability): void {
  const wanted = pragmaValue[durability];
  db.exec(`PRAGMA synchronous = ${wanted}`);
  const row = once(db, 'PRAGMA synchronous');
  if (row?.synchronous !== wanted) throw fault('store-unavailable', `${name} does not take synchronous=${wanted}`);
}

function checkFormat(db: DatabaseSyncInstance, name: string, options: DatabaseOptions): void {
  const made = once(db, "SELECT 1 FROM sqlite_schema WHERE name = 'format'") !== undefined;
  if (!made) {
    if (options.readOnly === true) throw fault('store-unavailable', `${name} holds nothing yet`);
    db.exec('CREATE TABLE format (kind TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT');
    db.exec(options.schema);
    once(db, 'INSERT INTO format VALUES (?, ?)', options.kind, options.format);
    return;
  }
  const row = once(db, 'SELECT kind, version FROM format');
  if (row?.kind !== options.kind)
    throw fault('store-corrupt', `${name} is a file of kind ${row?.kind}, not ${options.kind}`);
  if (Number(row.version) > options.format) {
    throw fault(
      'format-too-new',
      `${name} has format ${row.version} and this program reads up to ${options.format}: start the newer Wardline that wrote it`,
    );
  }
  if (options.readOnly !== true) upgrade(db, Number(row.version), options);
}

/** A file that is older than the program is brought up by a connection that writes, before one reads it. */
function upgradeBeforeReading(file: string, name: string, options: DatabaseOptions): void {
  if (options.upgrades === undefined) return;
  const looked = new DatabaseSync(file, { readOnly: true });
  let older: boolean;
  try {
    const made = once(looked, "SELECT 1 FROM sqlite_schema WHERE name = 'format'") !== undefined;
    older = made && Number(once(looked, 'SELECT version FROM format')?.version) < options.format;
  } finally {
    looked.close();
  }
  if (!older) return;
  const db = new DatabaseSync(file);
  try {
    prepareConnection(db, name, { ...options, readOnly: false });
  } finally {
    db.close();
  }
}

/** Brings an older file up to the format, within the transaction that opens it. */
function upgrade(db: DatabaseSyncInstance, found: number, { format, upgrades = {} }: DatabaseOptions): void {
  if (found === format) return;
  for (let version = found; version < format; version++) {
    const statements = upgrades[version];
    if (statements !== undefined) db.exec(statements);
  }
  once(db, 'UPDATE format SET version = ?', format);
}

function once(db: DatabaseSyncInstance, sql: string, ...values: SqlValue[]): SqlRow | undefined {
  return db.prepare(sql).get(...values) as SqlRow | undefined;
}
