/**
 * Rebuilds a link class, or a whole tenant, beside the store and writes the difference by compare-and-set; where another
 * message came in between, it is applied to the scratch as well and the difference is taken again (convergence.md, Replay).
 */
import { fault } from '../core/errors.js';
import { type Sequence, sequenceName } from '../core/stamp.js';
import { sharedTypes } from '../mapping/run.js';
import type { MessageSummary, SettleOutcome } from '../store/archive-port.js';
import type { StoredDocument } from '../store/resource-port.js';
import type { ScratchMessage } from '../store/scratch-port.js';
import { applyMessages } from './apply.js';
import { composeAlone } from './compose-document.js';
import type { MessageContributions } from './compose-set.js';
import type { TenantContext } from './prepare-batch.js';
import { join } from './registers.js';
import { changeOf, differenceOf, type Rebuilt, rebuilt } from './replay-difference.js';
import { announcement, ReplayGathering, type ReplayScope, readNames, saying } from './replay-gather.js';
import { breathe, type ReplayParts, type ReplayTally } from './replay-parts.js';
import { openDocument } from './working-document.js';
import { writeOf } from './write-set.js';

/** Documents compared, and written, in one turn. */
const page = 100;
const mostConflicts = 1000;
/** Times that a page waits for news. */
const mostNews = 5;

/** How a turn at a page ended: to be taken again for news, or where another writer was there first; or the mapping changed. */
type TurnEnd = 'done' | 'news' | 'conflict' | 'remapped';

export class Rebuild {
  readonly #parts: ReplayParts;
  readonly #scope: ReplayScope;
  readonly #context: TenantContext;
  readonly #tally: ReplayTally;
  readonly #gathering: ReplayGathering;
  /** Places in the lists of names that are compared. */
  readonly #seen = { patient: 0, document: 0 };
  /** Of a whole tenant: the stores whose documents are still to be compared, and the place in the first of them. */
  readonly #stores: Pick<ReplayParts['resources'], 'readAll'>[];
  #walked: StoredDocument | undefined;
  #writes = 0;

  constructor(parts: ReplayParts, scope: ReplayScope, context: TenantContext, tally: ReplayTally) {
    this.#parts = parts;
    this.#scope = scope;
    this.#context = context;
    this.#tally = tally;
    this.#gathering = new ReplayGathering(parts, scope, context, tally);
    this.#stores = [parts.scratch.documents, parts.resources];
  }

