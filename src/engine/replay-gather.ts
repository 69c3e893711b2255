/**
 * Applies to the scratch all messages that the documents of a link class rest on, under the mapping of today. They are
 * found by the keys of the settle ledger, from message to document to message until nothing new is found; documents then
 * say by their stamps which messages they rest on, so that none is missed and one that was pruned is seen.
 */
import { type Sequence, sequenceName } from '../core/stamp.js';
import type { MessageSummary, SettleOutcome } from '../store/archive-port.js';
import type { ToldMessage } from '../store/replay-board-port.js';
import type { StoredDocument } from '../store/resource-port.js';
import type { ScratchMessage } from '../store/scratch-port.js';
import { applyMessages } from './apply.js';
import type { MessageContributions } from './compose-set.js';
import { namedIds } from './identity-class.js';
import { isSharedName } from './message-keys.js';
import type { TenantContext } from './prepare-batch.js';
import { type EngineParts, processBatch } from './process-batch.js';
import { breathe, messagesOf, type ReplayParts, type ReplayTally } from './replay-parts.js';
import { type MessageName, patience } from './still-unsettled.js';
import { openDocument } from './working-document.js';

const batch = 20;
const page = 50;

export interface ReplayScope {
  readonly tenant: string;
  /** All messages of the tenant, and with them what every partition writes. */
  readonly whole: boolean;
  /** Parked messages count as well. */
  readonly parked: boolean;
}

export class ReplayGathering {
  readonly #parts: ReplayParts;
  readonly #scope: ReplayScope;
  readonly #scratchParts: EngineParts;
  readonly #tally: ReplayTally;
  #settled: SettleOutcome[] = [];
  /** Outcomes of messages that live batches settled meanwhile and that touch what is rebuilt. */
  #news: SettleOutcome[] = [];
  /** What other processes were about to apply, with the time from which on it is waited for. */
  #told: { readonly message: ToldMessage; readonly since: number }[] = [];
  /** Of these, what is to be taken. */
  #due: MessageSummary[] = [];
  #waits = false;
  /** Messages that were taken for the sake of a document while their own batch had not settled them: it may write more. */
  readonly #takenEarly = new Set<string>();
  readonly #seen = { key: 0, patient: 0, document: 0 };
  /** What is applied from now on changes documents that may be compared already. */
  #writing = false;
  /** In a replay of the whole tenant: which stored document was looked at last; undefined at first and at the end. */
  #walked: { readonly type: string; readonly id: string } | undefined;
  #walkEnded = false;
  #allListed = false;

