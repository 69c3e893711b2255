/**
 * The audit of an installation in MongoDB. Each process run has a chain of records, which it alone writes. After each write the end of
 * the chain stands in a document beside, sealed, so that records cut off the end show; and once a second the ends of all runs are
 * anchored together, so that a run taken away whole shows, or one set back. Calls that come together are one write.
 */
import type { Collection, Db, IndexDescription } from 'mongodb';
import { Fault, fault } from '../../core/errors.js';
import { type AuditOptions, auditRecord, type ChainEnd, chainBegin, chained, keyedHash } from '../audit-chain.js';
import type { AuditEvent, AuditPort, AuditRecord } from '../audit-port.js';
import { AuditAnchors, type StoredAnchor } from './audit-anchors.js';
import { mongoFault } from './mongo-errors.js';

export interface StoredAuditRecord {
  /** `run-number`. */
  readonly _id: string;
  readonly run: number;
  readonly number: number;
  /** Epoch ms with its parts, by the clock of the process: the order of a list. */
  readonly written: number;
  readonly tenant: string | null;
  readonly patients: readonly string[];
  readonly body: string;
  readonly chain: string;
}

export interface StoredHead extends ChainEnd {
  readonly _id: number;
  readonly seal: string;
}

export interface AuditCollections {
  readonly records: Collection<StoredAuditRecord>;
  readonly heads: Collection<StoredHead>;
  readonly anchors: Collection<StoredAnchor>;
}

export function auditCollections(db: Db): AuditCollections {
  return {
    records: db.collection('auditRecords'),
    heads: db.collection('auditHeads'),
    anchors: db.collection('auditAnchors'),
  };
}

interface Waiting {
  readonly events: readonly AuditEvent[];
  readonly resolve: () => void;
  readonly reject: (error: Fault) => void;
}

/** The indexes, by collection. */
export const auditIndexes = {
  auditRecords: [
    { key: { run: 1, number: 1 }, unique: true },
    { key: { written: -1 } },
    { key: { tenant: 1, written: -1 } },
    { key: { patients: 1, written: -1 } },
    { key: { tenant: 1, patients: 1, written: -1 } },
  ],
} as const satisfies Record<string, readonly IndexDescription[]>;

/** Of the audit's documents. */
export const auditFormat = 1;

const anchorEvery = 1_000;
const page = 1_000;

/** Opens the audit for this run and makes its indexes. @throws Fault `audit-unavailable`, `format-too-new` */
export async function openMongoAudit(db: Db, options: AuditOptions): Promise<AuditPort> {
  await guarded(() => checkFormat(db));
  const audit = new MongoAudit(db, options);
  await guarded(() => audit.prepare());
  return audit;
}

async function checkFormat(db: Db): Promise<void> {
  const formats = db.collection<{ _id: string; format: number }>('formats');
  await formats.updateOne({ _id: 'audit' }, { $setOnInsert: { format: auditFormat } }, { upsert: true });
  const found = (await formats.findOne({ _id: 'audit' }))?.format ?? auditFormat;
  if (found > auditFormat) {
    throw fault(
      'format-too-new',
      `the audit has format ${found} and this program reads up to ${auditFormat}: start the newer Wardline that wrote it`,
    );
  }
}

class MongoAudit implements AuditPort {
  readonly #options: AuditOptions;
  readonly #records: Collection<StoredAuditRecord>;
  readonly #heads: Collection<StoredHead>;
  readonly #anchors: AuditAnchors;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** undefined: to be read from the database, at first and after a write of which nobody knows what became. */
  #end: ChainEnd | undefined;
  #anchored: ChainEnd = chainBegin;
  #anchoring: Promise<void> | undefined;
  #closed = false;

  constructor(db: Db, options: AuditOptions) {
    this.#options = options;
    const { records, heads, anchors } = auditCollections(db);
    this.#records = records;
    this.#heads = heads;
    this.#anchors = new AuditAnchors(anchors, options.key);
  }

  async prepare(): Promise<void> {
    await this.#records.createIndexes([...auditIndexes.auditRecords]);
  }

  append(events: readonly AuditEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(fault('audit-unavailable', 'the audit is closed'));
      if (events.length === 0) return resolve();
      this.#waiting.push({ events, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  list({ tenant, patient, limit }: Parameters<AuditPort['list']>[0]): Promise<readonly AuditRecord[]> {
    return guarded(async () => {
      const filter = {
        ...(tenant === undefined ? {} : { tenant }),
        ...(patient === undefined ? {} : { patients: patient }),
      };
      const found = await this.#records.find(filter).sort({ written: -1 }).limit(limit).toArray();
      return found.map(({ run, number, chain, body }) => auditRecord(run, { number, chain }, body));
    });
  }