  /** Rebuilds what these messages touch. False when the tenant's mapping changed meanwhile: all is to be done again. */
  async run(asked: readonly MessageSummary[]): Promise<boolean> {
    const gathering = this.#gathering;
    const deaf = this.#parts.turns.listen((outcomes) => gathering.hear(outcomes));
    try {
      await gathering.take(asked, true);
      await gathering.fill();
      if (!this.#parts.dry) await this.#announce();
      gathering.startWriting();
      if (!(await this.#writeDifference())) return false;
      if (!this.#scope.whole) await this.#applyShared();
      if (!this.#parts.dry) await this.#settle();
      this.#tally.classes += 1;
      return true;
    } finally {
      deaf();
    }
  }

  async #announce(): Promise<void> {
    for await (const messages of this.#messages()) {
      const outcomes = messages.flatMap((message) => announcement(message) ?? []);
      if (outcomes.length > 0) await this.#parts.turns.take(() => this.#parts.archive.settle(outcomes));
    }
  }

  /** False when the mapping changed. */
  async #writeDifference(): Promise<boolean> {
    const gathering = this.#gathering;
    let conflicts = 0;
    let lookedAt = 0;
    // a message of another process may have been settled after they were looked for
    let looked = this.#parts.others === undefined;
    /** Writes until the last look for news, when none was waited for. */
    let writesBefore: number | undefined;
    for (;;) {
      const names = await this.#nextNames();
      if (names === undefined) {
        await gathering.hearOthers();
        const quiet = !gathering.hasNews && !gathering.waits;
        // what is told after the last write is applied by others onto what was written
        if (looked && conflicts === lookedAt && (quiet || writesBefore === this.#writes)) return true;
        writesBefore = gathering.waits ? undefined : this.#writes;
        if (conflicts > lookedAt || !looked) gathering.lookAgain();
        looked = true;
        lookedAt = conflicts;
        if (gathering.waits && !gathering.hasNews) await pause();
        await gathering.fill();
        continue;
      }
      let news = 0;
      for (;;) {
        const end = this.#parts.dry ? await this.#showPage(names) : await this.#writePage(names, news < mostNews);
        if (end === 'done') break;
        if (end === 'remapped') return false;
        if (end === 'news') news += 1;
        if (end === 'conflict') {
          if (++conflicts > mostConflicts)
            throw fault('store-unavailable', 'other writers changed the same documents in every round');
          await gathering.ask(names);
        }
        await gathering.fill();
      }
      await breathe(this.#parts);
    }
  }

  /**
   * Names of documents that may differ and are not compared yet; undefined when there are none. The Patients of a class come
   * first, so that who is who changes at once; what later messages changed comes last, and again.
   */
  async #nextNames(): Promise<readonly string[] | undefined> {
    const { scratch } = this.#parts;
    if (this.#scope.whole) {
      for (let store = this.#stores[0]; store !== undefined; store = this.#stores[0]) {
        const documents = await store.readAll(this.#scope.tenant, this.#walked, page);
        this.#walked = documents.at(-1);
        if (documents.length < page) {
          this.#stores.shift();
          this.#walked = undefined;
        }
        if (documents.length > 0) return documents.map(({ type, id }) => `${type}/${id}`);
      }
    } else {
      for (const list of ['patient', 'document'] as const) {
        const names = scratch.names(list, this.#seen[list], page);
        this.#seen[list] = names.at(-1)?.at ?? this.#seen[list];
        if (names.length > 0) return names.map(({ name }) => name);
      }
    }
    const again = scratch.take('again', page);
    return again.length > 0 ? again : undefined;
  }

  async #rebuilt(names: readonly string[]): Promise<Rebuilt[]> {
    const { tenant } = this.#scope;
    const byName = (documents: readonly StoredDocument[]) =>
      new Map(documents.map((document) => [`${document.type}/${document.id}`, document]));
    const stored = byName(await readNames(this.#parts.resources, tenant, names));
    const built = byName(await readNames(this.#parts.scratch.documents, tenant, names));
    const by = { now: this.#parts.engine.clock.now(), mappingVersion: this.#context.mapper.version };
    return names.flatMap((name) => {
      const slash = name.indexOf('/');
      const ids = [name.slice(0, slash), name.slice(slash + 1)] as const;
      return rebuilt(...ids, stored.get(name), built.get(name), by) ?? [];
    });
  }

  /** `yields`: news come first. Without it a feed that never rests would hold up a page for ever; its documents are compared again. */
  async #writePage(names: readonly string[], yields: boolean): Promise<TurnEnd> {
    return this.#parts.turns.take(async () => {
      if (this.#parts.engine.tenant(this.#scope.tenant) !== this.#context) return 'remapped';
      await this.#gathering.hearOthers();
      if (yields && this.#gathering.hasNews) return 'news';
      const differing = await this.#rebuilt(names);
      if (differing.length === 0) return 'done';
      if (differing.some(({ document }) => this.#restsOnUnknown(document.stored))) return 'conflict';
      const writes = differing.map(({ document }) => writeOf(document));
      this.#writes += 1;
      const written = await this.#parts.resources.write(this.#scope.tenant, writes);
      differing.forEach((one, index) => {
        if (written[index] === true) this.#count(one);
      });
      return written.every(Boolean) ? 'done' : 'conflict';
    });
  }

  /** True when a stored document rests on a message that the scratch does not know: another process applied it. */
  #restsOnUnknown(stored: StoredDocument | undefined): boolean {
    if (stored === undefined) return false;
    const { scratch } = this.#parts;
    const { registers } = openDocument(stored.type, stored.id, stored);
    return [...registers.values()].some(({ stamp: { sequence } }) => {
      if (sequence.run === 0 || scratch.noted(sequence)) return false;
      return !scratch.has('passed', sequenceName(sequence));
    });
  }

  async #showPage(names: readonly string[]): Promise<TurnEnd> {
    for (const one of await this.#rebuilt(names)) this.#count(one);
    return 'done';
  }

  #count({
    document,
    change,
    difference,
  }: Pick<Rebuilt, 'change' | 'difference'> & { document: { type: string; id: string } }): void {
    // a document may be written again after news; it counts once
    if (this.#parts.scratch.add('changed', [`${document.type}/${document.id}`]).length === 0) return;
    this.#tally[change] += 1;
    if (difference !== undefined) this.#parts.differs(difference);
  }

  /** What the class says of documents that every partition writes, joined with what is there. */
  async #applyShared(): Promise<void> {
    for (const type of sharedTypes) {
      let after: { readonly type: string; readonly id: string } = { type, id: '' };
      for (;;) {
        const all = await this.#parts.scratch.documents.readAll(this.#scope.tenant, after, page);
        const documents = all.filter((document) => document.type === type);
        if (documents.length > 0) await this.#parts.turns.take(() => this.#applyOnto(type, documents));
        const last = documents.at(-1);
        if (last === undefined || documents.length < page) break;
        after = last;
        await breathe(this.#parts);
      }
    }
  }

  async #applyOnto(type: string, documents: readonly StoredDocument[]): Promise<void> {
    const { resources, engine, dry } = this.#parts;
    const { tenant } = this.#scope;
    const ids = documents.map(({ id }) => id);
    const before = new Map((await resources.read(tenant, type, ids)).map((stored) => [stored.id, stored]));
    const messages = documents.map((built): MessageContributions => {
      const { registers, rank } = openDocument(type, built.id, built);
      const contribution = { type, id: built.id, registers, rank, patient: '', keyRest: '' };
      return saying(built, [contribution], this.#context.mapper.version);
    });
    if (!dry) await applyMessages(resources, tenant, messages, { clock: engine.clock, rounds: 20 });
    const after = dry ? undefined : new Map((await resources.read(tenant, type, ids)).map((one) => [one.id, one]));
    for (const built of documents) {
      const stored = before.get(built.id);
      const old = openDocument(type, built.id, stored);
      if (dry) join(old.registers, openDocument(type, built.id, built).registers);
      const shows = dry
        ? composeAlone(type, built.id, old.registers).resource
        : (after?.get(built.id)?.resource ?? null);
      const difference = differenceOf('changed', type, built.id, stored?.resource ?? null, shows);
      if (difference === undefined || difference.elements.length === 0) continue;
      const change = changeOf(stored?.resource ?? null, shows);
      this.#count({ document: { type, id: built.id }, change, difference: { ...difference, change } });
    }
  }

  /** Settles all messages as they end under the mapping of today, now that what they make is written. */
  async #settle(): Promise<void> {
    for await (const messages of this.#messages()) {
      await this.#parts.turns.take(async () => {
        const names = messages.flatMap(({ now }) => now.made.map(({ type, id }) => `${type}/${id}`));
        const stored = await readNames(this.#parts.resources, this.#scope.tenant, [...new Set(names)]);
        const current = new Map(stored.map((document) => [`${document.type}/${document.id}`, document]));
        const outcomes = messages.flatMap((message) => settledAs(message, current));
        if (outcomes.length > 0) await this.#parts.archive.settle(outcomes);
      });
    }
  }

  async *#messages(): AsyncGenerator<readonly ScratchMessage[]> {
    let after: Sequence | undefined;
    for (;;) {
      const messages = this.#parts.scratch.messages(after, page);
      if (messages.length > 0) yield messages;
      after = messages.at(-1)?.now.sequence;
      if (messages.length < page) return;
      await breathe(this.#parts);
    }
  }
}

/** An unsettled message is left to its own batch. A version is the message's when the document names it as its source. */
function settledAs({ before, now }: ScratchMessage, current: ReadonlyMap<string, StoredDocument>): SettleOutcome[] {
  if (before === undefined) return [];
  const versions = new Map(before.made.map(({ type, id, version }) => [`${type}/${id}`, version]));
  const source = sequenceName(now.sequence);
  const made = now.made.map(({ type, id }) => {
    const document = current.get(`${type}/${id}`);
    const version = document?.source === source ? document.version : (versions.get(`${type}/${id}`) ?? 0);
    return { type, id, version };
  });
  return [{ ...now, made }];
}

/** Until others have gone on a little. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
