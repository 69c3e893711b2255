/** Joining messages into a working set, and composing what each document of it shows. */
import { type Stamp, sequenceName } from '../core/stamp.js';
import { classRegisters, composeAlone, composeAside, composeClass } from './compose-document.js';
import { afterSnapshots, snapshotTypes } from './compose-elements.js';
import type { Contribution } from './contribution.js';
import { type ClassMember, identityClass, identityText, namedIds, saysIdentity } from './identity-class.js';
import { afterMoves } from './moved-identifier.js';
import {
  type AccountMoves,
  accountsOf,
  movable,
  movedOf,
  namesAccounts,
  newerMove,
  visitsNamed,
} from './moved-visit.js';
import type { Register, Registers } from './registers.js';
import { SetIndex } from './set-index.js';
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
  // what is grouped anew since a round before is composed once; from then on a message changes what it touches
  const affected = new Set<WorkingDocument>(set.regrouping.size > 0 && !set.regrouped ? set.documents.values() : []);
  set.regrouped = true;
  const mine = new Set<WorkingDocument>();
  for (const contribution of message.contributions) {
    const document = set.open(contribution.type, contribution.id, undefined);
    const before = linkText(document, contribution);
    const alike = contribute(document, contribution);
    mine.add(document);
    if (!alike || !showsItself(set, document)) affected.add(document);
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
    const about = set.visitsMove ? undefined : aboutTheSame(set, document);
    for (const other of set.documents.values()) {
      const isItem = document.type === 'Patient' && other.keyRest !== '';
      if (other.type !== document.type && !isItem) continue;
      if (about === undefined || about.has(isItem ? other.patient : other.id)) affected.add(other);
    }
  }
  const index = new SetIndex(set);
  if (set.visitsMove) for (const document of mine) for (const other of followers(index, document)) affected.add(other);
  const changed = new Set<WorkingDocument>();
  const done = new Set<WorkingDocument>();
  for (const document of affected) {
    if (done.has(document)) continue;
    for (const [shown, isNew] of compose(index, document, by)) {
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

/**
 * Ids of all that ever was said to be about the same thing as the document, over any number of statements, whether they count
 * or not: its class before and after any of them.
 */
function aboutTheSame(set: WorkingSet, document: WorkingDocument): ReadonlySet<string> {
  const ids = new Set([document.id]);
  for (const id of ids) {
    const registers = set.documents.get(`${document.type}/${id}`)?.registers;
    if (registers !== undefined) for (const other of namedIds(registers)) ids.add(other);
  }
  return ids;
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
    accounts: type === 'Encounter' && namesAccounts(contribution.registers) ? accountsOf(registers).join() : '',
  };
}

/** What may show something else where a visit moves: visits with their accounts, and equal items with their visits. */
function followers(index: SetIndex, document: WorkingDocument): readonly WorkingDocument[] {
  if (movable.has(document.type))
    return [...index.set.documents.values()].filter(
      (one) => one.type === 'Encounter' || (one.keyRest !== '' && visitsNamed(one.registers).length > 0),
    );
  return document.keyRest === '' ? [] : index.equalKeys(document);
}

/** Composes the document and all that are about the same thing. */
function compose(
  index: SetIndex,
  document: WorkingDocument,
  by: { source: string; now: number; mappingVersion: number },
): [WorkingDocument, boolean][] {
  const group = groupOf(index, document);
  const [shower, ...others] = group.standing;
  const registersOf = (one: WorkingDocument): ClassMember => ({
    id: one.id,
    rank: one.rank,
    registers: standingOf(index, one),
  });
  if (shower === undefined || group.ids.length === 1) {
    const alone = composeAlone(document.type, document.id, standingOf(index, document), accountMoves(index));
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
  result.push([shower, show(shower, composeClass(document.type, shown, accountMoves(index)), inClass, by)]);
  for (const aside of [...others, ...changed, ...merged]) {
    const place = { members: group.ids, standsFor: shower.id };
    result.push([aside, show(aside, composeAside(document.type, aside, shower.id), place, by)]);
  }
  return result;
}

/** The document's registers as far as no snapshot of its patient's list, and no move of an identifier, took them back. */
function standingOf(index: SetIndex, document: WorkingDocument): Registers {
  if (document.type === 'Patient') return afterMoves(document.registers);
  if (document.patient === '') return document.registers;
  const patient = index.set.documents.get(`Patient/${document.patient}`);
  return afterSnapshots(document.type, document.registers, patient?.registers);
}

/** Documents about one thing, as the class says. */
interface Group {
  readonly ids: readonly string[];
  readonly standing: readonly WorkingDocument[];
  readonly changed: readonly WorkingDocument[];
  readonly merged: readonly WorkingDocument[];
}

function groupOf(index: SetIndex, document: WorkingDocument): Group {
  const alone = { ids: [document.id], standing: [document], changed: [], merged: [] };
  if (document.keyRest !== '') return equalItems(index, document) ?? alone;
  if (namedIds(document.registers).length === 0) return alone;
  const found = identityClass(document.id, index.membersOf(document.type));
  return {
    ids: found.ids,
    standing: allOf(index, document.type, found.standing),
    changed: allOf(index, document.type, found.changed),
    merged: allOf(index, document.type, found.merged),
  };
}

/** Items with an equal rest of their key, of patients of one class, or of a visit that moved from one to another. */
function equalItems(index: SetIndex, document: WorkingDocument): Group | undefined {
  const patient = index.set.documents.get(`Patient/${document.patient}`);
  if (!index.set.visitsMove && (patient === undefined || namedIds(patient.registers).length === 0)) return undefined;
  const equal = index.equalKeys(document);
  if (equal.length === 1) return undefined;
  const ofVisit = new Map(equal.map((one) => [one, movedVisitOf(index, one)]));
  const meet = (a: WorkingDocument, b: WorkingDocument): boolean => {
    if (index.classOf(a.patient).includes(b.patient)) return true;
    const [visit, other] = [ofVisit.get(a), ofVisit.get(b)];
    if (visit === undefined || visit.id !== other?.id) return false;
    const patients = visit.patients.flatMap((id) => index.classOf(id));
    return patients.includes(a.patient) && patients.includes(b.patient);
  };
  const group = new Set([document]);
  for (const one of group) for (const other of equal) if (!group.has(other) && meet(one, other)) group.add(other);
  const [visit] = [...group].flatMap((one) => ofVisit.get(one) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  const owners = index.classOf(visit?.patients[0] ?? document.patient);
  const place = ({ patient: of }: WorkingDocument): [number, number] => [
    owners.includes(of) ? 0 : 1,
    index.classOf(of).indexOf(of),
  ];
  const standing = [...group].sort((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x[0] - y[0] || x[1] - y[1] || (a.patient < b.patient ? -1 : 1);
  });
  return { ids: standing.map(({ id }) => id).sort(), standing, changed: [], merged: [] };
}

/** The visit that an item belongs to, and whose it is and was, where an event moved it. */
function movedVisitOf(
  index: SetIndex,
  item: WorkingDocument,
): { readonly id: string; readonly patients: readonly string[] } | undefined {
  if (!index.set.visitsMove) return undefined;
  for (const name of visitsNamed(item.registers)) {
    const visit = index.set.documents.get(`Encounter/${name}`);
    if (visit === undefined) continue;
    const group = groupOf(index, visit);
    const patients = movedOf('Encounter', classRegisters(group), accountMoves(index));
    if (patients.length > 0) return { id: group.ids[0] ?? name, patients };
  }
  return undefined;
}

/** Where an event moved the accounts of the set: the newest move of an account's class. */
function accountMoves(index: SetIndex): AccountMoves {
  return (id) => {
    const account = index.set.documents.get(`Account/${id}`);
    if (account === undefined) return undefined;
    const { standing, changed } = groupOf(index, account);
    return [...standing, ...changed]
      .map(({ registers }) => registers.get('~moved'))
      .reduce<Register | undefined>(newerMove, undefined);
  };
}

function allOf(index: SetIndex, type: string, ids: readonly string[]): WorkingDocument[] {
  return ids.flatMap((id) => index.set.documents.get(`${type}/${id}`) ?? []);
}
