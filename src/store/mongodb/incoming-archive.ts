/** Takes an archive in that another store kept: the same messages under the same numbers, sealed as this one seals. */
import { Binary, type Db } from 'mongodb';
import { Fault } from '../../core/errors.js';
import { type KeyOf, sealPayload, unsealPayload } from '../archive-seal.js';
import {
  type ComparedRow,
  hashOfRow,
  type IncomingRows,
  type MovedMessage,
  type MovedOutcome,
  type MovedRun,
} from '../moved-rows.js';
import { openMongoLedger } from './archive.js';
import {
  type ArchiveCollections,
  archiveCollections,
  type StoredMessage,
  type StoredOutcome,
  type StoredRun,
} from './archive-documents.js';
import { ArchiveRuns } from './archive-runs.js';
import { ArchiveSettlements } from './archive-settlements.js';
import { bytesOfPart, partsOf } from './byte-parts.js';
import { insertInOrder, storedRows } from './incoming-rows.js';
import { fromMongo } from './mongo-errors.js';

export class IncomingArchive {
  readonly #db: Db;
  readonly #keyOf: KeyOf;
  readonly #collections: ArchiveCollections;

  constructor(db: Db, keyOf: KeyOf) {
    this.#db = db;
    this.#keyOf = keyOf;
    this.#collections = archiveCollections(db);
  }

  readonly messages: IncomingRows<MovedMessage, number> = {
    last: () => lastId(this.#collections.messages),
    write: (rows) => fromMongo(() => this.#write(rows)),
    expected: (row) => comparedMessage(fieldsOf(row), row.payload),
    stored: () => storedRows(this.#collections.messages, { _id: 1 }, (message) => this.#compared(message)),
  };

  readonly outcomes: IncomingRows<MovedOutcome, number> = {
    last: () => lastId(this.#collections.outcomes),
    write: (rows) => fromMongo(() => insertInOrder(this.#collections.outcomes, rows.map(toOutcome))),
    expected: (row) => comparedOutcome(toOutcome(row)),
    stored: () => storedRows(this.#collections.outcomes, { _id: 1 }, comparedOutcome),
  };

  /** Puts what is open. Whoever looks next finds their processes gone. */
  async putRuns(runs: readonly MovedRun[]): Promise<void> {
    if (runs.length === 0) return;
    await fromMongo(() =>
      this.#collections.runs.bulkWrite(
        runs.map(({ run: _id, open }) => ({
          replaceOne: { filter: { _id }, replacement: { revision: 1, open, seen: 0 }, upsert: true },
        })),
      ),
    );
  }

  expectedRuns(runs: readonly MovedRun[]): ComparedRow[] {
    return runs.map(({ run: _id, open }) => comparedRun({ _id, open }));
  }

  storedRuns(): AsyncIterable<ComparedRow> {
    return storedRows(this.#collections.runs, { _id: 1 }, comparedRun);
  }

  /** Makes indexes, and counts outcomes by their state. */
  async finish(): Promise<void> {
    const ledger = await openMongoLedger(this.#db, this.#keyOf);
    await ledger.close();
    const settlements = new ArchiveSettlements(this.#collections, new ArchiveRuns(this.#collections));
    await fromMongo(() => settlements.recount());
  }

  async #write(rows: readonly MovedMessage[]): Promise<void> {
    const large = new Map<string, Uint8Array>();
    const messages = rows.map((row): StoredMessage => {
      const { tenant } = row.row;
      const { id, payload } = row;
      const sealed =
        'sealed' in payload ? payload.sealed : sealPayload(this.#keyOf(tenant), tenant, id, payload.opened);
      const fields = { ...fieldsOf(row), digest: new Binary(row.digest) };
      if (sealed.length <= bytesOfPart) return { ...fields, payload: new Binary(sealed) };
      large.set(String(id), sealed);
      return { ...fields, parts: partsOf(sealed) };
    });
    const checkTime = large.size === 0 ? undefined : await this.#collections.large.write(large);
    checkTime?.();
    await insertInOrder(this.#collections.messages, messages);
  }

  async #compared({ payload, digest, parts, ...fields }: StoredMessage): Promise<ComparedRow> {
    const { _id, tenant } = fields;
    const stored = payload?.value() ?? (await this.#collections.large.read({ name: String(_id), parts: parts ?? 0 }));
    const sealed = stored ?? new Uint8Array(0);
    const known = { ...fields, digest: digest.value() };
    try {
      return comparedMessage(known, { opened: unsealPayload(this.#keyOf(tenant), tenant, _id, sealed) });
    } catch (error) {
      if (error instanceof Fault) return comparedMessage(known, { sealed });
      throw error;
    }
  }
}

type Fields = Omit<StoredMessage, 'payload' | 'digest' | 'parts'> & { readonly digest: Uint8Array };

/** `once` keeps processes from archiving a message twice at a time, which is over for these: whatever repeats there are, all arrive. */
function fieldsOf({ id, row: { sequence, ...fields }, digest }: MovedMessage): Fields {
  const { kind } = fields;
  return {
    ...{ ...fields, _id: id, arrival: sequence.arrival, digest, once: `moved ${id}` },
    ...(kind === 'message' ? {} : { aside: kind }),
  };
}

function comparedMessage(fields: Fields, payload: MovedMessage['payload']): ComparedRow {
  const readable = 'opened' in payload ? '' : ' (does not open)';
  return {
    key: fields._id,
    tenant: fields.tenant ?? '',
    group: `${fields.kind}${readable}`,
    hash: hashOfRow({ ...fields, payload }),
  };
}

function toOutcome({ id, ...outcome }: MovedOutcome): StoredOutcome {
  return { ...outcome, _id: id, keys: [...new Set(outcome.keys)] };
}

function comparedOutcome(outcome: StoredOutcome): ComparedRow {
  return { key: outcome._id, tenant: outcome.tenant ?? '', group: outcome.state, hash: hashOfRow(outcome) };
}

function comparedRun({ _id, open }: Pick<StoredRun, '_id' | 'open'>): ComparedRow {
  return { key: _id, tenant: '', group: 'run', hash: hashOfRow({ _id, open }) };
}

async function lastId(collection: ArchiveCollections['messages' | 'outcomes']): Promise<number | undefined> {
  const newest = { sort: { _id: -1 }, projection: { _id: 1 } } as const;
  return (await fromMongo(() => (collection as ArchiveCollections['messages']).findOne({}, newest)))?._id;
}
