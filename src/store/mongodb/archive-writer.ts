/**
 * The writing side of the archive. Calls that arrive while a write is under way are written together, in one insert that a majority
 * has journalled; a single one is written at once. One insert is under way at a time, so that whoever sees a number of this run sees all
 * below it.
 */
import { Binary } from 'mongodb';
import { type Fault, fault } from '../../core/errors.js';
import { payloadDigests } from '../archive-digest.js';
import { lastNumber, numberOf, rowId, runOf } from '../archive-ids.js';
import { type AppendResult, type ArchiveEntry, parkedForTenant } from '../archive-port.js';
import { type KeyOf, sealPayload } from '../archive-seal.js';
import type { ArchiveCollections, StoredMessage } from './archive-documents.js';
import type { ArchiveRuns } from './archive-runs.js';
import type { ArchiveSettlements } from './archive-settlements.js';
import { bytesOfPart, partsOf } from './byte-parts.js';
import { fromMongo } from './mongo-errors.js';

const day = 86_400_000;
const entriesPerInsert = 2_000;
/** What calls hold that are written together; one that holds more is written alone. */
const bytesPerInsert = 32 * 1024 * 1024;

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

  async #insert(entries: readonly Digested[]): Promise<AppendResult[]> {
    const { run, keyOf, repeatDays = 30 } = this.#options;
    await this.#runs.live(run, this.#number);
    const window = repeatDays * day;
    const first = Math.max(this.#arrival, entries[0]?.entry.arrival ?? 0);
    const known = await this.#earlier(entries, first - window);
    const documents: StoredMessage[] = [];
    const large = new Map<string, Uint8Array>();
    const results = entries.map(({ entry, digest }): AppendResult => {
      this.#arrival = Math.max(this.#arrival, entry.arrival);
      const name = nameOf(entry);
      const before = (known.get(name) ?? []).filter(
        (each) =>
          each.tenant === entry.tenant && each.kind === entry.kind && each.sequence.arrival >= this.#arrival - window,
      );
      const same = before.find((each) => Buffer.compare(each.digest, digest) === 0);
      if (same !== undefined) return { sequence: same.sequence, outcome: 'repeat', reusedControlId: false };
      if (this.#number > lastNumber) throw fault('store-unavailable', 'this run has no numbers left: restart');
      const sequence = { arrival: this.#arrival, run, number: this.#number++ };
      const reusedControlId = before.length > 0 && entry.controlId !== '';
      const { payload, kind, ...fields } = entry;
      const _id = rowId(sequence);
      const sealed = sealPayload(keyOf(entry.tenant), entry.tenant, _id, payload);
      const isLarge = sealed.length > bytesOfPart;
      if (isLarge) large.set(String(_id), sealed);
      documents.push({
        ...fields,
        ...{ _id, kind, arrival: sequence.arrival, size: payload.length },
        ...(reusedControlId ? { flags: [...entry.flags, 'reused-control-id'] } : {}),
        digest: new Binary(digest),
        ...(isLarge ? { parts: partsOf(sealed) } : { payload: new Binary(sealed) }),
        ...(kind === 'message' ? {} : { aside: kind }),
      });
      known.set(name, [...(known.get(name) ?? []), { tenant: entry.tenant, kind, digest, sequence }]);
      return { sequence, outcome: 'archived', reusedControlId };
    });
    // numbers of an insert that failed are not given again: nobody knows which of them are taken
    const checkTime = large.size === 0 ? undefined : await this.#collections.large.write(large);
    checkTime?.();
    if (documents.length > 0) await this.#collections.messages.insertMany(documents, { ordered: true });
    const ofNobody = documents.filter(({ tenant, kind }) => tenant === null && kind === 'message');
    if (ofNobody.length > 0) await this.#settlements.settle(ofNobody.map(({ _id, arrival }) => parked(_id, arrival)));
    return results;
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
