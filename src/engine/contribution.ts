/** From what the mapping drafted of one message to what each document gets: registers under the message's stamp. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { Stamp } from '../core/stamp.js';
import { type Draft, type IdentityFact, itemOf, type VisitStatement } from '../mapping/draft.js';
import { type MessageStamps, stampInPlaceOf, stampsOf, timeless } from './message-stamps.js';
import { shownIdentifier } from './moved-identifier.js';
import { accountsOf, movable } from './moved-visit.js';
import { printKey, type RegisterKey } from './register-key.js';
import type { Register } from './registers.js';

const dayMs = 86_400_000;

/** What one message contributes to one document. */
export interface Contribution {
  readonly type: string;
  readonly id: string;
  readonly registers: Map<string, Register>;
  /** Rank of the document's key among those of its class; lower comes first. */
  readonly rank: number;
  /** Id of the Patient document whose key comes first in this one's; empty for none. */
  readonly patient: string;
  /** Hash of the rest of such a key; empty for none. */
  readonly keyRest: string;
}

/** Names ids; given by the tenant's key. `rest` hashes a key's parts for finding equal ones within a class. */
export interface Names {
  idOf(type: string, parts: readonly string[]): string;
  restOf(type: string, parts: readonly string[]): string;
  /** Rank of a Patient key by the tenant's order of authorities. */
  rankOf(type: string, parts: readonly string[]): number;
}

/** A draft that has a document: its id, and that of the patient in its key. */
export interface IdentifiedDraft {
  readonly draft: Draft;
  readonly id: string;
}

/** Who says it and when, and which of its lists are whole (snapshot mode): resource type and map. */
export interface Statement {
  readonly sender: string;
  readonly stamp: Stamp;
  readonly snapshots?: readonly { readonly type: string; readonly rule: string }[];
}

/** Contributions of a message, at most one for each document. */
export function contributionsOf(
  drafts: readonly IdentifiedDraft[],
  facts: readonly IdentityFact[],
  { sender, stamp, snapshots = [] }: Statement,
  names: Names,
): Contribution[] {
  const stamps = stampsOf(stamp);
  return contributionsUnder(drafts, facts, { sender, stamps, snapshots, time: () => stamp.time }, names);
}

/** The same with all stamps given. */
interface StampedStatement {
  readonly sender: string;
  readonly stamps: MessageStamps;
  readonly snapshots: readonly { readonly type: string; readonly rule: string }[];
  /** The event time, where it goes into what is said, and not only under which stamp. */
  time(): number;
}

/** Contributions of a message, at most one for each document, under no other stamps than those and `timeless`. */
export function contributionsUnder(
  drafts: readonly IdentifiedDraft[],
  facts: readonly IdentityFact[],
  { sender, stamps, snapshots, time }: StampedStatement,
  names: Names,
): Contribution[] {
  const stamp = stamps.exact;
  const found = new Map<string, Contribution>();
  const idOfDraft = new Map(drafts.map(({ draft, id }) => [draft, id]));
  const of = (type: string, id: string, rank: number, patient = '', keyRest = ''): Contribution => {
    const name = `${type}/${id}`;
    let contribution = found.get(name);
    if (contribution === undefined) {
      contribution = { type, id, registers: new Map(), rank, patient, keyRest };
      found.set(name, contribution);
    }
    return contribution;
  };
  const link = (type: string, a: readonly string[], b: readonly string[], linked: boolean): void => {
    const idA = names.idOf(type, a);
    const idB = names.idOf(type, b);
    if (idA === idB) return;
    put(of(type, idA, names.rankOf(type, a)), { kind: 'link', other: idB }, linked, stamp);
    put(of(type, idB, names.rankOf(type, b)), { kind: 'link', other: idA }, linked, stamp);
  };
  const allDrafts = drafts.map(({ draft }) => draft);
  const addMove = ({ type, moved, from, to }: Extract<IdentityFact, { kind: 'move' }>): void => {
    const target = names.idOf('Patient', to);
    const contribution = of(type, names.idOf(type, moved), names.rankOf(type, moved));
    if (contribution.type === 'Patient' && contribution.id === target) return;
    if (type === 'Patient') {
      const { system, value } = shownIdentifier(moved[1] ?? '', allDrafts);
      put(contribution, { kind: 'moved' }, { t: target, s: system, v: value }, stamp);
      link(type, moved, to, true);
      if (from === undefined) return;
      const left = of(type, names.idOf(type, from), names.rankOf(type, from));
      if (left !== contribution) put(left, { kind: 'left', system, value }, true, stamp);
      return;
    }
    put(contribution, { kind: 'moved' }, target, stamp);
    if (from !== undefined) ofPatient(contribution, names.idOf('Patient', from));
  };

  for (const { draft, id } of drafts) {
    const key = draft.key;
    if (key === undefined) continue;
    const item = itemOf(key);
    const patient = item === undefined ? '' : (idOfDraft.get(item.patient) ?? '');
    const keyRest = item === undefined || patient === '' ? '' : names.restOf(draft.type, item.rest);
    const contribution = of(draft.type, id, names.rankOf(draft.type, key.parts), patient, keyRest);
    addDraft(contribution, draft, sender, stamps, time);
    if (movable.has(draft.type)) for (const other of patientsOf(draft)) ofPatient(contribution, other);
    const visit = draft.visitOf === undefined ? undefined : idOfDraft.get(draft.visitOf);
    if (visit !== undefined) put(contribution, { kind: 'visitOf' }, visit, stamp);
    if (draft.type === 'Encounter')
      for (const account of accountsOf(contribution.registers)) {
        put(of('Account', account, 0), { kind: 'visits', other: id }, true, timeless);
      }
    if (patient === '') for (const other of key.also) link(draft.type, key.parts, other, true);
    const whole = snapshots.find(({ type, rule }) => type === draft.type && rule === mapOf(draft));
    if (whole === undefined || patient === '') continue;
    put(of('Patient', patient, 0), { kind: 'snapshot', sender, map: whole.rule, type: whole.type }, true, stamp);
  }
  for (const fact of facts) {
    if (fact.kind === 'link') link(fact.type, fact.a, fact.b, fact.linked);
    else if (fact.kind === 'move') addMove(fact);
    else {
      const source = names.idOf(fact.type, fact.source);
      const target = names.idOf(fact.type, fact.target);
      if (source === target) continue;
      const how = fact.kind === 'change' ? 'changed' : true;
      put(of(fact.type, source, names.rankOf(fact.type, fact.source)), { kind: 'merged', other: target }, how, stamp);
      put(
        of(fact.type, target, names.rankOf(fact.type, fact.target)),
        { kind: 'absorbed', other: source },
        true,
        stamp,
      );
    }
  }
  return [...found.values()];
}

