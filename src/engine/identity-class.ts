/**
 * Which documents are about one thing: links (identifiers seen in one PID, A24, A37) and merges, read from the
 * documents' own registers, so that a statement may come before the messages it speaks of and can be taken back.
 */
import { compareStamps, type Stamp } from '../core/stamp.js';
import { stampTuple } from './document-state.js';
import { parseKey } from './register-key.js';
import type { Registers } from './registers.js';

export interface ClassMember {
  readonly id: string;
  readonly rank: number;
  readonly registers: Registers;
}

export interface IdentityClass {
  /** All ids of the class, sorted. */
  readonly ids: readonly string[];
  /** Members that a merge does not hide, in order: the first one shows the class. */
  readonly standing: readonly string[];
  /** Members whose identifier was changed into another's: what they say still counts. */
  readonly changed: readonly string[];
  /** Members that were merged into another. */
  readonly merged: readonly string[];
}

const tilde = '~'.charCodeAt(0);

/** Ids that a document's registers name, whether they count or not: what has to be loaded to know its class. */
export function namedIds(registers: Registers): string[] {
  const ids: string[] = [];
  for (const name of registers.keys()) {
    if (name.charCodeAt(0) !== tilde) continue;
    const key = parseKey(name);
    if (key.kind === 'link' || key.kind === 'absorbed' || key.kind === 'merged') ids.push(key.other);
  }
  return ids;
}

/** The class of `start` among the members given, which must hold all that its documents name, transitively. */
export function identityClass(start: string, members: ReadonlyMap<string, ClassMember>): IdentityClass {
  const merges = standingMerges(members);
  const ids = new Set([start]);
  for (const id of ids) {
    const member = members.get(id);
    if (member === undefined) continue;
    for (const other of namedIds(member.registers)) {
      if (!members.has(other) || ids.has(other)) continue;
      if (merges.get(id)?.target === other || merges.get(other)?.target === id || isLinked(id, other, members))
        ids.add(other);
    }
  }
  const ordered = [...ids].sort(
    (a, b) => (members.get(a)?.rank ?? 0) - (members.get(b)?.rank ?? 0) || (a < b ? -1 : 1),
  );
  return {
    ids: [...ids].sort(),
    standing: ordered.filter((id) => !merges.has(id)),
    changed: ordered.filter((id) => isChanged(id, merges)),
    merged: ordered.filter((id) => merges.has(id) && !isChanged(id, merges)),
  };
}

/** True when all the way to the one that shows the class there are changes of identifiers only. */
function isChanged(id: string, merges: ReadonlyMap<string, Merge>): boolean {
  const merge = merges.get(id);
  if (merge === undefined || !merge.changed) return false;
  return !merges.has(merge.target) || isChanged(merge.target, merges);
}

/** The newest statement about the pair, from either document, unless one of them was moved elsewhere since. */
function linkStatement(
  a: string,
  b: string,
  members: ReadonlyMap<string, ClassMember>,
): { linked: boolean; stamp: Stamp } | undefined {
  const said = [members.get(a)?.registers.get(linkName(b)), members.get(b)?.registers.get(linkName(a))];
  let newest: { linked: boolean; stamp: Stamp } | undefined;
  for (const register of said) {
    if (register === undefined) continue;
    if (newest === undefined || compareStamps(register.stamp, newest.stamp) > 0) {
      newest = { linked: register.value === true, stamp: register.stamp };
    }
  }
  if (newest === undefined) return undefined;
  return isBeforeMove(newest.stamp, a, members) || isBeforeMove(newest.stamp, b, members) ? undefined : newest;
}

/** True when an event moved the document's identifier to another person after that. */
function isBeforeMove(stamp: Stamp, id: string, members: ReadonlyMap<string, ClassMember>): boolean {
  const moved = members.get(id)?.registers.get('~moved');
  return moved !== undefined && compareStamps(stamp, moved.stamp) < 0;
}

function isLinked(a: string, b: string, members: ReadonlyMap<string, ClassMember>): boolean {
  return linkStatement(a, b, members)?.linked === true;
}

function linkName(other: string): string {
  return `~link\u001f${other}`;
}

interface Merge {
  readonly target: string;
  readonly stamp: Stamp;
  readonly changed: boolean;
}

/**
 * Source → target of the merges that count: per source the newest, unless a later unlink (A37) or move (A43) took it
 * back; in a cycle the oldest edge is dropped.
 */
function standingMerges(members: ReadonlyMap<string, ClassMember>): Map<string, Merge> {
  const merges = new Map<string, Merge>();
  for (const [id, member] of members) {
    const merge = newestMerge(member.registers);
    if (merge === undefined || !members.has(merge.target)) continue;
    const link = linkStatement(id, merge.target, members);
    if (link !== undefined && !link.linked && compareStamps(link.stamp, merge.stamp) > 0) continue;
    if (isBeforeMove(merge.stamp, id, members)) continue;
    merges.set(id, merge);
  }
  for (const start of [...merges.keys()].sort()) dropCycle(start, merges);
  return merges;
}

function newestMerge(registers: Registers): Merge | undefined {
  let newest: Merge | undefined;
  for (const [name, { value, stamp }] of registers) {
    if (!name.startsWith('~merged')) continue;
    const key = parseKey(name);
    if (key.kind !== 'merged') continue;
    const order = newest === undefined ? 1 : compareStamps(stamp, newest.stamp) || (key.other > newest.target ? 1 : -1);
    if (order > 0) newest = { target: key.other, stamp, changed: value === 'changed' };
  }
  return newest;
}

function dropCycle(start: string, merges: Map<string, Merge>): void {
  const path: string[] = [];
  let id: string | undefined = start;
  while (id !== undefined && !path.includes(id)) {
    path.push(id);
    id = merges.get(id)?.target;
  }
  if (id === undefined) return;
  const cycle = path.slice(path.indexOf(id));
  const [oldest] = cycle.sort((a, b) => {
    const x = merges.get(a);
    const y = merges.get(b);
    return x === undefined || y === undefined ? 0 : compareStamps(x.stamp, y.stamp) || (a < b ? -1 : 1);
  });
  if (oldest !== undefined) merges.delete(oldest);
}

/**
 * What the identity registers of a document say, for seeing whether a message changed it. A merge or move said again later
 * may stand against an unlink or another merge that it lost to before, so where there is one, its time belongs to it.
 */
export function identityText(registers: Registers): string {
  const timed = [...registers.keys()].some((name) => name.startsWith('~merged') || name === '~moved');
  const parts: string[] = [];
  for (const [name, { value, stamp }] of registers) {
    if (!isIdentity(name)) continue;
    parts.push(name, String(value), timed && !name.startsWith('~absorbed') ? stampTuple(stamp).join() : '');
  }
  return parts.join('\u001f');
}

/** True when some of the registers say who is who: without them a contribution changes no `identityText`. */
export function saysIdentity(registers: ReadonlyMap<string, unknown>): boolean {
  for (const name of registers.keys()) if (isIdentity(name)) return true;
  return false;
}

/** True for the name of a register that says who is who. */
function isIdentity(name: string): boolean {
  return name.startsWith('~link') || name.startsWith('~merged') || name.startsWith('~absorbed') || name === '~moved';
}
