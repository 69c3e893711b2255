/** The documents of one round of applying: those that the messages touch, their classes, and equal items within a class. */
import type { ResourcePort, StoredDocument } from '../store/resource-port.js';
import { snapshotTypes } from './compose-elements.js';
import type { Contribution } from './contribution.js';
import { identityText, namedIds } from './identity-class.js';
import { join, type Registers } from './registers.js';
import { patientKeyedTypes } from './search-index.js';
import { openDocument, type WorkingDocument } from './working-document.js';

export class WorkingSet {
  readonly resources: ResourcePort;
  readonly tenant: string;
  readonly documents = new Map<string, WorkingDocument>();
  /** Patients whose class may have more than one member. */
  readonly #classed = new Set<string>();
  /** Patients where who is who changed; what that groups anew is read and composed in this round. */
  readonly regrouping = new Set<WorkingDocument>();
  /** A message of this round changed who is who. */
  news = false;
  /** A message replaces a whole list of items. */
  hasSnapshots = false;

  constructor(resources: ResourcePort, tenant: string) {
    this.resources = resources;
    this.tenant = tenant;
  }

  /** Reads all documents that the messages touch, their classes, and equal items within a class. */
  static async read(
    resources: ResourcePort,
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
    await set.#load(wanted);
    await set.#loadClassSiblings(contributions);
    await set.#loadLists(contributions);
    return set;
  }

  /** Loads documents and, transitively, those that their registers name. */
  async #load(wanted: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    for (const [type, first] of wanted) {
      let ids = [...first].filter((id) => !this.documents.has(`${type}/${id}`));
      while (ids.length > 0) {
        const stored = new Map(
          (await this.resources.read(this.tenant, type, ids)).map((document) => [document.id, document]),
        );
        const next = new Set<string>();
        for (const id of ids) {
          const document = this.open(type, id, stored.get(id));
          for (const other of namedIds(document.registers))
            if (!this.documents.has(`${type}/${other}`)) next.add(other);
        }
        ids = [...next].filter((id) => !this.documents.has(`${type}/${id}`));
      }
    }
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

  async #loadClassSiblings(contributions: readonly Contribution[]): Promise<void> {
    const changing = new Set<string>();
    const rests = new Map<string, Set<string>>();
    const patients = new Set<string>();
    const naming = new Set(contributions.filter(({ registers }) => namedIds(registers).length > 0).map(({ id }) => id));
    for (const contribution of contributions) {
      if (contribution.type === 'Patient' && namedIds(contribution.registers).length > 0) {
        const document = this.documents.get(`Patient/${contribution.id}`);
        const before: Registers = new Map(document?.registers);
        const after: Registers = new Map(before);
        join(after, contribution.registers);
        const news = identityText(before) !== identityText(after);
        if (news) changing.add(contribution.id);
      }
      if (contribution.patient === '') continue;
      const document = this.documents.get(`Patient/${contribution.patient}`);
      const classed =
        document !== undefined && (document.members.length > 0 || namedIds(document.registers).length > 0);
      if (!classed && !naming.has(contribution.patient)) continue;
      patients.add(contribution.patient);
      const known = rests.get(contribution.type);
      if (known === undefined) rests.set(contribution.type, new Set([contribution.keyRest]));
      else known.add(contribution.keyRest);
    }
    for (const document of this.documents.values()) if (document.regroup) this.regrouping.add(document);
    if (changing.size === 0 && patients.size === 0 && this.regrouping.size === 0) return;
    for (const document of this.documents.values()) {
      if (document.type === 'Patient') this.#classed.add(document.id);
    }
    const members = [...this.#classed];
    for (const [type, wanted] of rests) {
      const found = await this.resources.readByKeyRest(this.tenant, type, members, [...wanted]);
      for (const stored of found) this.open(type, stored.id, stored);
    }
    if (changing.size === 0 && this.regrouping.size === 0) return;
    for (const type of patientKeyedTypes) {
      for (const member of members) {
        for (const stored of await this.resources.readByPatient(this.tenant, type, member)) {
          if (stored.keyRest !== '') this.open(type, stored.id, stored);
        }
      }
    }
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