  constructor(parts: ReplayParts, scope: ReplayScope, context: TenantContext, tally: ReplayTally) {
    this.#parts = parts;
    this.#scope = scope;
    this.#tally = tally;
    this.#scratchParts = {
      ...parts.engine,
      tenant: () => context,
      resources: parts.scratch.documents,
      archive: {
        read: (sequences) => parts.archive.read(sequences),
        settle: async (outcomes) => {
          this.#settled.push(...outcomes);
        },
      },
    };
  }

  /** True when live batches settled messages that are not in the scratch yet. */
  get hasNews(): boolean {
    return this.#news.length > 0 || this.#due.length > 0;
  }

  /** True when another process was about to apply a message that it had not settled at the last look. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Asks what other processes apply: what they have settled by now, or not after a while, is news. */
  async hearOthers(): Promise<void> {
    const { others, stillUnsettled, scratch, archive } = this.#parts;
    const now = performance.now();
    for (const message of (await others?.()) ?? []) this.#told.push({ message, since: now });
    const told = this.#told;
    this.#told = [];
    this.#waits = false;
    for (const one of told) {
      if (this.#isTaken(one.message)) continue;
      // its class may yet become one of those that are rebuilt
      const concerns = this.#scope.whole || one.message.keys.some((key) => scratch.has('key', key));
      const found = concerns ? await archive.get(one.message) : undefined;
      const waits = found !== undefined && found.outcome === undefined && now - one.since < patience;
      if (waits || !concerns) this.#told.push(one);
      else if (found !== undefined) this.#isDue(found);
      this.#waits ||= waits;
    }
    for (const message of (await stillUnsettled?.settled()) ?? []) {
      const found = this.#isTaken(message) ? undefined : await archive.get(message);
      if (found?.row.tenant !== this.#scope.tenant) continue;
      if (this.#scope.whole || found.outcome?.keys.some((key) => scratch.has('key', key)) === true) this.#isDue(found);
    }
    this.#waits ||= stillUnsettled?.waits ?? false;
  }

  /** True when it was settled when it was taken: what its own batch writes is written. */
  #isTaken(message: MessageName): boolean {
    return this.#parts.scratch.noted(message) && !this.#takenEarly.has(sequenceName(message));
  }

  /** It was settled, or nobody waits for that any more: if it was taken before, what it wrote since is compared once more. */
  #isDue(found: MessageSummary): void {
    const { row, outcome } = found;
    if (!this.#takenEarly.delete(sequenceName(row.sequence))) this.#due.push(found);
    else if (outcome !== undefined) this.#news.push({ tenant: this.#scope.tenant, sequence: row.sequence, ...outcome });
  }

  /** Hears what live batches settle, from before the first message is looked for. */
  hear(outcomes: readonly SettleOutcome[]): void {
    const { scratch } = this.#parts;
    for (const outcome of outcomes) {
      if (outcome.tenant !== this.#scope.tenant) continue;
      if (this.#scope.whole || outcome.keys.some((key) => scratch.has('key', key))) this.#news.push(outcome);
    }
  }

  /** Tells that the difference is being written: what is applied from now on is compared again, and announced at once. */
  startWriting(): void {
    this.#writing = true;
  }

  /** Looks for messages anew, those included that a writer in another process has settled. */
  lookAgain(): void {
    this.#seen.key = 0;
    this.#allListed = false;
  }

  /** Follows everything that is not followed yet. */
  async fill(): Promise<void> {
    while (await this.#step()) await breathe(this.#parts);
  }

  /** Applies these messages and what they lead to. `anyhow`: parked and unsettled ones too. */
  async take(messages: readonly MessageSummary[], anyhow: boolean): Promise<void> {
    const { scratch } = this.#parts;
    const wanted = messages.filter((message) => this.#counts(message, anyhow) && !scratch.noted(message.row.sequence));
    if (wanted.length === 0) await breathe(this.#parts);
    await this.#apply(
      wanted.map(({ row, outcome }) => ({
        sequence: row.sequence,
        before: outcome === undefined ? undefined : { tenant: this.#scope.tenant, sequence: row.sequence, ...outcome },
      })),
    );
  }

  async #step(): Promise<boolean> {
    if (this.#news.length > 0) {
      const news = this.#news;
      this.#news = [];
      await this.#apply(news.map((outcome) => ({ sequence: outcome.sequence, before: outcome })));
      return true;
    }
    if (this.#due.length > 0) {
      const due = this.#due;
      this.#due = [];
      for (const message of due) await this.take([message], message.outcome === undefined);
      return true;
    }
    if (this.#scope.whole) return (await this.#listAll()) || this.#followStored();
    return (await this.#followKeys()) || (await this.#followDocuments('patient')) || this.#followDocuments('document');
  }

  async #listAll(): Promise<boolean> {
    if (this.#allListed) return false;
    this.#allListed = true;
    const states = ['applied', 'filtered', 'unmapped', ...(this.#scope.parked ? (['parked'] as const) : [])] as const;
    for await (const messages of messagesOf(this.#parts.archive, { tenant: this.#scope.tenant, states })) {
      await this.take(messages, false);
    }
    return true;
  }

  async #followKeys(): Promise<boolean> {
    const keys = this.#parts.scratch.names('key', this.#seen.key, page);
    for (const { at, name } of keys) {
      for await (const messages of messagesOf(this.#parts.archive, { tenant: this.#scope.tenant, key: name })) {
        await this.take(messages, false);
      }
      this.#seen.key = at;
    }
    return keys.length > 0;
  }

  /** Takes the messages that these documents rest on and that are not in the scratch yet. */
  async ask(names: readonly string[]): Promise<void> {
    await this.#askStamps(await this.#stored(names));
  }

  async #followDocuments(list: 'patient' | 'document'): Promise<boolean> {
    const names = this.#parts.scratch.names(list, this.#seen[list], page);
    this.#seen[list] = names.at(-1)?.at ?? this.#seen[list];
    await this.#askStamps(await this.#stored(names.map(({ name }) => name)));
    return names.length > 0;
  }

  async #followStored(): Promise<boolean> {
    if (this.#walkEnded) return false;
    const documents = await this.#parts.resources.readAll(this.#scope.tenant, this.#walked, page);
    this.#walked = documents.at(-1);
    this.#walkEnded = documents.length < page;
    await this.#askStamps(documents);
    return true;
  }

  /** Takes the messages that stamps of these documents name, and keeps what rests on messages that are not there any more. */
  async #askStamps(documents: readonly StoredDocument[]): Promise<void> {
    const pruned = new Map<string, boolean>();
    const isPruned = async (sequence: Sequence): Promise<boolean> => {
      const name = sequenceName(sequence);
      const known = pruned.get(name);
      if (known !== undefined) return known;
      const message = await this.#parts.archive.get(sequence);
      pruned.set(name, message === undefined);
      if (message !== undefined) await this.take([message], message.outcome === undefined);
      if (!this.#parts.scratch.noted(sequence)) this.#parts.scratch.add('passed', [name]);
      return message === undefined;
    };
    const kept: StoredDocument[] = [];
    for (const stored of documents) {
      let keeps = false;
      for (const { stamp } of openDocument(stored.type, stored.id, stored).registers.values()) {
        if (stamp.sequence.run === 0 || this.#parts.scratch.noted(stamp.sequence)) continue;
        if (await isPruned(stamp.sequence)) keeps = true;
      }
      if (keeps) kept.push(stored);
    }
    await this.#keep(kept);
  }

  /** Applies to the scratch what is stored of documents, and of those that they name. */
  async #keep(documents: readonly StoredDocument[]): Promise<void> {
    const { scratch } = this.#parts;
    let next = documents;
    while (next.length > 0) {
      const fresh = next.filter(({ type, id }) => scratch.add('kept', [`${type}/${id}`]).length > 0);
      this.#tally.kept += fresh.length;
      const named: string[] = [];
      for (const stored of fresh) {
        const { registers, rank, patient, keyRest } = openDocument(stored.type, stored.id, stored);
        named.push(...namedIds(registers).map((id) => `${stored.type}/${id}`));
        const made = await applyMessages(
          scratch.documents,
          this.#scope.tenant,
          [saying(stored, [{ type: stored.type, id: stored.id, registers, rank, patient, keyRest }])],
          { clock: this.#parts.engine.clock, rounds: 20 },
        );
        if (this.#writing)
          scratch.add(
            'again',
            made.flat().map(({ type, id }) => `${type}/${id}`),
          );
      }
      this.#follow(named, named);
      next = await this.#stored(named.filter((name) => !scratch.has('kept', name)));
    }
  }

  async #stored(names: readonly string[]): Promise<StoredDocument[]> {
    return readNames(this.#parts.resources, this.#scope.tenant, names);
  }

  #counts({ row, outcome }: MessageSummary, anyhow: boolean): boolean {
    if (row.tenant !== this.#scope.tenant || row.kind !== 'message') return false;
    return anyhow || (outcome !== undefined && (outcome.state !== 'parked' || this.#scope.parked));
  }

  async #apply(messages: readonly { sequence: Sequence; before: SettleOutcome | undefined }[]): Promise<void> {
    const { scratch } = this.#parts;
    for (let from = 0; from < messages.length; from += batch) {
      const some = messages.slice(from, from + batch);
      this.#settled = [];
      const sequences = some.map(({ sequence }) => sequence);
      await processBatch(this.#scratchParts, { tenant: this.#scope.tenant, partition: 0, sequences });
      const ended = new Map(this.#settled.map((outcome) => [sequenceName(outcome.sequence), outcome]));
      for (const { sequence, before } of some) {
        const now = ended.get(sequenceName(sequence));
        if (now === undefined) continue;
        if (!scratch.noted(sequence)) {
          this.#tally.messages += 1;
          this.#tally.states[now.state] += 1;
          if (!this.#scope.whole && isRekeyed({ before, now })) this.#tally.rekeyed += 1;
        }
        scratch.note({ before, now });
        if (before === undefined && this.#parts.others !== undefined) this.#takenEarly.add(sequenceName(sequence));
        const made = [...(before?.made ?? []), ...now.made].map(({ type, id }) => `${type}/${id}`);
        this.#follow([...(before?.keys ?? []), ...now.keys], made);
        if (!this.#writing) continue;
        scratch.add('again', this.#scope.whole ? made : made.filter((document) => !isSharedName(document)));
        const announced = this.#parts.dry ? undefined : announcement({ before, now });
        if (announced !== undefined) await this.#parts.turns.take(() => this.#parts.archive.settle([announced]));
      }
      await breathe(this.#parts);
    }
  }

  #follow(keys: readonly string[], documents: readonly string[]): void {
    if (this.#scope.whole) return;
    const { scratch } = this.#parts;
    scratch.add('key', keys);
    const own = documents.filter((name) => !isSharedName(name));
    scratch.add('patient', own.filter(isPatient));
    scratch.add(
      'document',
      own.filter((name) => !isPatient(name)),
    );
  }
}

function isPatient(name: string): boolean {
  return name.startsWith('Patient/');
}

/** True for an applied message that speaks of documents by keys that it did not have. */
function isRekeyed({ before, now }: ScratchMessage): boolean {
  return before?.state === 'applied' && now.keys.some((key) => !before.keys.includes(key));
}

/**
 * What is noted with a message before its documents are written: what it will have made besides what it made, so that a
 * replay that is cut off is found by the next one. Undefined when there is nothing new.
 */
export function announcement({ before, now }: ScratchMessage): SettleOutcome | undefined {
  if (before === undefined) return undefined;
  const known = new Set(before.made.map(({ type, id }) => `${type}/${id}`));
  const come = now.made.filter(({ type, id }) => !known.has(`${type}/${id}`));
  const keys = [...new Set([...before.keys, ...now.keys])];
  if (come.length === 0 && keys.length === before.keys.length) return undefined;
  return { ...before, keys, made: [...before.made, ...come.map((made) => ({ ...made, version: 0 }))] };
}

/** What is said by the message that a document names as its source. */
export function saying(
  { source }: Pick<StoredDocument, 'source'>,
  contributions: MessageContributions['contributions'],
  mappingVersion = 0,
): MessageContributions {
  const [run = 0, number = 0] = source.split('-').map(Number);
  return { stamp: { authority: 0, time: 0, sequence: { arrival: 0, run, number }, mappingVersion }, contributions };
}

/** Documents by `Type/id`. */
export async function readNames(
  store: Pick<ReplayParts['resources'], 'read'>,
  tenant: string,
  names: readonly string[],
): Promise<StoredDocument[]> {
  const byType = new Map<string, string[]>();
  for (const name of names) {
    const slash = name.indexOf('/');
    const ids = byType.get(name.slice(0, slash)) ?? [];
    byType.set(name.slice(0, slash), ids);
    ids.push(name.slice(slash + 1));
  }
  const found: StoredDocument[] = [];
  for (const [type, ids] of byType) found.push(...(await store.read(tenant, type, ids)));
  return found;
}
