/**
 * Applies mapped messages to a tenant's documents: read, join by stamp, compose, compare-and-set, and again where
 * another writer was there first (convergence.md). The result depends on the set of messages, not on their order.
 */
import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import { type Stamp, sequenceName } from '../core/stamp.js';
import type { DocumentWrite, ResourcePort, StoredDocument, Touch } from '../store/resource-port.js';
import { composeAlone, composeAside, composeClass } from './compose-document.js';
import { afterSnapshots } from './compose-elements.js';
import type { Contribution } from './contribution.js';
import { encodeState, stampTuple } from './document-state.js';
import { type ClassMember, identityClass, namedIds } from './identity-class.js';
import { parseKey } from './register-key.js';
import { join, type Registers } from './registers.js';
import { patientKeyedTypes, searchIndexOf } from './search-index.js';
import { contribute, openDocument, show, touchesOf, type WorkingDocument } from './working-document.js';

export interface MessageContributions {
  readonly stamp: Stamp;
  readonly contributions: readonly Contribution[];
}

/** A resource that a message made (`version` from 1) or left as it was (0). */
export interface Made {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

export interface ApplyOptions {
  readonly clock: Clock;
  /** Reads and writes again this many times before the batch is given back as `conflict`. */
  readonly rounds: number;
}

/**
 * Applies messages of one tenant. Resolves, per message, what it made, when all of it is durable.
 * Throws `store-unavailable` as the store does, and `conflict` when other writers won every round.
 */
export async function applyMessages(
  resources: ResourcePort,
  tenant: string,
  messages: readonly MessageContributions[],
  options: ApplyOptions,
): Promise<Made[][]> {
  const made = messages.map(() => new Map<string, Made>());
  for (let round = 0; round < options.rounds; round++) {
    if (round > 2) await stepAside(round);
    const set = await WorkingSet.read(resources, tenant, messages);
    messages.forEach((message, index) => {
      for (const one of set.apply(message, options.clock.now())) {
        const name = `${one.type}/${one.id}`;
        const before = made[index]?.get(name);
        if (before === undefined || one.version > before.version) made[index]?.set(name, one);
      }
    });
    // a list that a snapshot replaces is read once more after it is noted: an item may have come in between
    if ((await set.write()) && (round > 0 || !set.hasSnapshots))
      return made.map((ofMessage) => [...ofMessage.values()]);
  }
  throw fault('store-unavailable', 'other writers changed the same documents in every round');
}

/** Waits a little, by chance, so that writers who met do not meet again. */
function stepAside(round: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50, 2 ** round)));
}

class WorkingSet {
  readonly #resources: ResourcePort;
  readonly #tenant: string;
  readonly #documents = new Map<string, WorkingDocument>();
  /** Patients whose class may have more than one member. */
  readonly #classed = new Set<string>();
  /** Patients where who is who changed; what that groups anew is read and composed in this round. */
  readonly #regrouping = new Set<WorkingDocument>();
  /** A message of this round changed who is who. */
  #news = false;
  /** A message replaces a whole list of items. */
  hasSnapshots = false;

  constructor(resources: ResourcePort, tenant: string) {
    this.#resources = resources;
    this.#tenant = tenant;
  }

  /** Reads all documents that the messages touch, their classes, and equal items within a class. */
  static async read(
    resources: ResourcePort,
    tenant: string,
    messages: readonly MessageContributions[],
  ): Promise<WorkingSet> {
    const set = new WorkingSet(resources, tenant);
    const contributions = messages.flatMap((message) => message.contributions);
    const wanted = new Map<string, Set<string>>();
    const want = (type: string, id: string): void => {
      const ids = wanted.get(type);
      if (ids === undefined) wanted.set(type, new Set([id]));
      else ids.add(id);
    };
    for (const contribution of contributions) {
      want(contribution.type, contribution.id);
      if (contribution.patient !== '') want('Patient', contribution.patient);
      for (const other of namedIds(contribution.registers)) want(contribution.type, other);
    }
    await set.#load(wanted);
    await set.#loadClassSiblings(contributions);
    await set.#loadLists(contributions);
    return set;
  }

