/**
 * The writing side of the archive. Calls that arrive while a write is under way are written together, in one insert that a majority
 * has journalled; a single one is written at once. One insert is under way at a time, so that whoever sees a number of this run sees all
 * below it.
 */
import { Binary, MongoBulkWriteError } from 'mongodb';
import { type Fault, fault } from '../../core/errors.js';
import { payloadDigests } from '../archive-digest.js';
import { lastNumber, numberOf, rowId, runOf } from '../archive-ids.js';
import { type AppendResult, type ArchiveEntry, parkedForTenant } from '../archive-port.js';
import { type KeyOf, sealPayload } from '../archive-seal.js';
import { type ArchiveCollections, onceOf, type StoredMessage } from './archive-documents.js';
import type { ArchiveRuns } from './archive-runs.js';
import type { ArchiveSettlements } from './archive-settlements.js';
import { bytesOfPart, partsOf } from './byte-parts.js';
import { fromMongo, isDuplicateError } from './mongo-errors.js';

const day = 86_400_000;
const entriesPerInsert = 2_000;
/** What calls hold that are written together; one that holds more is written alone. */
const bytesPerInsert = 32 * 1024 * 1024;
/** Looks for a message that another process has under way, 20 ms apart, before its sender is asked to come again. */
const mostTries = 200;

export interface MongoArchiveOptions {
  /** This process's run, from the registry. */
  readonly run: number;
  readonly keyOf: KeyOf;
  /** How long repeats are recognised; 30 by default. */
  readonly repeatDays?: number;
}

interface Digested {
  readonly entry: ArchiveEntry;
  readonly digest: Uint8Array;
}

interface Waiting {
  readonly entries: readonly Digested[];
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: Fault) => void;
}

interface Planned {
  readonly result: AppendResult;
  readonly document?: StoredMessage;
  /** Its sealed payload, where that has a place of its own. */
  readonly large?: Uint8Array;
}

interface Earlier extends Pick<ArchiveEntry, 'tenant' | 'kind'> {
  readonly digest: Uint8Array;
  readonly sequence: AppendResult['sequence'];
}

export class MongoArchiveWriter {
  readonly #collections: ArchiveCollections;
  readonly #runs: ArchiveRuns;
  readonly #settlements: ArchiveSettlements;
  readonly #options: MongoArchiveOptions;
  readonly #digestOf: (entry: ArchiveEntry) => Uint8Array;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #number = 1;
  #arrival = 0;
  #closed = false;

  constructor(
    collections: ArchiveCollections,
    runs: ArchiveRuns,
    settlements: ArchiveSettlements,
    options: MongoArchiveOptions,
  ) {
    this.#collections = collections;
    this.#runs = runs;
    this.#settlements = settlements;
    this.#options = options;
    this.#digestOf = payloadDigests(options.keyOf);
  }

  /** To be called once before the first message. */
  async begin(): Promise<void> {
    const { messages } = this.#collections;
    const last = messages
      .find({}, { projection: { arrival: 1 } })
      .sort({ _id: -1 })
      .limit(1);
    // a clock that was set back meanwhile does not put later messages before earlier ones
    this.#arrival = (await last.next())?.arrival ?? 0;
    await this.#runs.live(this.#options.run, this.#number);
    this.#collections.large.tidySoon();
  }

  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(fault('store-unavailable', 'the archive is closed'));
      if (entries.length === 0) return resolve([]);
      const digested = entries.map((entry) => ({ entry, digest: this.#digestOf(entry) }));
      this.#waiting.push({ entries: digested, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#collections.large.close();
  }

  async #write(): Promise<void> {
    // what comes in one turn of the event loop is one insert
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const calls = this.#take();
      try {
        const results = await fromMongo(() => this.#insert(calls.flatMap((call) => call.entries)));
        let at = 0;
        for (const call of calls) {
          call.resolve(results.slice(at, at + call.entries.length));
          at += call.entries.length;
        }
      } catch (error) {
        for (const call of calls) call.reject(error as Fault);
      }
    }
    this.#writing = undefined;
  }

  /** Archives entries: those that nobody has yet, also where another process takes some of them at the same moment. */
  async #insert(entries: readonly Digested[], tries = mostTries): Promise<AppendResult[]> {
    const { run, repeatDays = 30 } = this.#options;
    await this.#runs.live(run, this.#number);
    const first = Math.max(this.#arrival, entries[0]?.entry.arrival ?? 0);
    const known = await this.#earlier(entries, first - repeatDays * day);
    const number = this.#number;
    const planned = this.#plan(entries, known);
    const documents = planned.flatMap(({ document }) => document ?? []);
    // numbers of an insert that failed are not given again: nobody knows which of them are taken
    const large = new Map(
      planned.flatMap(({ large, document }) => (large && document ? [[String(document._id), large]] : [])),
    );
    const checkTime = large.size === 0 ? undefined : await this.#collections.large.write(large);
    checkTime?.();
    const stored = await this.#store(documents);
    await this.#runs.stillLive(run, number);
    const ofNobody = documents.slice(0, stored).filter(({ tenant, kind }) => tenant === null && kind === 'message');
    if (ofNobody.length > 0) await this.#settlements.settle(ofNobody.map(({ _id, arrival }) => parked(_id, arrival)));
    const results = planned.map(({ result }) => result);
    if (stored === documents.length) return results;
    if (tries === 0) throw fault('store-unavailable', 'another process has the same messages under way');
    // another process archived this one between our look and our write; it is seen once a majority has it
    await new Promise((resolve) => setTimeout(resolve, 20));
    const at = planned.findIndex(({ document }) => document === documents[stored]);
    return [...results.slice(0, at), ...(await this.#insert(entries.slice(at), tries - 1))];
  }

  /** Resolves how many are stored: all, or those before the first that is there already. */
  async #store(documents: readonly StoredMessage[]): Promise<number> {
    if (documents.length === 0) return 0;
    try {
      await this.#collections.messages.insertMany([...documents], { ordered: true });
      return documents.length;
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError) || !isDuplicateError(error)) throw error;
      const [failed] = [error.writeErrors].flat();
      if (failed === undefined) throw error;
      return failed.index;
    }
  }

