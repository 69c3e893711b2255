/** The R4 resource that a document, or a class of documents about one thing, shows. Pure; `null` shows nothing. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { compareStamps, type Stamp, sequenceName } from '../core/stamp.js';
import { addInOrder, composeElements, isPresent } from './compose-elements.js';
import type { ClassMember } from './identity-class.js';
import { type AccountMoves, movable, movedOf } from './moved-visit.js';
import { parseKey, printKey } from './register-key.js';
import { join, type Register, type Registers } from './registers.js';
import { afterEvents, composeVisit, standingFacts } from './visit.js';

export interface Shown {
  readonly resource: JsonObject | null;
  /** `run-number` of the message with the highest stamp among the elements shown; empty when no message is named. */
  readonly source: string;
  /** Patient to whom an event moved the visit or account (a visit with its account, too), and those that messages named it as of; of a resource without a place for it, its visit. */
  readonly moved: readonly string[];
}

/** The members of a class, in order. */
export interface ClassMembers {
  readonly standing: readonly ClassMember[];
  readonly changed: readonly ClassMember[];
  readonly merged: readonly ClassMember[];
}

const noMoves: AccountMoves = () => undefined;

/** A document that stands alone. `accountMoves`: where accounts were moved that an Encounter names. */
export function composeAlone(type: string, id: string, registers: Registers, accountMoves = noMoves): Shown {
  const moved = movedOf(type, registers, accountMoves);
  if (!isPresent(registers)) return { resource: null, source: sourceOf(registers), moved };
  const facts = type === 'Encounter' ? standingFacts(registers) : undefined;
  const elements = composeElements(type, facts === undefined ? registers : afterEvents(registers, facts));
  const [to] = movable.has(type) ? moved : [];
  if (to !== undefined) elements['subject'] = subjectOf(type, to);
  const whole = facts === undefined ? elements : composeVisit(elements, facts);
  return { resource: addInOrder({ resourceType: type, id }, type, whole), source: sourceOf(registers), moved };
}

function subjectOf(type: string, patient: string): Json {
  const reference = { reference: `Patient/${patient}` };
  return type === 'Account' ? [reference] : reference;
}

/** What the members of a class say together. */
export function classRegisters({ standing, changed, merged }: ClassMembers): Registers {
  const registers: Registers = new Map();
  for (const member of standing) join(registers, ofMember(member, 'standing'));
  for (const member of changed) join(registers, ofMember(member, 'changed'));
  for (const member of merged) join(registers, ofMember(member, 'merged'));
  return registers;
}

/**
 * The document that shows a class: elements by stamp from all members but merged ones, identifiers of all, those of merged
 * and changed members as `old`; a Patient links to the ids it replaces.
 */
export function composeClass(type: string, members: ClassMembers, accountMoves = noMoves): Shown {
  const { standing, changed, merged } = members;
  const [shower] = standing;
  if (shower === undefined) return { resource: null, source: '', moved: [] };
  const shown = composeAlone(type, shower.id, classRegisters(members), accountMoves);
  if (type !== 'Patient' || shown.resource === null) return shown;
  const replaced = [...standing.slice(1), ...changed, ...merged].map((member) => member.id).sort();
  const link: Json[] = replaced.map((id) => ({ other: { reference: `Patient/${id}` }, type: 'replaces' }));
  const { resourceType, id, ...elements } = shown.resource;
  return {
    resource: addInOrder({ resourceType: resourceType ?? type, id: id ?? shower.id }, type, { ...elements, link }),
    source: shown.source,
    moved: shown.moved,
  };
}

/** A member that stands aside: an inactive Patient that names the one that shows it; other types show nothing. */
export function composeAside(type: string, member: ClassMember, shower: string): Shown {
  if (type !== 'Patient') return { resource: null, source: sourceOf(member.registers), moved: [] };
  return {
    resource: {
      resourceType: 'Patient',
      id: member.id,
      active: false,
      link: [{ other: { reference: `Patient/${shower}` }, type: 'replaced-by' }],
    },
    source: sourceOf(member.registers),
    moved: [],
  };
}

/**
 * Registers of a member as they count in its class: each document's identifier lists stand beside the others', and those
 * that a merge or change made old; of a merged one nothing else but whose it was.
 */
function ofMember(member: ClassMember, as: keyof ClassMembers): Map<string, Register> {
  const registers = new Map<string, Register>();
  for (const [name, register] of member.registers) {
    const key = parseKey(name);
    const isIdentifier = key.kind === 'list' && key.path === 'identifier';
    if (isIdentifier) {
      const own = printKey({ ...key, sender: `${key.sender}\u001e${member.id}` });
      registers.set(own, as === 'standing' ? register : { ...register, value: asOld(register.value) });
    } else if (as !== 'merged' || key.kind === 'of') registers.set(name, register);
  }
  return registers;
}

function asOld(identifiers: Json): Json {
  if (!Array.isArray(identifiers)) return identifiers;
  return identifiers.map((identifier) => (isJsonObject(identifier) ? { ...identifier, use: 'old' } : identifier));
}

function sourceOf(registers: Registers): string {
  let newest: Stamp | undefined;
  for (const { stamp } of registers.values()) {
    if (newest === undefined || compareStamps(stamp, newest) > 0) newest = stamp;
  }
  return newest === undefined || newest.sequence.run === 0 ? '' : sequenceName(newest.sequence);
}