  verify(): Promise<readonly { readonly run: number; readonly number: number }[]> {
    return guarded(async () => {
      const found: { run: number; number: number }[] = [];
      // anchors first: what is written while this goes on is beyond them
      const { ends, whole } = await this.#anchors.read();
      const runs = new Set([...(await this.#records.distinct('run')), ...(await this.#heads.distinct('_id'))]);
      for (const run of [...runs].sort((a, b) => a - b)) {
        const number = await this.#firstBroken(run, ends.get(run));
        if (number !== undefined) found.push({ run, number });
      }
      if (!whole || (runs.size > 0 && ends.size === 0) || [...ends.keys()].some((run) => !runs.has(run)))
        found.push({ run: 0, number: 0 });
      return found;
    });
  }

  /** The client belongs to whoever opened it. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#anchoring;
    await this.#anchorNow().catch(ignore);
  }

  async #write(): Promise<void> {
    // what comes in one turn of the event loop is one write
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const calls = this.#waiting;
      this.#waiting = [];
      try {
        await guarded(() => this.#writeRecords(calls.flatMap((call) => call.events)));
        for (const call of calls) call.resolve();
      } catch (error) {
        this.#end = undefined;
        for (const call of calls) call.reject(error as Fault);
      }
    }
    this.#writing = undefined;
  }

  async #writeRecords(events: readonly AuditEvent[]): Promise<void> {
    const { run, key } = this.#options;
    let end = this.#end ?? (await this.#lastWritten());
    const records = events.map((event): StoredAuditRecord => {
      const body = JSON.stringify(event);
      end = chained(key, run, end, body);
      return {
        _id: `${run}-${end.number}`,
        ...{ run, number: end.number, written: performance.timeOrigin + performance.now() },
        ...{ tenant: event.tenant, patients: [...new Set(event.patients)], body, chain: end.chain },
      };
    });
    await this.#records.insertMany(records, { ordered: true });
    await this.#heads.replaceOne({ _id: run }, { ...end, seal: this.#sealOf(run, end) }, { upsert: true });
    this.#end = end;
    if (this.#anchored === chainBegin) await this.#anchorNow();
    else this.#anchorSoon();
  }

  /** The end of this run's chain as far as the records go: they, not the head, say which numbers are taken. */
  async #lastWritten(): Promise<ChainEnd> {
    const [last] = await this.#records.find({ run: this.#options.run }).sort({ number: -1 }).limit(1).toArray();
    return last === undefined ? chainBegin : { number: last.number, chain: last.chain };
  }

  #anchorSoon(): void {
    this.#anchoring ??= new Promise<void>((resolve) => setTimeout(resolve, anchorEvery).unref())
      .then(() => this.#anchorNow())
      .catch(ignore)
      .finally(() => {
        this.#anchoring = undefined;
      });
  }

  async #anchorNow(): Promise<void> {
    const end = this.#end;
    if (end === undefined || end.number === this.#anchored.number) return;
    await this.#anchors.put(this.#options.run, end);
    this.#anchored = end;
  }

  /** Number of the first record of a run that is wrong or missing. Records beyond the head are those of a process that died. */
  async #firstBroken(run: number, anchored: ChainEnd = chainBegin): Promise<number | undefined> {
    const { key } = this.#options;
    let end = chainBegin;
    let holdsAnchor = anchored.number === 0;
    const head = await this.#heads.findOne({ _id: run });
    const reached = { head: head === null || head.number === 0 };
    for (;;) {
      const records = this.#records.find({ run, number: { $gt: end.number } }).sort({ number: 1 });
      const next = await records.limit(page).toArray();
      for (const record of next) {
        const number = end.number + 1;
        end = chained(key, run, end, record.body);
        const event = JSON.parse(record.body) as AuditEvent;
        if (record.number !== number || record.chain !== end.chain || record.tenant !== event.tenant) return number;
        if (number === anchored.number) holdsAnchor = end.chain === anchored.chain;
        if (number === head?.number) reached.head = end.chain === head.chain && head.seal === this.#sealOf(run, end);
      }
      if (next.length < page) break;
    }
    const headHolds = head !== null && reached.head && head.number >= anchored.number;
    return headHolds && holdsAnchor ? undefined : end.number + 1;
  }

  #sealOf(run: number, { number, chain }: ChainEnd): string {
    return keyedHash(this.#options.key, `head\n${run}\n${number}\n${chain}`).toString('base64url');
  }
}

/** @throws Fault `audit-unavailable` for whatever the server answers, or does not */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault && error.code === 'format-too-new') throw error;
    throw fault('audit-unavailable', mongoFault(error, 'the audit').message);
  }
}

/** An anchor that could not be set is set the next time. */
function ignore(): void {}
