/** The registry in one SQLite file. Small, and every write is one synced commit that raises the generation. */
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, type Json } from '../../core/json.js';
import type {
  ClientRecord,
  MappingVersionRecord,
  ProcessRecord,
  RegistryPort,
  RegistrySnapshot,
  SigningKeyRecord,
  TenantRecord,
} from '../registry-port.js';
import { keepsItsNature } from '../tenant-record.js';
import { type Database, openDatabase, type SqlRow } from './open-database.js';

const schema = `
  CREATE TABLE tenant (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE client (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE signing_key (kid TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE mapping (number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, published_at INTEGER NOT NULL,
    files TEXT NOT NULL) STRICT;
  CREATE TABLE run (number INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE used_id (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT;
  CREATE INDEX used_id_expires ON used_id (expires);
  CREATE TABLE generation (number INTEGER NOT NULL) STRICT;
  INSERT INTO generation VALUES (0);
`;

/** Opens `registry.db`; several threads may each open their own. */
export function openEmbeddedRegistry(file: string): RegistryPort {
  return new EmbeddedRegistry(openDatabase(file, { kind: 'registry', format: 1, schema }));
}

class EmbeddedRegistry implements RegistryPort {
  readonly #db: Database;
  /** The file is one process's, which has nobody to tell but itself. */
  #process: { readonly said: ProcessRecord; readonly at: number } | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  async snapshot(): Promise<RegistrySnapshot> {
    const db = this.#db;
    return db.transaction(() => ({
      generation: this.#generation(),
      tenants: db.all('SELECT body FROM tenant ORDER BY id').map(body<TenantRecord>),
      clients: db.all('SELECT body FROM client ORDER BY id').map(body<ClientRecord>),
      signingKeys: db.all('SELECT body FROM signing_key ORDER BY kid').map(body<SigningKeyRecord>),
      mappingVersion: Number(db.get('SELECT max(number) AS number FROM mapping')?.number ?? 0),
    }));
  }

  async generation(): Promise<number> {
    return this.#generation();
  }

  async putTenant(tenant: TenantRecord): Promise<void> {
    this.#change(() => {
      const before = this.#db.get('SELECT body FROM tenant WHERE id = ?', tenant.id);
      if (before !== undefined) keepsItsNature(body<TenantRecord>(before), tenant);
      return this.#db.run('INSERT OR REPLACE INTO tenant VALUES (?, ?)', tenant.id, JSON.stringify(tenant));
    });
  }

  async putClient(before: ClientRecord | null, after: ClientRecord): Promise<boolean> {
    return this.#change(() => {
      const row = this.#db.get('SELECT body FROM client WHERE id = ?', after.id);
      const stored = row === undefined ? null : body<ClientRecord>(row);
      if (!isDeepStrictEqual(stored, before === null ? null : plain(before))) return 0;
      return this.#db.run('INSERT OR REPLACE INTO client VALUES (?, ?)', after.id, JSON.stringify(after));
    });
  }

  async deleteClient(id: string): Promise<boolean> {
    return this.#change(() => this.#db.run('DELETE FROM client WHERE id = ?', id));
  }

  async putSigningKey(key: SigningKeyRecord): Promise<void> {
    this.#change(() => this.#db.run('INSERT OR REPLACE INTO signing_key VALUES (?, ?)', key.kid, JSON.stringify(key)));
  }

  async deleteSigningKey(kid: string): Promise<void> {
    this.#change(() => this.#db.run('DELETE FROM signing_key WHERE kid = ?', kid));
  }

  async publishMapping(hash: string, files: Readonly<Record<string, string>>, at: number): Promise<number> {
    const db = this.#db;
    return db.transaction(() => {
      const live = db.get('SELECT number, hash FROM mapping ORDER BY number DESC LIMIT 1');
      if (live !== undefined && hashOf(live) === hash) return Number(live.number);
      const number = Number(live?.number ?? 0) + 1;
      const known = db.get('SELECT 1 FROM mapping WHERE hash = ?', hash) !== undefined;
      const name = known ? `${hash}.${number}` : hash;
      db.run('INSERT INTO mapping VALUES (?, ?, ?, ?)', number, name, at, canonicalJson(files as Json));
      this.#raise();
      return number;
    });
  }

  async mapping(number: number): Promise<MappingVersionRecord | undefined> {
    const row = this.#db.get('SELECT hash, published_at, files FROM mapping WHERE number = ?', number);
    if (row === undefined) return undefined;
    return {
      number,
      hash: hashOf(row),
      publishedAt: Number(row.published_at),
      files: JSON.parse(String(row.files)) as Record<string, string>,
    };
  }

  async mappings(limit: number): Promise<readonly Omit<MappingVersionRecord, 'files'>[]> {
    return this.#db
      .all('SELECT number, hash, published_at FROM mapping ORDER BY number DESC LIMIT ?', limit)
      .map((row) => ({ number: Number(row.number), hash: hashOf(row), publishedAt: Number(row.published_at) }));
  }

  async openRun(at: number): Promise<number> {
    const db = this.#db;
    return db.transaction(() => {
      const number = Number(db.get('SELECT coalesce(max(number), 0) + 1 AS number FROM run')?.number);
      db.run('INSERT INTO run VALUES (?, ?)', number, at);
      return number;
    });
  }

  async setting(name: string): Promise<string | undefined> {
    const row = this.#db.get('SELECT value FROM setting WHERE name = ?', name);
    return row === undefined ? undefined : String(row.value);
  }

  async putSetting(name: string, value: string): Promise<void> {
    this.#change(() => this.#db.run('INSERT OR REPLACE INTO setting VALUES (?, ?)', name, value));
  }

  async useOnce(id: string, expires: number, now = Date.now()): Promise<boolean> {
    const db = this.#db;
    return db.transaction(() => {
      db.run('DELETE FROM used_id WHERE expires < ?', now);
      return db.run('INSERT OR IGNORE INTO used_id VALUES (?, ?)', id, expires) === 1;
    });
  }

  /** The file is one process's. */
  async lease(): Promise<boolean> {
    return true;
  }

  async sayAlive(said: ProcessRecord): Promise<void> {
    this.#process = { said, at: performance.now() };
  }

  async sayGone(): Promise<void> {
    this.#process = undefined;
  }

  async processes(): Promise<readonly (ProcessRecord & { silentFor: number })[]> {
    if (this.#process === undefined) return [];
    const { said, at } = this.#process;
    return [{ ...said, silentFor: Math.round(performance.now() - at) }];
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #generation(): number {
    return Number(this.#db.get('SELECT number FROM generation')?.number);
  }

  #raise(): void {
    this.#db.run('UPDATE generation SET number = number + 1');
  }

  /** Runs a write that gives the number of rows it changed, and raises the generation when that is not 0. */
  #change(write: () => number): boolean {
    return this.#db.transaction(() => {
      const changed = write() > 0;
      if (changed) this.#raise();
      return changed;
    });
  }
}

/** The hash of a mapping set. Each stands once in its column: a set that came back has its number behind its hash. */
export function hashOf(row: SqlRow): string {
  return String(row.hash).replace(/\.\d+$/, '');
}

function body<T>(row: SqlRow): T {
  return JSON.parse(String(row.body)) as T;
}

/** What a record is after a round through JSON, so that members that are `undefined` do not count. */
function plain(record: ClientRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}