  /** What becomes of each entry, with the document of those that are new. */
  #plan(entries: readonly Digested[], known: Map<string, Earlier[]>): Planned[] {
    const { run, keyOf, repeatDays = 30 } = this.#options;
    const window = repeatDays * day;
    return entries.map(({ entry, digest }): Planned => {
      this.#arrival = Math.max(this.#arrival, entry.arrival);
      const name = nameOf(entry);
      const before = (known.get(name) ?? []).filter(
        (each) =>
          each.tenant === entry.tenant && each.kind === entry.kind && each.sequence.arrival >= this.#arrival - window,
      );
      const same = before.find((each) => Buffer.compare(each.digest, digest) === 0);
      if (same !== undefined) {
        return { result: { sequence: same.sequence, outcome: 'repeat', reusedControlId: false } };
      }
      if (this.#number > lastNumber) throw fault('store-unavailable', 'this run has no numbers left: restart');
      const sequence = { arrival: this.#arrival, run, number: this.#number++ };
      const reusedControlId = before.length > 0 && entry.controlId !== '';
      const { payload, kind, ...fields } = entry;
      const _id = rowId(sequence);
      const sealed = sealPayload(keyOf(entry.tenant), entry.tenant, _id, payload);
      const isLarge = sealed.length > bytesOfPart;
      const document: StoredMessage = {
        ...fields,
        ...{ _id, kind, arrival: sequence.arrival, size: payload.length },
        ...(reusedControlId ? { flags: [...entry.flags, 'reused-control-id'] } : {}),
        digest: new Binary(digest),
        once: onceOf(entry, sequence.arrival, window),
        ...(isLarge ? { parts: partsOf(sealed) } : { payload: new Binary(sealed) }),
        ...(kind === 'message' ? {} : { aside: kind }),
      };
      known.set(name, [...(known.get(name) ?? []), { tenant: entry.tenant, kind, digest, sequence }]);
      const result: AppendResult = { sequence, outcome: 'archived', reusedControlId };
      return { result, document, ...(isLarge ? { large: sealed } : {}) };
    });
  }

  /** Messages by sender and control id that those of one insert could repeat. */
  async #earlier(entries: readonly Digested[], since: number): Promise<Map<string, Earlier[]>> {
    const known = new Map<string, Earlier[]>();
    const controlIds = [...new Set(entries.map(({ entry }) => entry.controlId))];
    const senders = [...new Set(entries.map(({ entry }) => entry.sender))];
    const found = this.#collections.messages
      .find({ controlId: { $in: controlIds }, sender: { $in: senders }, arrival: { $gte: since } })
      .project<Pick<StoredMessage, '_id' | 'arrival' | 'tenant' | 'kind' | 'sender' | 'controlId' | 'digest'>>({
        ...{ arrival: 1, tenant: 1, kind: 1, sender: 1, controlId: 1, digest: 1 },
      })
      .sort({ _id: 1 });
    for await (const message of found) {
      const { _id, arrival, tenant, kind, digest } = message;
      const sequence = { arrival, run: runOf(_id), number: numberOf(_id) };
      const name = nameOf(message);
      known.set(name, [...(known.get(name) ?? []), { tenant, kind, digest: digest.value(), sequence }]);
    }
    return known;
  }

  #take(): Waiting[] {
    let entries = 0;
    let bytes = 0;
    let calls = 0;
    for (const call of this.#waiting) {
      entries += call.entries.length;
      bytes += call.entries.reduce((sum, { entry }) => sum + entry.payload.length, 0);
      if (calls > 0 && (entries > entriesPerInsert || bytes > bytesPerInsert)) break;
      calls++;
    }
    return this.#waiting.splice(0, calls);
  }
}

function parked(_id: number, arrival: number) {
  return parkedForTenant({ arrival, run: runOf(_id), number: numberOf(_id) });
}

function nameOf({ sender, controlId }: Pick<ArchiveEntry, 'sender' | 'controlId'>): string {
  return `${sender}\n${controlId}`;
}
