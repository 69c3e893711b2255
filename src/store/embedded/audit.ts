/**
 * The audit of an installation in `audit.db`. Each process run has a chain: every record's hash covers the one before it.
 * The end of every run's chain stands in a row beside, under a keyed hash, and one anchor covers the ends of all runs
 * together, so that records cut off an end show, and a run taken away whole. Calls that come together are one commit.
 */
import { type Fault, fault } from '../../core/errors.js';
import { type AuditOptions, auditRecord, type ChainEnd, chainBegin, chained, keyedHash } from '../audit-chain.js';
import type { AuditEvent, AuditPort, AuditRecord } from '../audit-port.js';
import { type Database, openDatabase, type SqlRow } from './open-database.js';

const schema = `
  CREATE TABLE record (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, number INTEGER NOT NULL, tenant TEXT, body TEXT NOT NULL,
    chain TEXT NOT NULL, UNIQUE (run, number)) STRICT;
  CREATE INDEX record_tenant ON record (tenant, id);
  CREATE TABLE shown_patient (tenant TEXT NOT NULL, patient TEXT NOT NULL, id INTEGER NOT NULL,
    PRIMARY KEY (tenant, patient, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE head (run INTEGER PRIMARY KEY, number INTEGER NOT NULL, chain TEXT NOT NULL, seal BLOB NOT NULL) STRICT;
  CREATE TABLE anchor (only INTEGER PRIMARY KEY CHECK (only = 1), ends BLOB NOT NULL, seal BLOB NOT NULL) STRICT;
`;

const sealLength = 32;

interface Waiting {
  readonly events: readonly AuditEvent[];
  readonly resolve: () => void;
  readonly reject: (error: Fault) => void;
}

/** Opens the audit for this run. Throws `audit-unavailable` when the file cannot be used. */
export function openEmbeddedAudit(file: string, options: AuditOptions): AuditPort {
  return new EmbeddedAudit(
    guarded(() => openDatabase(file, { kind: 'audit', format: 1, schema })),
    options,
  );
}

