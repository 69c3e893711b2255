/** A document while a batch works on it: stored state with its touches folded in, and what the batch made of it. */
import { type JsonObject, sharedJson } from '../core/json.js';
import { compareStamps } from '../core/stamp.js';
import type { ResourceVersion, StoredDocument, Touch } from '../store/resource-port.js';
import type { Shown } from './compose-document.js';
import type { Contribution } from './contribution.js';
import { decodeState, stampOfTuple, stampTuple } from './document-state.js';
import { join, type Registers } from './registers.js';

export interface WorkingDocument {
  readonly type: string;
  readonly id: string;
  readonly stored: StoredDocument | undefined;
  readonly registers: Registers;
  rank: number;
  /** Who is who changed here, and what that groups anew is not all written yet. */
  regroup: boolean;
  patient: string;
  keyRest: string;
  /** Registers changed: the state has to be written even when it shows the same. */
  dirty: boolean;
  /** A message of the batch changed what is said of it, beyond what it shows. */
  contributed: boolean;
  /** Registers that only got newer stamps. */
  readonly touched: Set<string>;
  resource: JsonObject | null;
  version: number;
  lastUpdated: number;
  source: string;
  members: readonly string[];
  standsFor: string;
  moved: readonly string[];
  /** Versions that this batch made, oldest first. */
  readonly made: ResourceVersion[];
}

/** A stored document opened for work, or a new one for which nothing is stored. */
export function openDocument(type: string, id: string, stored: StoredDocument | undefined): WorkingDocument {
  const state =
    stored === undefined
      ? { registers: new Map(), rank: 0, regroup: false }
      : decodeState(stored.state, stored.resource);
  for (const touch of stored?.touches ?? []) foldTouch(state.registers, touch);
  return {
    type,
    id,
    stored,
    registers: state.registers,
    rank: state.rank,
    regroup: state.regroup,
    patient: stored?.patient ?? '',
    keyRest: stored?.keyRest ?? '',
    dirty: false,
    contributed: false,
    touched: new Set(),
    resource: stored?.resource ?? null,
    version: stored?.version ?? 0,
    lastUpdated: stored?.lastUpdated ?? 0,
    source: stored?.source ?? '',
    members: stored?.members ?? [],
    standsFor: stored?.standsFor ?? '',
    moved: stored?.moved ?? [],
    made: [],
  };
}

/** A touch says that these registers were said again, with the same value and authority, at its stamp. */
function foldTouch(registers: Registers, touch: Touch): void {
  const stamp = stampOfTuple(touch.stamp);
  for (const name of JSON.parse(touch.registers) as string[]) {
    const register = registers.get(name);
    if (register !== undefined && compareStamps(stamp, register.stamp) > 0) {
      registers.set(name, { value: register.value, stamp });
    }
  }
}

/** Joins what one message says of the document. True when its registers show the same as before (see `JoinResult`). */
export function contribute(document: WorkingDocument, contribution: Contribution): boolean {
  const { changed, touched, alike } = join(document.registers, contribution.registers);
  if (changed) {
    document.dirty = true;
    document.contributed = true;
  }
  for (const name of touched) document.touched.add(name);
  if (document.stored === undefined && document.made.length === 0) document.rank = contribution.rank;
  if (document.patient === '' && contribution.patient !== '') {
    document.patient = contribution.patient;
    document.keyRest = contribution.keyRest;
    document.dirty = true;
    return false;
  }
  return alike;
}

/** Takes over what the document shows now; makes a version when that is something else. True when it did. */
export function show(
  document: WorkingDocument,
  shown: Shown,
  place: { readonly members: readonly string[]; readonly standsFor: string },
  by: { readonly source: string; readonly now: number; readonly mappingVersion: number },
): boolean {
  if (
    !sameIds(document.members, place.members) ||
    document.standsFor !== place.standsFor ||
    !sameIds(document.moved, shown.moved)
  ) {
    document.members = place.members;
    document.standsFor = place.standsFor;
    document.moved = shown.moved;
    document.dirty = true;
  }
  const { resource } = document;
  const shared = resource !== null && shown.resource !== null ? sharedJson(resource, shown.resource) : shown.resource;
  if (shared === resource) return false;
  document.dirty = true;
  document.resource = shared;
  document.version += 1;
  document.lastUpdated = Math.max(by.now, document.lastUpdated);
  document.source = shown.source === '' ? by.source : shown.source;
  document.made.push({
    type: document.type,
    id: document.id,
    version: document.version,
    lastUpdated: document.lastUpdated,
    source: document.source,
    mappingVersion: by.mappingVersion,
    resource: document.resource,
  });
  return true;
}

/** The touches of a document that is left unwritten, one for each stamp. */
export function touchesOf(document: WorkingDocument): Touch[] {
  if (document.stored === undefined) return [];
  const byStamp = new Map<string, { names: string[]; stamp: Touch['stamp'] }>();
  for (const name of [...document.touched].sort()) {
    const register = document.registers.get(name);
    if (register === undefined) continue;
    const stamp = stampTuple(register.stamp);
    const entry = byStamp.get(stamp.join());
    if (entry === undefined) byStamp.set(stamp.join(), { names: [name], stamp });
    else entry.names.push(name);
  }
  const { type, id, revision } = document.stored;
  return [...byStamp.values()].map(({ names, stamp }) => ({
    type,
    id,
    revision,
    registers: JSON.stringify(names),
    stamp,
  }));
}

/** True for the same ids in the same order. */
export function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
