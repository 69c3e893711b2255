/** Joining messages into a working set, and composing what each document of it shows. */
import { type Stamp, sequenceName } from '../core/stamp.js';
import { classRegisters, composeAlone, composeAside, composeClass } from './compose-document.js';
import { afterSnapshots, snapshotTypes } from './compose-elements.js';
import type { Contribution } from './contribution.js';
import { type ClassMember, identityClass, identityText, namedIds, saysIdentity } from './identity-class.js';
import { afterMoves } from './moved-identifier.js';
import { type AccountMoves, accountsOf, movable, movedOf, newerMove, visitsNamed } from './moved-visit.js';
import type { Register, Registers } from './registers.js';
import { contribute, show, type WorkingDocument } from './working-document.js';
import type { WorkingSet } from './working-set.js';

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

/** Joins one message into the set and composes again what it may have changed. */
export function applyMessage(set: WorkingSet, message: MessageContributions, now: number): Made[] {
  const by = {
    source: sequenceName(message.stamp.sequence),
    now,
    mappingVersion: message.stamp.mappingVersion,
  };
  const affected = new Set<WorkingDocument>(set.regrouping.size > 0 ? set.documents.values() : []);
  const mine = new Set<WorkingDocument>();
  for (const contribution of message.contributions) {
    const document = set.open(contribution.type, contribution.id, undefined);
    const before = linkText(document, contribution);
    const alike = contribute(document, contribution);
    mine.add(document);
    if (!alike || !showsItself(set, document)) affected.add(document);
    if (set.visitsMove) for (const other of followers(set, document)) affected.add(other);
    for (const type of snapshotTypes(contribution.registers)) {
      for (const item of set.documents.values()) {
        if (item.type === type && item.patient === contribution.id) affected.add(item);
      }
    }
    const now = linkText(document, contribution);
    if (before.accounts !== now.accounts) set.relinked = true;
    if (before.identity === now.identity && (!set.visitsMove || before.accounts === now.accounts)) continue;
    set.news = true;
    if (movable.has(document.type)) set.relinked = true;
    if (document.type === 'Patient') document.regroup = true;
    // the class that it leaves, the one that it joins, and equal items of their patients
    for (const other of set.documents.values()) {
      if (other.type === document.type || (document.type === 'Patient' && other.keyRest !== '')) affected.add(other);
    }
  }
  const changed = new Set<WorkingDocument>();
  const done = new Set<WorkingDocument>();
  for (const document of affected) {
    if (done.has(document)) continue;
    for (const [shown, isNew] of compose(set, document, by)) {
      done.add(shown);
      if (isNew) changed.add(shown);
    }
  }
  return [...new Set([...mine, ...changed])].map((document) => ({
    type: document.type,
    id: document.id,
    version: changed.has(document) ? document.version : 0,
  }));
}

/** True when nothing but its own registers decides what the document shows: no class, no move, no snapshot of its patient's lists. */
function showsItself(set: WorkingSet, document: WorkingDocument): boolean {
  if (set.visitsMove) return false;
  if (document.members.length > 0 || document.regroup || namedIds(document.registers).length > 0) return false;
  const patient = document.patient === '' ? undefined : set.documents.get(`Patient/${document.patient}`)?.registers;
  return patient === undefined || (namedIds(patient).length === 0 && snapshotTypes(patient).length === 0);
}

/** Who is who by a document, and the accounts of a visit, as far as a contribution may change it. */
function linkText(
  { type, registers }: WorkingDocument,
  contribution: Contribution,
): { readonly identity: string; readonly accounts: string } {
  return {
    identity: saysIdentity(contribution.registers) ? identityText(registers) : '',
    accounts: type === 'Encounter' ? accountsOf(registers).join() : '',
  };
}

/** What may show something else where a visit moves: visits with their accounts, and equal items with their visits. */
function followers(set: WorkingSet, document: WorkingDocument): WorkingDocument[] {
  const all = [...set.documents.values()];
  if (movable.has(document.type))
    return all.filter(
      (one) => one.type === 'Encounter' || (one.keyRest !== '' && visitsNamed(one.registers).length > 0),
    );
  return document.keyRest === ''
    ? []
    : all.filter((one) => one.type === document.type && one.keyRest === document.keyRest);
}

/** Composes the document and all that are about the same thing. */
function compose(
  set: WorkingSet,
  document: WorkingDocument,
  by: { source: string; now: number; mappingVersion: number },
): [WorkingDocument, boolean][] {
  const group = groupOf(set, document);
  const [shower, ...others] = group.standing;
  const registersOf = (one: WorkingDocument): ClassMember => ({
    id: one.id,
    rank: one.rank,
    registers: standingOf(set, one),
  });
  if (shower === undefined || group.ids.length === 1) {
    const alone = composeAlone(document.type, document.id, standingOf(set, document), accountMoves(set));
    return [[document, show(document, alone, { members: [], standsFor: '' }, by)]];
  }
  const result: [WorkingDocument, boolean][] = [];
  const inClass = { members: group.ids, standsFor: '' };
  const { changed, merged } = group;
  const shown = {
    standing: group.standing.map(registersOf),
    changed: changed.map(registersOf),
    merged: merged.map(registersOf),
  };
  result.push([shower, show(shower, composeClass(document.type, shown, accountMoves(set)), inClass, by)]);
  for (const aside of [...others, ...changed, ...merged]) {
    const place = { members: group.ids, standsFor: shower.id };
    result.push([aside, show(aside, composeAside(document.type, aside, shower.id), place, by)]);
  }
  return result;
}