class EmbeddedAudit implements AuditPort {
  readonly #db: Database;
  readonly #options: AuditOptions;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(db: Database, options: AuditOptions) {
    this.#db = db;
    this.#options = options;
  }

  append(events: readonly AuditEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  async list(filter: Parameters<AuditPort['list']>[0]): Promise<readonly AuditRecord[]> {
    return guarded(() => this.#rows(filter).map(toRecord));
  }

  async verify(): Promise<readonly { readonly run: number; readonly number: number }[]> {
    return guarded(() => this.#db.transaction(() => this.#broken()));
  }

  async close(): Promise<void> {
    this.#flush();
    this.#db.close();
  }

  #flush(): void {
    this.#scheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    try {
      guarded(() => this.#db.transaction(() => this.#write(waiting.flatMap((call) => call.events))));
      for (const call of waiting) call.resolve();
    } catch (error) {
      for (const call of waiting) call.reject(error as Fault);
    }
  }

  #write(events: readonly AuditEvent[]): void {
    const { run, key } = this.#options;
    const head = this.#db.get('SELECT number, chain, seal FROM head WHERE run = ?', run);
    let end: ChainEnd = head === undefined ? chainBegin : { number: Number(head.number), chain: String(head.chain) };
    for (const event of events) {
      const body = JSON.stringify(event);
      end = chained(key, run, end, body);
      const row = this.#db.get(
        'INSERT INTO record (run, number, tenant, body, chain) VALUES (?, ?, ?, ?, ?) RETURNING id',
        run,
        end.number,
        event.tenant,
        body,
        end.chain,
      );
      for (const patient of new Set(event.patients)) {
        this.#db.run('INSERT INTO shown_patient VALUES (?, ?, ?)', event.tenant ?? '', patient, Number(row?.id));
      }
    }
    const seal = this.#sealOfHead(run, end);
    this.#anchor(head?.seal as Uint8Array | undefined, seal);
    this.#db.run('INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?)', run, end.number, end.chain, seal);
  }

  /** The ends of all runs are the XOR of their seals, which one end can leave and another join without the rest. */
  #anchor(leaves: Uint8Array | undefined, joins: Uint8Array): void {
    const row = this.#db.get('SELECT ends FROM anchor');
    const ends = Buffer.from((row?.ends as Uint8Array | undefined) ?? Buffer.alloc(joins.length));
    combine(ends, joins);
    if (leaves !== undefined) combine(ends, leaves);
    this.#db.run('INSERT OR REPLACE INTO anchor VALUES (1, ?, ?)', ends, this.#sealOfEnds(ends));
  }

  #rows({ tenant, patient, limit }: Parameters<AuditPort['list']>[0]): SqlRow[] {
    const columns = 'r.run, r.number, r.body, r.chain';
    if (patient !== undefined) {
      const of = tenant === undefined ? 's.patient = ?' : 's.tenant = ? AND s.patient = ?';
      return this.#db.all(
        `SELECT ${columns} FROM shown_patient s JOIN record r ON r.id = s.id WHERE ${of} ORDER BY s.id DESC LIMIT ?`,
        ...(tenant === undefined ? [] : [tenant]),
        patient,
        limit,
      );
    }
    if (tenant === undefined) return this.#db.all(`SELECT ${columns} FROM record r ORDER BY id DESC LIMIT ?`, limit);
    return this.#db.all(`SELECT ${columns} FROM record r WHERE tenant = ? ORDER BY id DESC LIMIT ?`, tenant, limit);
  }

  #broken(): { run: number; number: number }[] {
    const found: { run: number; number: number }[] = [];
    const runs = this.#db.all('SELECT run FROM record UNION SELECT run FROM head ORDER BY run');
    for (const row of runs) {
      const run = Number(row.run);
      const number = this.#firstBroken(run);
      if (number !== undefined) found.push({ run, number });
    }
    if (!this.#endsHold()) found.push({ run: 0, number: 0 });
    return found;
  }

  #endsHold(): boolean {
    const row = this.#db.get('SELECT ends, seal FROM anchor');
    const heads = this.#db.all('SELECT seal FROM head');
    if (row === undefined) return heads.length === 0;
    const ends = Buffer.alloc(sealLength);
    for (const head of heads) combine(ends, head.seal as Uint8Array);
    return ends.equals(row.ends as Uint8Array) && this.#sealOfEnds(ends).equals(row.seal as Uint8Array);
  }

  /** Number of the first record of a run that is wrong or missing. */
  #firstBroken(run: number): number | undefined {
    let end = chainBegin;
    for (;;) {
      const rows = this.#db.all(
        'SELECT number, tenant, body, chain FROM record WHERE run = ? AND number > ? ORDER BY number LIMIT 1000',
        run,
        end.number,
      );
      for (const row of rows) {
        end = chained(this.#options.key, run, end, String(row.body));
        const { tenant } = JSON.parse(String(row.body)) as AuditEvent;
        const { number, chain } = end;
        if (Number(row.number) !== number || row.chain !== chain || row.tenant !== tenant) return number;
      }
      if (rows.length === 0) break;
    }
    const head = this.#db.get('SELECT number, chain, seal FROM head WHERE run = ?', run);
    const { number, chain } = end;
    const seal = this.#sealOfHead(run, end);
    const whole = head?.number === number && head.chain === chain && seal.equals(head.seal as Uint8Array);
    return whole ? undefined : Math.min(number, Number(head?.number ?? number)) + 1;
  }

  #sealOfHead(run: number, { number, chain }: ChainEnd): Buffer {
    return keyedHash(this.#options.key, `head\n${run}\n${number}\n${chain}`);
  }

  #sealOfEnds(ends: Buffer): Buffer {
    return keyedHash(this.#options.key, `ends\n${ends.toString('base64url')}`);
  }
}

function combine(into: Buffer, other: Uint8Array): void {
  for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) ^ (other[at] ?? 0);
}

function toRecord(row: SqlRow): AuditRecord {
  return auditRecord(Number(row.run), { number: Number(row.number), chain: String(row.chain) }, String(row.body));
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fault('audit-unavailable', 'the audit cannot be written or read', { cause: error });
  }
}