  /** Loads documents and, transitively, those that their registers name. */
  async #load(wanted: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    for (const [type, first] of wanted) {
      let ids = [...first].filter((id) => !this.#documents.has(`${type}/${id}`));
      while (ids.length > 0) {
        const stored = new Map(
          (await this.#resources.read(this.#tenant, type, ids)).map((document) => [document.id, document]),
        );
        const next = new Set<string>();
        for (const id of ids) {
          const document = this.#open(type, id, stored.get(id));
          for (const other of namedIds(document.registers))
            if (!this.#documents.has(`${type}/${other}`)) next.add(other);
        }
        ids = [...next].filter((id) => !this.#documents.has(`${type}/${id}`));
      }
    }
  }

  #open(type: string, id: string, stored: StoredDocument | undefined): WorkingDocument {
    const name = `${type}/${id}`;
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    const document = openDocument(type, id, stored);
    this.#documents.set(name, document);
    return document;
  }

  async #loadClassSiblings(contributions: readonly Contribution[]): Promise<void> {
    const changing = new Set<string>();
    const rests = new Map<string, Set<string>>();
    const patients = new Set<string>();
    for (const contribution of contributions) {
      if (contribution.type === 'Patient' && namedIds(contribution.registers).length > 0) {
        const document = this.#documents.get(`Patient/${contribution.id}`);
        const before: Registers = new Map(document?.registers);
        const after: Registers = new Map(before);
        join(after, contribution.registers);
        const news = identityText(before) !== identityText(after);
        if (news) changing.add(contribution.id);
      }
      if (contribution.patient === '') continue;
      const document = this.#documents.get(`Patient/${contribution.patient}`);
      const classed =
        document !== undefined && (document.members.length > 0 || namedIds(document.registers).length > 0);
      if (
        !classed &&
        !contributions.some((other) => other.id === contribution.patient && namedIds(other.registers).length > 0)
      )
        continue;
      patients.add(contribution.patient);
      const known = rests.get(contribution.type);
      if (known === undefined) rests.set(contribution.type, new Set([contribution.keyRest]));
      else known.add(contribution.keyRest);
    }
    for (const document of this.#documents.values()) if (document.regroup) this.#regrouping.add(document);
    if (changing.size === 0 && patients.size === 0 && this.#regrouping.size === 0) return;
    for (const document of this.#documents.values()) {
      if (document.type === 'Patient') this.#classed.add(document.id);
    }
    const members = [...this.#classed];
    for (const [type, wanted] of rests) {
      const found = await this.#resources.readByKeyRest(this.#tenant, type, members, [...wanted]);
      for (const stored of found) this.#open(type, stored.id, stored);
    }
    if (changing.size === 0 && this.#regrouping.size === 0) return;
    for (const type of patientKeyedTypes) {
      for (const member of members) {
        for (const stored of await this.#resources.readByPatient(this.#tenant, type, member)) {
          if (stored.keyRest !== '') this.#open(type, stored.id, stored);
        }
      }
    }
  }

  /** Loads the items of the lists that a snapshot replaces, and their equals of other patients of the class. */
  async #loadLists(contributions: readonly Contribution[]): Promise<void> {
    for (const { id, registers } of contributions) {
      for (const type of snapshotTypes(registers)) {
        this.hasSnapshots = true;
        const items = await this.#resources.readByPatient(this.#tenant, type, id);
        for (const stored of items) this.#open(type, stored.id, stored);
        const others = this.#idsOf('Patient').filter((other) => other !== id);
        const rests = items.map(({ keyRest }) => keyRest).filter((rest) => rest !== '');
        if (others.length === 0 || rests.length === 0) continue;
        const equal = await this.#resources.readByKeyRest(this.#tenant, type, others, [...new Set(rests)]);
        for (const stored of equal) this.#open(type, stored.id, stored);
      }
    }
  }

  #idsOf(type: string): string[] {
    return [...this.#documents.values()].filter((document) => document.type === type).map(({ id }) => id);
  }

  /** Joins one message and composes again what it may have changed. */
  apply(message: MessageContributions, now: number): Made[] {
    const by = {
      source: sequenceName(message.stamp.sequence),
      now,
      mappingVersion: message.stamp.mappingVersion,
    };
    const affected = new Set<WorkingDocument>(this.#regrouping.size > 0 ? this.#documents.values() : []);
    const mine = new Set<WorkingDocument>();
    for (const contribution of message.contributions) {
      const document = this.#open(contribution.type, contribution.id, undefined);
      const before = identityText(document.registers);
      contribute(document, contribution);
      mine.add(document);
      affected.add(document);
      for (const type of snapshotTypes(contribution.registers)) {
        for (const item of this.#documents.values()) {
          if (item.type === type && item.patient === contribution.id) affected.add(item);
        }
      }
      if (before === identityText(document.registers)) continue;
      this.#news = true;
      if (document.type === 'Patient') document.regroup = true;
      // the class that it leaves, the one that it joins, and equal items of their patients
      for (const other of this.#documents.values()) {
        if (other.type === document.type || (document.type === 'Patient' && other.keyRest !== '')) affected.add(other);
      }
    }
    const changed = new Set<WorkingDocument>();
    const done = new Set<WorkingDocument>();
    for (const document of affected) {
      if (done.has(document)) continue;
      for (const [shown, isNew] of this.#compose(document, by)) {
        done.add(shown);
        if (isNew) changed.add(shown);
      }
    }
    return [...new Set([...mine, ...changed])].map(({ type, id, version }) => ({
      type,
      id,
      version: [...changed].some((document) => document.type === type && document.id === id) ? version : 0,
    }));
  }

  /** Composes the document and all that are about the same thing. */
  #compose(
    document: WorkingDocument,
    by: { source: string; now: number; mappingVersion: number },
  ): [WorkingDocument, boolean][] {
    const group = this.#groupOf(document);
    const [shower, ...others] = group.standing;
    if (shower === undefined || group.ids.length === 1) {
      const alone = composeAlone(document.type, document.id, this.#standing(document));
      return [[document, show(document, alone, { members: [], standsFor: '' }, by)]];
    }
    const result: [WorkingDocument, boolean][] = [];
    const inClass = { members: group.ids, standsFor: '' };
    const standing = group.standing.map((one) => ({ id: one.id, rank: one.rank, registers: this.#standing(one) }));
    result.push([shower, show(shower, composeClass(document.type, standing, group.merged), inClass, by)]);
    for (const aside of [...others, ...group.merged]) {
      const place = { members: group.ids, standsFor: shower.id };
      result.push([aside, show(aside, composeAside(document.type, aside, shower.id), place, by)]);
    }
    return result;
  }

  /** The document's registers as far as no snapshot of its patient's list took them back. */
  #standing(document: WorkingDocument): Registers {
    if (document.patient === '') return document.registers;
    const patient = this.#documents.get(`Patient/${document.patient}`);
    return afterSnapshots(document.type, document.registers, patient?.registers);
  }

  #groupOf(document: WorkingDocument): { ids: string[]; standing: WorkingDocument[]; merged: WorkingDocument[] } {
    const alone = { ids: [document.id], standing: [document], merged: [] };
    if (document.keyRest !== '') return this.#equalItems(document) ?? alone;
    if (namedIds(document.registers).length === 0) return alone;
    const found = identityClass(document.id, this.#membersOf(document.type));
    return {
      ids: [...found.ids],
      standing: this.#all(document.type, found.standing),
      merged: this.#all(document.type, found.merged),
    };
  }

  /** Items with an equal rest of their key, of patients of one class. */
  #equalItems(
    document: WorkingDocument,
  ): { ids: string[]; standing: WorkingDocument[]; merged: WorkingDocument[] } | undefined {
    const patient = this.#documents.get(`Patient/${document.patient}`);
    if (patient === undefined || namedIds(patient.registers).length === 0) return undefined;
    const { standing, merged } = identityClass(patient.id, this.#membersOf('Patient'));
    const order = [...standing, ...merged];
    const equal = [...this.#documents.values()]
      .filter(
        (other) => other.type === document.type && other.keyRest === document.keyRest && order.includes(other.patient),
      )
      .sort((a, b) => order.indexOf(a.patient) - order.indexOf(b.patient));
    return { ids: equal.map((other) => other.id).sort(), standing: equal, merged: [] };
  }

  #membersOf(type: string): Map<string, ClassMember> {
    const members = new Map<string, ClassMember>();
    for (const document of this.#documents.values()) if (document.type === type) members.set(document.id, document);
    return members;
  }

  #all(type: string, ids: readonly string[]): WorkingDocument[] {
    return ids.flatMap((id) => this.#documents.get(`${type}/${id}`) ?? []);
  }

  /**
   * Writes what changed, and touches what did not. False when another writer was there first. What messages said is
   * written before what only shows it, so that nobody shows what is not yet said.
   */
  async write(): Promise<boolean> {
    const said: DocumentWrite[] = [];
    const shown: DocumentWrite[] = [];
    const touches: Touch[] = [];
    const last = this.#news ? [] : [...this.#regrouping];
    for (const document of this.#documents.values()) {
      if (last.includes(document)) continue;
      if (document.dirty) (document.contributed ? said : shown).push(writeOf(document));
      else touches.push(...touchesOf(document));
    }
    // asked in one turn, so that a store that can makes one commit of both
    const [written, touched] = await Promise.all([
      said.length === 0 ? [] : this.#resources.write(this.#tenant, said),
      touches.length === 0 ? [] : this.#resources.touch(this.#tenant, touches),
    ]);
    if (!written.every(Boolean) || !touched.every(Boolean)) return false;
    if (!(await this.#writeAll(shown))) return false;
    const items = [...said, ...shown].some(({ document }) => document.keyRest !== '');
    if (!(await this.#stands(touches, items, new Set(last)))) return false;
    for (const document of last) document.regroup = false;
    return (await this.#writeAll(last.map(writeOf))) && !this.#news;
  }

  async #writeAll(writes: readonly DocumentWrite[]): Promise<boolean> {
    return writes.length === 0 || (await this.#resources.write(this.#tenant, writes)).every(Boolean);
  }

  /**
   * True when all that decided how documents show each other is still as it was read, or as we wrote it: the members of
   * classes, and with `items` the patients of the items written. Compare-and-set alone guards only what is written;
   * `later` is written after this.
   */
  async #stands(touches: readonly Touch[], items: boolean, later: ReadonlySet<WorkingDocument>): Promise<boolean> {
    const relied = new Map<string, WorkingDocument[]>();
    for (const document of this.#documents.values()) {
      if (document.members.length === 0 && !(items && document.type === 'Patient')) continue;
      const ofType = relied.get(document.type);
      if (ofType === undefined) relied.set(document.type, [document]);
      else ofType.push(document);
    }
    for (const [type, documents] of relied) {
      const ids = documents.map(({ id }) => id);
      const now = new Map((await this.#resources.read(this.#tenant, type, ids)).map((stored) => [stored.id, stored]));
      const asLeft = (one: WorkingDocument): boolean =>
        isAsLeft(one, one.dirty && !later.has(one), touches, now.get(one.id));
      if (!documents.every(asLeft)) return false;
    }
    return true;
  }
}

/** True when a document is stored as this round read it, or wrote or touched it. */
function isAsLeft(
  { type, id, stored }: WorkingDocument,
  written: boolean,
  touches: readonly Touch[],
  now: StoredDocument | undefined,
): boolean {
  if ((now?.revision ?? 0) !== (stored?.revision ?? 0) + (written ? 1 : 0)) return false;
  const own = touches.filter((touch) => touch.type === type && touch.id === id);
  const left = written ? [] : [...(stored?.touches ?? []), ...own];
  const known = new Set(left.map(({ registers, stamp }) => `${stamp.join()} ${registers}`));
  return (now?.touches ?? []).every(({ registers, stamp }) => known.has(`${stamp.join()} ${registers}`));
}

/** Types whose lists these registers of a Patient replace. */
function snapshotTypes(registers: ReadonlyMap<string, unknown>): string[] {
  const types: string[] = [];
  for (const name of registers.keys()) {
    const key = name.startsWith('~snapshot') ? parseKey(name) : undefined;
    if (key?.kind === 'snapshot') types.push(key.type);
  }
  return types;
}

/** True for the name of a register that says who is who. */
function isIdentity(name: string): boolean {
  return name.startsWith('~link') || name.startsWith('~merged') || name.startsWith('~absorbed');
}

/**
 * What the identity registers of a document say, for seeing whether a message changed it. A merge said again later may
 * stand against an unlink or another merge that it lost to before, so where there is one, its time belongs to it.
 */
function identityText(registers: Registers): string {
  const merged = [...registers.keys()].some((name) => name.startsWith('~merged'));
  const parts: string[] = [];
  for (const [name, { value, stamp }] of registers) {
    if (!isIdentity(name)) continue;
    parts.push(name, String(value), merged && !name.startsWith('~absorbed') ? stampTuple(stamp).join() : '');
  }
  return parts.join('\u001f');
}

function writeOf(document: WorkingDocument): DocumentWrite {
  const revision = document.stored?.revision ?? 0;
  const state = encodeState(document, document.resource);
  const index = searchIndexOf(document.resource, document.standsFor, document.source);
  return {
    expected: revision,
    document: {
      type: document.type,
      id: document.id,
      revision: revision + 1,
      state,
      resource: document.resource,
      hash: document.hash,
      version: document.version,
      lastUpdated: document.lastUpdated,
      source: document.source,
      members: document.members,
      standsFor: document.standsFor,
      patient: document.patient,
      keyRest: document.keyRest,
      touches: [],
    },
    folded: document.stored?.touches ?? [],
    between: document.made.slice(0, -1),
    values: index.values,
    sortDate: index.sortDate,
    newVersion: document.made.length > 0,
    mappingVersion: document.made.at(-1)?.mappingVersion ?? 0,
  };
}
