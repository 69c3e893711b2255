/** The documents of one round of applying: those that the messages touch, their classes, and equal items within a class. */
import type { DocumentStore, StoredDocument } from '../store/resource-port.js';
import { snapshotTypes } from './compose-elements.js';
import type { Contribution } from './contribution.js';
import { identityText, namedIds, saysIdentity } from './identity-class.js';
import { join, type Registers } from './registers.js';
import { patientKeyedTypes } from './search-index.js';
import { VisitLoading } from './visit-loading.js';
import { openDocument, type WorkingDocument } from './working-document.js';

export class WorkingSet {
  readonly resources: DocumentStore;
  readonly tenant: string;
  readonly documents = new Map<string, WorkingDocument>();
  /** Patients where who is who changed; what that groups anew is read and composed in this round. */
  readonly regrouping = new Set<WorkingDocument>();
  /** These are composed: a message of this round was applied. */
  regrouped = false;
  /** A message of this round changed who is who. */
  news = false;
  /** A message of this round says of a visit or account something new about who is who, or of which account a visit is. */
  relinked = false;
  /** A visit or account of the set was moved to another patient, or is by a message of this round. */
  visitsMove = false;
  /** A message replaces a whole list of items. */
  hasSnapshots = false;

  constructor(resources: DocumentStore, tenant: string) {
    this.resources = resources;
    this.tenant = tenant;
  }

  /** Reads all documents that the messages touch, their classes, and equal items within a class. */
  static async read(
    resources: DocumentStore,
    tenant: string,
    contributions: readonly Contribution[],
  ): Promise<WorkingSet> {
    const set = new WorkingSet(resources, tenant);
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
    await set.load(wanted);
    const visits = new VisitLoading(set, contributions);
    await visits.loadAccounts();
    await set.#loadClassSiblings(contributions);
    await set.#loadLists(contributions);
    await visits.loadItems();
    return set;
  }

  /** Loads documents and, transitively, those that their registers name; those of all types at once. */
  async load(wanted: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    let left = this.#missing(wanted);
    while (left.length > 0) {
      const found = await Promise.all(left.map(([type, ids]) => this.resources.read(this.tenant, type, ids)));
      const named = left.map(([type, ids], at): [string, Set<string>] => {
        const stored = new Map((found[at] ?? []).map((document) => [document.id, document]));
        return [type, new Set(ids.flatMap((id) => namedIds(this.open(type, id, stored.get(id)).registers)))];
      });
      left = this.#missing(named);
    }
  }

  /** Those of the documents that are not loaded yet. */
  #missing(wanted: Iterable<readonly [string, ReadonlySet<string>]>): [type: string, ids: string[]][] {
    return [...wanted].flatMap(([type, all]): [string, string[]][] => {
      const ids = [...all].filter((id) => !this.documents.has(`${type}/${id}`));
      return ids.length === 0 ? [] : [[type, ids]];
    });
  }

  /** The document, opened when it is not yet. */
  open(type: string, id: string, stored: StoredDocument | undefined): WorkingDocument {
    const name = `${type}/${id}`;
    const known = this.documents.get(name);
    if (known !== undefined) return known;
    const document = openDocument(type, id, stored);
    this.documents.set(name, document);
    return document;
  }

  /** Loads items that are equal within a class, and all items of a class where who is who changes. */
  async #loadClassSiblings(contributions: readonly Contribution[]): Promise<void> {
    const naming = new Set(contributions.filter(({ registers }) => namedIds(registers).length > 0).map(({ id }) => id));
    const rests = new Map<string, Set<string>>();
    for (const { type, patient, keyRest } of contributions) {
      const document = this.documents.get(`Patient/${patient}`);
      if (document === undefined) continue;
      if (namedIds(document.registers).length === 0 && !naming.has(patient)) continue;
      const known = rests.get(type);
      if (known === undefined) rests.set(type, new Set([keyRest]));
      else known.add(keyRest);
    }
    for (const document of this.documents.values()) if (document.regroup) this.regrouping.add(document);
    const regroups =
      this.regrouping.size > 0 || contributions.some((one) => naming.has(one.id) && this.#changesIdentity(one));
    const members = this.#idsOf('Patient');
    for (const [type, wanted] of rests) {
      const found = await this.resources.readByKeyRest(this.tenant, type, members, [...wanted]);
      for (const stored of found) this.open(type, stored.id, stored);
    }
    if (!regroups) return;
    for (const type of patientKeyedTypes) {
      for (const member of members) {
        for (const stored of await this.resources.readByPatient(this.tenant, type, member)) {
          if (stored.keyRest !== '') this.open(type, stored.id, stored);
        }
      }
    }
  }

  /** True when a contribution to a Patient says something new of who is who. */
  #changesIdentity({ type, id, registers }: Contribution): boolean {
    if (type !== 'Patient' || !saysIdentity(registers)) return false;
    const before: Registers = new Map(this.documents.get(`Patient/${id}`)?.registers);
    const after: Registers = new Map(before);
    join(after, registers);
    return identityText(before) !== identityText(after);
  }

  /** Loads the items of the lists that a snapshot replaces, and their equals of other patients of the class. */
  async #loadLists(contributions: readonly Contribution[]): Promise<void> {
    for (const { id, registers } of contributions) {
      for (const type of snapshotTypes(registers)) {
        this.hasSnapshots = true;
        const items = await this.resources.readByPatient(this.tenant, type, id);
        for (const stored of items) this.open(type, stored.id, stored);
        const others = this.#idsOf('Patient').filter((other) => other !== id);
        const rests = items.map(({ keyRest }) => keyRest).filter((rest) => rest !== '');
        if (others.length === 0 || rests.length === 0) continue;
        const equal = await this.resources.readByKeyRest(this.tenant, type, others, [...new Set(rests)]);
        for (const stored of equal) this.open(type, stored.id, stored);
      }
    }
  }

  #idsOf(type: string): string[] {
    return [...this.documents.values()].filter((document) => document.type === type).map(({ id }) => id);
  }
}
