/** Takes an audit in that another store kept: its records with their chains as they are, sealed ends, and anchors of all ends. */
import type { Db } from 'mongodb';
import { rowId } from '../archive-ids.js';
import type { AuditEvent } from '../audit-port.js';
import { type ComparedRow, hashOfRow, type IncomingRows, type MovedHead, type MovedRecord } from '../moved-rows.js';
import { type AuditCollections, auditCollections, openMongoAudit, type StoredAuditRecord } from './audit.js';
import { AuditAnchors } from './audit-anchors.js';
import { insertInOrder, storedRows } from './incoming-rows.js';
import { fromMongo } from './mongo-errors.js';

/** Milliseconds between two records at least, so that a list has them in the order in which they were written. */
const step = 2 ** -10;

export class IncomingAudit {
  readonly #db: Db;
  readonly #key: Uint8Array;
  readonly #collections: AuditCollections;
  readonly #anchors: AuditAnchors;
  #written = 0;

  /** `key`: of the chains. */
  constructor(db: Db, key: Uint8Array) {
    this.#db = db;
    this.#key = key;
    this.#collections = auditCollections(db);
    this.#anchors = new AuditAnchors(this.#collections.anchors, key);
  }

  readonly records: IncomingRows<MovedRecord, Pick<MovedRecord, 'run' | 'number'>> = {
    last: () =>
      fromMongo(async () => {
        const newest = { sort: { run: -1, number: -1 }, projection: { run: 1, number: 1, written: 1 } } as const;
        const last = await this.#collections.records.findOne({}, newest);
        this.#written = last?.written ?? 0;
        return last === null ? undefined : { run: last.run, number: last.number };
      }),
    write: (rows) =>
      fromMongo(() =>
        insertInOrder(
          this.#collections.records,
          rows.map((row) => this.#toRecord(row)),
        ),
      ),
    expected: comparedRecord,
    stored: () => this.#storedRecords(),
  };

  /** Puts the ends of chains, and anchors them together. */
  async putHeads(heads: readonly MovedHead[]): Promise<void> {
    if (heads.length === 0) return;
    await fromMongo(async () => {
      await this.#collections.heads.bulkWrite(
        heads.map(({ run: _id, ...head }) => ({ replaceOne: { filter: { _id }, replacement: head, upsert: true } })),
      );
      const { ends } = await this.#anchors.read();
      for (const { run, number, chain } of heads) {
        const anchored = ends.get(run);
        if (anchored?.number !== number || anchored.chain !== chain) await this.#anchors.put(run, { number, chain });
      }
    });
  }

  expectedHeads(heads: readonly MovedHead[]): ComparedRow[] {
    return heads.map((head) => comparedHead({ ...head, anchored: head.chain }));
  }

  async *storedHeads(): AsyncGenerator<ComparedRow> {
    const { ends, whole } = await fromMongo(() => this.#anchors.read());
    yield* storedRows(this.#collections.heads, { _id: 1 }, ({ _id: run, number, chain, seal }) => {
      const end = ends.get(run);
      const anchored = whole && end?.number === number ? end.chain : '';
      return comparedHead({ run, number, chain, seal, anchored });
    });
  }

  /** Makes indexes. */
  async finish(): Promise<void> {
    await (await openMongoAudit(this.#db, { run: 0, key: this.#key })).close();
  }

  /** Runs whose chain does not hold. */
  async verify(): Promise<readonly { readonly run: number; readonly number: number }[]> {
    const audit = await openMongoAudit(this.#db, { run: 0, key: this.#key });
    return audit.verify();
  }

  #toRecord({ run, number, body, chain }: MovedRecord): StoredAuditRecord {
    const { at, tenant, patients } = JSON.parse(body) as AuditEvent;
    this.#written = Math.max(at, this.#written + step);
    const found = { tenant, patients: [...new Set(patients)], body, chain };
    return { _id: `${run}-${number}`, run, number, written: this.#written, ...found };
  }

  /** A record that would be listed before an earlier one is another than it should be. */
  async *#storedRecords(): AsyncGenerator<ComparedRow> {
    let written = 0;
    yield* storedRows(this.#collections.records, { run: 1, number: 1 }, (record) => {
      const inOrder = record.written > written;
      written = record.written;
      const { body, chain, run, number } = record;
      const expected = comparedRecord({ run, number, body, chain });
      const { at, tenant, patients } = JSON.parse(body) as AuditEvent;
      const found = hashOfRow([record.tenant, record.patients]);
      const isFound = Buffer.compare(found, hashOfRow([tenant, [...new Set(patients)]])) === 0;
      if (inOrder && isFound && record.written >= at) return expected;
      return { ...expected, hash: hashOfRow(record) };
    });
  }
}

function comparedRecord({ run, number, body, chain }: MovedRecord): ComparedRow {
  const { tenant } = JSON.parse(body) as AuditEvent;
  const key = rowId({ run, number });
  return { key, tenant: tenant ?? '', group: 'record', hash: hashOfRow({ run, number, body, chain }) };
}

function comparedHead(head: MovedHead & { readonly anchored: string }): ComparedRow {
  return { key: head.run, tenant: '', group: 'head', hash: hashOfRow(head) };
}
