/**
 * Reading what a moved visit or account takes along: the visits of an account, the accounts of a visit, and items that
 * meet since their visit moved. It may read more than counts in the end; what is composed goes by what is joined.
 */
import type { Contribution } from './contribution.js';
import { namedIds } from './identity-class.js';
import { accountsOf, everNamed, movable, visitsNamed } from './moved-visit.js';
import type { Registers } from './registers.js';
import { patientKeyedTypes } from './search-index.js';
import { openDocument, type WorkingDocument } from './working-document.js';
import type { WorkingSet } from './working-set.js';

export class VisitLoading {
  readonly #set: WorkingSet;
  readonly #contributions: readonly Contribution[];
  readonly #asked = new Set<string>();

  constructor(set: WorkingSet, contributions: readonly Contribution[]) {
    this.#set = set;
    this.#contributions = contributions;
  }

  /** Reads the accounts of the visits, and the visits of accounts that are moved, merged or renumbered. */
  async loadAccounts(): Promise<void> {
    const concerned = this.#contributions.some(
      ({ type, registers }) => type === 'Account' && (registers.has('~moved') || namedIds(registers).length > 0),
    );
    if (concerned) {
      const visits = this.#of('Account').flatMap(({ registers }) => everNamed(registers, 'visits'));
      await this.#load('Encounter', visits);
    }
    await this.#loadAccountsOfVisits();
    this.#set.visitsMove = this.#anyMoved();
  }

  /** Reads, where visits move, the items that meet those of the set, and all that belong to visits that move now. */
  async loadItems(): Promise<void> {
    const set = this.#set;
    set.visitsMove = (await this.#readsMovedVisits()) || set.visitsMove;
    if (set.visitsMove && this.#movesNow()) await this.#loadAllItems();
    for (let before = -1; before !== set.documents.size; ) {
      before = set.documents.size;
      if (set.visitsMove) {
        await this.#readsMovedVisits();
        await this.#load('Patient', this.#patients());
      }
      await this.#load('Patient', this.#keyed());
      await this.#loadEqualItems();
    }
  }

  /** True when a message of the round may bring a visit to another patient than before. */
  #movesNow(): boolean {
    const accounts = this.#anyMoved(['Account']);
    return this.#contributions.some(
      ({ type, registers }) =>
        movable.has(type) &&
        (registers.has('~moved') || namedIds(registers).length > 0 || (accounts && accountsOf(registers).length > 0)),
    );
  }

  /** Reads the visits of items, and their accounts; true when one of them was moved. */
  async #readsMovedVisits(): Promise<boolean> {
    const items = [...this.#set.documents.values()].filter(({ keyRest }) => keyRest !== '');
    const named = [...items.map(({ registers }) => registers), ...this.#items().map(({ registers }) => registers)];
    await this.#load('Encounter', named.flatMap(visitsNamed));
    await this.#loadAccountsOfVisits();
    return this.#anyMoved();
  }

  async #loadAccountsOfVisits(): Promise<void> {
    // what messages of the round name is read already
    await this.#load(
      'Account',
      this.#of('Encounter').flatMap(({ registers }) => accountsOf(registers)),
    );
  }

  /** Items of the patients of moved visits that belong to a visit of the set. */
  async #loadAllItems(): Promise<void> {
    const set = this.#set;
    const patients = new Set(this.#patients());
    await this.#load('Patient', [...patients]);
    for (const id of patients) {
      for (const other of namedIds(set.documents.get(`Patient/${id}`)?.registers ?? new Map())) patients.add(other);
    }
    for (const type of patientKeyedTypes) {
      for (const patient of patients) {
        for (const stored of await set.resources.readByPatient(set.tenant, type, patient)) {
          if (stored.keyRest === '' || set.documents.has(`${type}/${stored.id}`)) continue;
          const item = openDocument(type, stored.id, stored);
          if (visitsNamed(item.registers).some((id) => set.documents.has(`Encounter/${id}`)))
            set.open(type, stored.id, stored);
        }
      }
    }
  }

  /** Patients of the documents whose key holds one. */
  #keyed(): string[] {
    return [...this.#set.documents.values()].flatMap(({ patient }) => (patient === '' ? [] : patient));
  }

  /**
   * Items with an equal rest, of any patient of the set: of visits without a number, which have a patient in their key, where
   * that patient is in a class, and where visits move of all that belongs to one.
   */
  async #loadEqualItems(): Promise<void> {
    const set = this.#set;
    const rests = new Map<string, Set<string>>();
    const want = ({ type, patient, keyRest, registers }: Contribution | WorkingDocument): void => {
      const owner = type === 'Encounter' ? set.documents.get(`Patient/${patient}`) : undefined;
      const inClass = owner !== undefined && namedIds(owner.registers).length > 0;
      const meets = inClass || (set.visitsMove && visitsNamed(registers).length > 0);
      if (keyRest === '' || !meets) return;
      const known = rests.get(type);
      if (known === undefined) rests.set(type, new Set([keyRest]));
      else known.add(keyRest);
    };
    for (const document of set.documents.values()) want(document);
    for (const item of set.visitsMove ? this.#items() : []) want(item);
    const patients = this.#of('Patient').map(({ id }) => id);
    for (const [type, wanted] of rests) {
      const asked = JSON.stringify([type, patients, [...wanted]]);
      if (this.#asked.has(asked)) continue;
      this.#asked.add(asked);
      const found = await set.resources.readByKeyRest(set.tenant, type, patients, [...wanted]);
      for (const stored of found) set.open(type, stored.id, stored);
    }
  }

  /** Patients to whom visits or accounts of the set were moved, and those whose messages said they were. */
  #patients(): string[] {
    return this.#said([...movable]).flatMap((registers) => {
      const to = registers.get('~moved')?.value;
      return [...everNamed(registers, 'of'), ...(typeof to === 'string' ? [to] : [])];
    });
  }

  #anyMoved(types: Iterable<string> = movable): boolean {
    return this.#said([...types]).some((registers) => registers.has('~moved'));
  }

  /** What is stored of documents of the types, and what the messages of the round say of them. */
  #said(types: readonly string[]): Registers[] {
    return [...this.#set.documents.values(), ...this.#contributions].flatMap(({ type, registers }) =>
      types.includes(type) ? registers : [],
    );
  }

  #items(): Contribution[] {
    return this.#contributions.filter(({ keyRest }) => keyRest !== '');
  }

  #of(type: string): WorkingDocument[] {
    return [...this.#set.documents.values()].filter((document) => document.type === type);
  }

  async #load(type: string, ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#set.documents.has(`${type}/${id}`));
    if (missing.length > 0) await this.#set.load(new Map([[type, new Set(missing)]]));
  }
}
