/** Joining messages into a working set, and composing what each document of it shows. */
import { type Stamp, sequenceName } from '../core/stamp.js';
import { composeAlone, composeAside, composeClass } from './compose-document.js';
import { afterSnapshots, snapshotTypes } from './compose-elements.js';
import type { Contribution } from './contribution.js';
import { type ClassMember, identityClass, identityText, namedIds, saysIdentity } from './identity-class.js';
import { afterMoves } from './moved-identifier.js';
import type { Registers } from './registers.js';
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
    const identifies = saysIdentity(contribution.registers);
    const before = identifies ? identityText(document.registers) : '';
    const alike = contribute(document, contribution);
    mine.add(document);
    if (!alike || !showsItself(set, document)) affected.add(document);
    for (const type of snapshotTypes(contribution.registers)) {
      for (const item of set.documents.values()) {
        if (item.type === type && item.patient === contribution.id) affected.add(item);
      }
    }
    if (!identifies || before === identityText(document.registers)) continue;
    set.news = true;
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

/** True when nothing but its own registers decides what the document shows: no class, no snapshot of its patient's lists. */
function showsItself(set: WorkingSet, document: WorkingDocument): boolean {
  if (document.members.length > 0 || document.regroup || namedIds(document.registers).length > 0) return false;
  const patient = document.patient === '' ? undefined : set.documents.get(`Patient/${document.patient}`)?.registers;
  return patient === undefined || (namedIds(patient).length === 0 && snapshotTypes(patient).length === 0);
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
    const alone = composeAlone(document.type, document.id, standingOf(set, document));
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
  result.push([shower, show(shower, composeClass(document.type, shown), inClass, by)]);
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

/** Items with an equal rest of their key, of patients of one class. */
function equalItems(set: WorkingSet, document: WorkingDocument): Group | undefined {
  const patient = set.documents.get(`Patient/${document.patient}`);
  if (patient === undefined || namedIds(patient.registers).length === 0) return undefined;
  const { standing, changed, merged } = identityClass(patient.id, membersOf(set, 'Patient'));
  const order = [...standing, ...changed, ...merged];
  const equal = [...set.documents.values()]
    .filter(
      (other) => other.type === document.type && other.keyRest === document.keyRest && order.includes(other.patient),
    )
    .sort((a, b) => order.indexOf(a.patient) - order.indexOf(b.patient));
  return { ids: equal.map((other) => other.id).sort(), standing: equal, changed: [], merged: [] };
}

function membersOf(set: WorkingSet, type: string): Map<string, ClassMember> {
  const members = new Map<string, ClassMember>();
  for (const document of set.documents.values()) if (document.type === type) members.set(document.id, document);
  return members;
}

function allOf(set: WorkingSet, type: string, ids: readonly string[]): WorkingDocument[] {
  return ids.flatMap((id) => set.documents.get(`${type}/${id}`) ?? []);
}
