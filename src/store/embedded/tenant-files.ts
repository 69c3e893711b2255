import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, fault } from '../../core/errors.js';
import type { SearchValue } from '../../fhir/search-values.js';
import { type Kept, KeptDocuments } from '../kept-documents.js';
import { noteClosed } from './collect-closed.js';
import { type DocumentFile, parseList } from './document-rows.js';
import { type Database, openDatabase } from './open-database.js';
import { resourceFormat, resourceSchema, resourceUpgrades } from './resource-schema.js';
import type { Widths } from './search-way.js';
import { SharedTexts } from './shared-texts.js';
import { parseShape, type ValuesShape } from './stored-values.js';

const mostOpen = 200;
const usualWidths: Widths = { narrow: 500, wide: 5000 };

/** True when `folder` holds the file of any tenant. */
export function holdsTenants(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.db'));
}

/** True when `folder` holds the file of this tenant. */
export function holdsTenant(folder: string, tenant: string): boolean {
  return existsSync(join(folder, `${tenant}.db`));
}

/** A document without its touches, which are rows of their own. */
export interface KeptRow extends Kept {
  /** What it is found by, where that is known. */
  readonly found: FoundBy | undefined;
}

/** What a document is found by, and the edition of the code that made it; none of a document that never had any. */
export interface FoundBy {
  readonly values: readonly SearchValue[];
  readonly edition: number | undefined;
}

/** One tenant's file: `<folder>/<tenant>.db`, and the numbers of its search parameters. */
export interface TenantFile extends DocumentFile {
  /** Number of a type's parameter; `undefined` when nothing was ever stored under it. */
  parameter(type: string, name: string): number | undefined;
  /** The same, made when it is new; inside a transaction. */
  makeParameter(type: string, name: string): number;
  /** Shapes of stored search values. */
  readonly shapes: SharedTexts<ValuesShape>;
  /** From how many rows on an index is read in which way. */
  readonly widths: Widths;
  /** Documents of this and other files. */
  readonly kept: KeptDocuments<KeptRow>;
}

/** The tenants' files, at most 200 of them open; the one unused for longest is closed first. */
export class TenantFiles {
  readonly #folder: string;
  readonly #readOnly: boolean;
  readonly #prepare: (db: Database) => void;
  readonly #widths: Widths;
  readonly #kept = new KeptDocuments<KeptRow>();
  /** With its inode: another may have taken the file's place. */
  readonly #open = new Map<string, { readonly file: TenantFile; readonly place: number | undefined }>();
  /** Tenants that had a file: one that is gone is not made anew. */
  readonly #had = new Set<string>();

  /** `prepare` is called with each connection when it is opened. */
  constructor(folder: string, readOnly: boolean, prepare: (db: Database) => void, widths = usualWidths) {
    this.#folder = folder;
    this.#readOnly = readOnly;
    this.#prepare = prepare;
    this.#widths = widths;
    if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /**
   * The file, made for a tenant that has none yet. A reader gets `undefined` then.
   * @throws Fault `store-unavailable` when it was there and is gone, or is too new; `store-corrupt`
   */
  get(tenant: string): TenantFile | undefined {
    const path = this.#path(tenant);
    const place = statSync(path, { throwIfNoEntry: false })?.ino;
    const known = this.#open.get(tenant);
    if (known !== undefined && place !== undefined && known.place === place) {
      this.#open.delete(tenant);
      this.#open.set(tenant, known);
      return known.file;
    }
    this.release(tenant);
    if (place === undefined) {
      if (this.#readOnly) return undefined;
      if (this.#had.has(tenant)) throw fault('store-unavailable', 'the file of a tenant is gone');
    }
    const oldest = this.#open.size >= mostOpen ? this.#open.keys().next().value : undefined;
    if (oldest !== undefined) this.release(oldest);
    const db = this.#openFile(path);
    this.#prepare(db);
    const file = withParameters(db, this.#widths, this.#kept);
    this.#open.set(tenant, { file, place: place ?? statSync(path).ino });
    this.#had.add(tenant);
    return file;
  }

  /** True for a tenant that has a file. */
  holds(tenant: string): boolean {
    return existsSync(this.#path(tenant));
  }

  /** Closes a tenant's file. */
  release(tenant: string): void {
    const known = this.#open.get(tenant);
    if (known === undefined) return;
    this.#open.delete(tenant);
    known.file.db.close();
    noteClosed();
  }

  drop(tenant: string): void {
    this.release(tenant);
    this.#had.delete(tenant);
    const path = this.#path(tenant);
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  }

  /** Runs `work` on the file, if there is one. A file that turns out to be damaged is opened anew the next time. */
  use<T>(tenant: string, work: (file: TenantFile) => T): T | undefined {
    const file = this.get(tenant);
    if (file === undefined) return undefined;
    try {
      return work(file);
    } catch (error) {
      if (error instanceof Fault && error.code === 'store-corrupt') this.release(tenant);
      throw error;
    }
  }

  close(): void {
    for (const tenant of [...this.#open.keys()]) this.release(tenant);
  }

  #openFile(path: string): Database {
    const options = {
      kind: 'resources',
      format: resourceFormat,
      schema: resourceSchema,
      upgrades: resourceUpgrades,
      readOnly: this.#readOnly,
    };
    try {
      return openDatabase(path, options);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'format-too-new') throw error;
      // the program as a whole is not too old, so that messages wait for the right file or program
      throw fault('store-unavailable', error.message, { cause: error });
    }
  }

  #path(tenant: string): string {
    if (!/^[0-9a-z][0-9a-z-]{0,63}$/.test(tenant)) throw fault('internal', 'not the id of a tenant');
    return join(this.#folder, `${tenant}.db`);
  }
}

function withParameters(db: Database, widths: Widths, kept: KeptDocuments<KeptRow>): TenantFile {
  const codes = new Map<string, number>();
  const find = (type: string, name: string): number | undefined => {
    const full = `${type}.${name}`;
    const known = codes.get(full);
    if (known !== undefined) return known;
    const code = db.get('SELECT code FROM parameter WHERE name = ?', full)?.code;
    if (typeof code !== 'number') return undefined;
    codes.set(full, code);
    return code;
  };
  return {
    db,
    widths,
    kept,
    shapes: new SharedTexts(db, parseShape),
    lists: new SharedTexts(db, parseList),
    parameter: find,
    makeParameter: (type, name) =>
      // not remembered before it is read back: the transaction may yet be rolled back
      find(type, name) ??
      Number(db.get('INSERT INTO parameter (name) VALUES (?) RETURNING code', `${type}.${name}`)?.code),
  };
}