/** The document's registers as far as no snapshot of its patient's list, and no move of an identifier, took them back. */
function standingOf(set: WorkingSet, document: WorkingDocument): Registers {
  if (document.type === 'Patient') return afterMoves(document.registers);
  if (document.patient === '') return document.registers;
  const patient = set.documents.get(`Patient/${document.patient}`);
  return afterSnapshots(document.type, document.registers, patient?.registers);
}

/** Documents about one thing, as the class says. */
interface Group {
  readonly ids: readonly string[];
  readonly standing: readonly WorkingDocument[];
  readonly changed: readonly WorkingDocument[];
  readonly merged: readonly WorkingDocument[];
}

function groupOf(set: WorkingSet, document: WorkingDocument): Group {
  const alone = { ids: [document.id], standing: [document], changed: [], merged: [] };
  if (document.keyRest !== '') return equalItems(set, document) ?? alone;
  if (namedIds(document.registers).length === 0) return alone;
  const found = identityClass(document.id, membersOf(set, document.type));
  return {
    ids: found.ids,
    standing: allOf(set, document.type, found.standing),
    changed: allOf(set, document.type, found.changed),
    merged: allOf(set, document.type, found.merged),
  };
}

/** Items with an equal rest of their key, of patients of one class, or of a visit that moved from one to another. */
function equalItems(set: WorkingSet, document: WorkingDocument): Group | undefined {
  const patient = set.documents.get(`Patient/${document.patient}`);
  if (!set.visitsMove && (patient === undefined || namedIds(patient.registers).length === 0)) return undefined;
  const equal = [...set.documents.values()].filter(
    (other) => other.type === document.type && other.keyRest === document.keyRest,
  );
  if (equal.length === 1) return undefined;
  const classes = new PatientClasses(set);
  const ofVisit = new Map(equal.map((one) => [one, movedVisitOf(set, one)]));
  const meet = (a: WorkingDocument, b: WorkingDocument): boolean => {
    if (classes.of(a.patient).includes(b.patient)) return true;
    const [visit, other] = [ofVisit.get(a), ofVisit.get(b)];
    if (visit === undefined || visit.id !== other?.id) return false;
    const patients = visit.patients.flatMap((id) => classes.of(id));
    return patients.includes(a.patient) && patients.includes(b.patient);
  };
  const group = new Set([document]);
  for (const one of group) for (const other of equal) if (!group.has(other) && meet(one, other)) group.add(other);
  const [visit] = [...group].flatMap((one) => ofVisit.get(one) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  const owners = classes.of(visit?.patients[0] ?? document.patient);
  const place = ({ patient: of }: WorkingDocument): [number, number] => [
    owners.includes(of) ? 0 : 1,
    classes.of(of).indexOf(of),
  ];
  const standing = [...group].sort((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x[0] - y[0] || x[1] - y[1] || (a.patient < b.patient ? -1 : 1);
  });
  return { ids: standing.map(({ id }) => id).sort(), standing, changed: [], merged: [] };
}

/** Ids of each patient's class, in order, worked out once. */
class PatientClasses {
  readonly #members: ReadonlyMap<string, ClassMember>;
  readonly #known = new Map<string, readonly string[]>();

  constructor(set: WorkingSet) {
    this.#members = membersOf(set, 'Patient');
  }

  of(patient: string): readonly string[] {
    let known = this.#known.get(patient);
    if (known === undefined) {
      const { standing, changed, merged } = identityClass(patient, this.#members);
      known = [...standing, ...changed, ...merged];
      this.#known.set(patient, known);
    }
    return known;
  }
}

/** The visit that an item belongs to, and whose it is and was, where an event moved it. */
function movedVisitOf(
  set: WorkingSet,
  item: WorkingDocument,
): { readonly id: string; readonly patients: readonly string[] } | undefined {
  if (!set.visitsMove) return undefined;
  for (const name of visitsNamed(item.registers)) {
    const visit = set.documents.get(`Encounter/${name}`);
    if (visit === undefined) continue;
    const group = groupOf(set, visit);
    const patients = movedOf('Encounter', classRegisters(group), accountMoves(set));
    if (patients.length > 0) return { id: group.ids[0] ?? name, patients };
  }
  return undefined;
}

/** Where an event moved the accounts of the set: the newest move of an account's class. */
function accountMoves(set: WorkingSet): AccountMoves {
  return (id) => {
    const account = set.documents.get(`Account/${id}`);
    if (account === undefined) return undefined;
    const { standing, changed } = groupOf(set, account);
    return [...standing, ...changed]
      .map(({ registers }) => registers.get('~moved'))
      .reduce<Register | undefined>(newerMove, undefined);
  };
}

function membersOf(set: WorkingSet, type: string): Map<string, ClassMember> {
  const members = new Map<string, ClassMember>();
  for (const document of set.documents.values()) if (document.type === type) members.set(document.id, document);
  return members;
}

function allOf(set: WorkingSet, type: string, ids: readonly string[]): WorkingDocument[] {
  return ids.flatMap((id) => set.documents.get(`${type}/${id}`) ?? []);
}