/** Ids of the patients that a visit or account is said to be of. */
function patientsOf(draft: Draft): string[] {
  return draft.elements
    .filter(({ path }) => path === 'subject')
    .flatMap(({ value }) => (Array.isArray(value) ? value : [value]))
    .flatMap((value) => {
      const reference = isJsonObject(value) ? value['reference'] : undefined;
      return typeof reference === 'string' && reference.startsWith('Patient/') ? [reference.slice(8)] : [];
    });
}

function ofPatient(contribution: Contribution, other: string): void {
  put(contribution, { kind: 'of', other }, true, timeless);
}

/** What `contributionsUnder` made under some stamps, as it would make it under others. */
export function underOtherStamps(
  { registers, ...contribution }: Contribution,
  before: MessageStamps,
  after: MessageStamps,
): Contribution {
  const restamped = new Map<string, Register>();
  for (const [name, { value, stamp }] of registers)
    restamped.set(name, { value, stamp: stampInPlaceOf(stamp, before, after) });
  return { ...contribution, registers: restamped };
}

/** The map that a draft came from: the part of a rule's full name before the slash. */
function mapOf(draft: Draft): string {
  const rule = draft.elements[0]?.rule ?? '';
  const slash = rule.indexOf(']/');
  return slash < 0 ? rule : rule.slice(0, slash + 1);
}

/** Types that an event deletes whole; of the others a deletion takes back only what the sender itself said. */
const deletedByEvent = new Set(['Patient', 'Encounter']);

/** Elements of shared documents that change within a day, and that few messages carry. */
const ofTheMoment = new Set(['operationalStatus']);

function addDraft(
  contribution: Contribution,
  draft: Draft,
  sender: string,
  { exact, day, weak, weakDay }: MessageStamps,
  time: () => number,
): void {
  const stamp = draft.shared ? day : exact;
  if (draft.deleted && deletedByEvent.has(draft.type)) {
    put(contribution, { kind: 'gone' }, true, stamp);
    return;
  }
  put(contribution, { kind: 'present', sender, map: mapOf(draft) }, draft.deleted ? null : true, stamp);
  for (const element of draft.elements) {
    const { path, rule, item, kind, value } = element;
    const byDay = draft.shared && !ofTheMoment.has(path);
    const under = element.weak === true ? (byDay ? weakDay : weak) : byDay ? day : exact;
    if (kind === 'single') put(contribution, { kind, path }, value, under);
    else if (kind === 'list') put(contribution, { kind, path, sender, rule }, value, under);
    else put(contribution, { kind, path, sender, rule, item }, value, under);
  }
  for (const statement of draft.visit) addVisit(contribution, statement, sender, stamp, time);
}

function addVisit(
  contribution: Contribution,
  statement: VisitStatement,
  sender: string,
  stamp: Stamp,
  time: () => number,
): void {
  if (statement.kind === 'cancel') {
    const value: JsonObject = { c: [...statement.cancels], n: statement.newest };
    if (statement.at !== undefined) value['a'] = statement.at;
    put(contribution, { kind: 'visit', fact: 'cancel', sender, event: statement.event, at: `${time()}` }, value, stamp);
    return;
  }
  if (statement.kind === 'element') {
    const { element, event } = statement;
    const at = statement.at ?? time();
    const value: JsonObject = { a: at, v: element.value, p: element.path, r: element.rule };
    if (element.kind === 'single') value['s'] = true;
    put(contribution, { kind: 'visit', fact: 'element', sender, event, at: `${at} ${element.rule}` }, value, stamp);
    return;
  }
  const { kind, event, update, value } = statement;
  if (update) {
    put(contribution, { kind: 'visit', fact: kind, sender, event: 'update', at: '' }, { u: true, v: value }, stamp);
    return;
  }
  const at = statement.at ?? time();
  const fact: JsonObject = { a: at, v: value };
  if (statement.atText !== undefined && (statement.at !== undefined || says(statement.atText, time()))) {
    fact['t'] = statement.atText;
  }
  if (statement.after !== undefined) fact['w'] = [...statement.after];
  put(contribution, { kind: 'visit', fact: kind, sender, event, at: `${at}` }, fact, stamp);
}

/** True when a text means the event time, and not the one that was too late to be believed; a date means its day. */
function says(text: string, time: number): boolean {
  return Math.abs(Date.parse(text) - time) < (text.length <= 10 ? 2 * dayMs : 1000);
}

function put(contribution: Contribution, key: RegisterKey, value: Json, stamp: Stamp): void {
  contribution.registers.set(printKey(key), { value, stamp });
}
