/** Reads a registry and an audit out. */
import { existsSync } from 'node:fs';
import type { MovedHead, MovedRecord, MovedRegistry, OutgoingRows } from '../moved-rows.js';
import type { ClientRecord, SigningKeyRecord, TenantRecord } from '../registry-port.js';
import { type Database, openDatabase } from './open-database.js';
import { hashOf } from './registry.js';

const chunk = 500;

/** All of the registry; undefined where there is none. @throws Fault `format-too-new`, `store-corrupt`, `store-unavailable` */
export function readOutgoingRegistry(file: string): MovedRegistry | undefined {
  if (!existsSync(file)) return undefined;
  const db = openDatabase(file, { kind: 'registry', format: 1, schema: '', readOnly: true });
  const bodies = <T>(table: string, key: string): T[] =>
    db.all(`SELECT body FROM ${table} ORDER BY ${key}`).map(({ body }) => JSON.parse(String(body)) as T);
  try {
    return {
      generation: Number(db.get('SELECT number FROM generation')?.number),
      runs: Number(db.get('SELECT coalesce(max(number), 0) AS runs FROM run')?.runs),
      tenants: bodies<TenantRecord>('tenant', 'id'),
      clients: bodies<ClientRecord>('client', 'id'),
      signingKeys: bodies<SigningKeyRecord>('signing_key', 'kid'),
      mappings: db.all('SELECT number, hash, published_at, files FROM mapping ORDER BY number').map((row) => ({
        number: Number(row.number),
        hash: hashOf(row),
        publishedAt: Number(row.published_at),
        files: JSON.parse(String(row.files)) as Record<string, string>,
      })),
      settings: db
        .all('SELECT name, value FROM setting ORDER BY name')
        .map(({ name, value }) => ({ name: String(name), value: String(value) })),
      usedIds: db
        .all('SELECT id, expires FROM used_id ORDER BY id')
        .map(({ id, expires }) => ({ id: String(id), expires: Number(expires) })),
    };
  } finally {
    db.close();
  }
}

/** A record of an audit is known by its run and number. */
export type AuditKey = Pick<MovedRecord, 'run' | 'number'>;

export interface OutgoingAudit {
  readonly records: OutgoingRows<MovedRecord, AuditKey>;
  heads(): readonly MovedHead[];
  close(): void;
}

/** undefined where there is none. @throws Fault `format-too-new`, `store-corrupt`, `store-unavailable` */
export function openOutgoingAudit(file: string): OutgoingAudit | undefined {
  if (!existsSync(file)) return undefined;
  const db = openDatabase(file, { kind: 'audit', format: 1, schema: '', readOnly: true });
  return {
    records: {
      count: (after) =>
        Number(
          after === undefined
            ? db.get('SELECT count(*) AS rows FROM record')?.rows
            : db.get('SELECT count(*) AS rows FROM record WHERE (run, number) > (?, ?)', after.run, after.number)?.rows,
        ),
      after: (after) => recordsAfter(db, after),
      size: ({ body }) => body.length,
    },
    heads: () =>
      db.all('SELECT run, number, chain, seal FROM head ORDER BY run').map(({ run, number, chain, seal }) => ({
        run: Number(run),
        number: Number(number),
        chain: String(chain),
        seal: Buffer.from(seal as Uint8Array).toString('base64url'),
      })),
    close: () => db.close(),
  };
}

function* recordsAfter(db: Database, after: AuditKey | undefined): Generator<MovedRecord> {
  const sql = `SELECT run, number, body, chain FROM record WHERE (run, number) > (?, ?) ORDER BY run, number LIMIT ${chunk}`;
  let last = after ?? { run: 0, number: 0 };
  for (;;) {
    const rows = db.all(sql, last.run, last.number);
    for (const { run, number, body, chain } of rows) {
      last = { run: Number(run), number: Number(number) };
      yield { ...last, body: String(body), chain: String(chain) };
    }
    if (rows.length < chunk) return;
  }
}
