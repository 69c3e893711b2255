/**
 * A visit over time: status, class and places computed from all facts that messages stated, whatever the order they
 * came in (convergence.md, Visits over time).
 */
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { compareStamps, type Stamp } from '../core/stamp.js';
import { parseKey, printKey, type VisitFactKind } from './register-key.js';
import type { Registers } from './registers.js';

/** What stands of a visit's events: see {@link standingFacts}. */
export interface Fact {
  readonly fact: VisitFactKind;
  readonly event: string;
  /** `true` for what an update (A08, a result) mentions; counts where no event has spoken. */
  readonly update: boolean;
  /** Epoch ms from when it holds; `text` is the same as the message wrote it. */
  readonly at: number;
  readonly text: string;
  readonly value: Json;
  readonly stamp: Stamp;
  /** A state that counts only where the one before it is one of these. */
  readonly after: readonly Json[] | undefined;
  /** Name of the register whose value an event's element is until it is cancelled; empty for others. */
  readonly register: string;
}

/**
 * Events of a visit as one register's value: `{ u, a, t, v, w }`, `{ a, v, p, r, s }` for an element (path, rule, single),
 * or `{ c, n, a }` for a cancel.
 */
function visitFacts(registers: Registers): Fact[] {
  const facts: Fact[] = [];
  for (const [name, register] of registers) {
    if (!name.startsWith('#') || !isJsonObject(register.value)) continue;
    const key = parseKey(name);
    if (key.kind !== 'visit') continue;
    const { u, a, t, v, w, p, r, s } = register.value;
    const at = typeof a === 'number' ? a : register.stamp.time;
    facts.push({
      fact: key.fact,
      event: key.event,
      update: u === true,
      at,
      text: typeof t === 'string' ? t : new Date(at).toISOString(),
      value: key.fact === 'cancel' ? register.value : (v ?? null),
      stamp: register.stamp,
      after: Array.isArray(w) ? w : undefined,
      register: typeof p === 'string' ? elementRegister(p, s === true ? undefined : [key.sender, String(r)]) : '',
    });
  }
  return facts;
}

/** What events said of a visit and no later cancel took back. */
export function standingFacts(registers: Registers): readonly Fact[] {
  return withoutCancelled(visitFacts(registers));
}

function elementRegister(path: string, list: readonly [sender: string, rule: string] | undefined): string {
  if (list === undefined) return printKey({ kind: 'single', path });
  return printKey({ kind: 'list', path, sender: list[0], rule: list[1] });
}

/**
 * A visit's registers with what its events set and nothing cancelled: a changed doctor, a pending place. A place that was
 * to come, or for a while, is not any more once an event says where the patient is, or that the visit has ended.
 */
export function afterEvents(registers: Registers, facts: readonly Fact[]): Registers {
  const set = facts.filter((fact) => fact.register !== '').sort((a, b) => compareStamps(a.stamp, b.stamp));
  const standing: Registers = new Map(registers);
  for (const { register, value, stamp } of set) {
    const said = standing.get(register);
    if (said === undefined || compareStamps(stamp, said.stamp) > 0) standing.set(register, { value, stamp });
  }
  const isPlaced = ({ fact, update, value }: Fact): boolean =>
    !update && (fact === 'place' || (fact === 'state' && (value === 'finished' || value === 'cancelled')));
  const placed = newest(sameAuthority(facts.filter(isPlaced)));
  if (placed === undefined) return standing;
  for (const [name, { value, stamp }] of standing) {
    if (!name.startsWith('location') || !Array.isArray(value) || compareStamps(stamp, placed.stamp) >= 0) continue;
    standing.set(name, { value: value.flatMap(pastPlace), stamp });
  }
  return standing;
}

function pastPlace(place: Json): Json[] {
  if (!isJsonObject(place) || place['status'] === 'reserved' || place['status'] === 'planned') return [];
  return [place['status'] === 'active' ? { ...place, status: 'completed' } : place];
}

/**
 * Adds `status`, `class`, `statusHistory`, `classHistory`, `location` and the missing ends of `period` to an Encounter, and
 * its class as `type` where no message says what kind of visit it is: so a later message with less never takes one away.
 */
export function composeVisit(elements: JsonObject, facts: readonly Fact[]): JsonObject {
  const states = leading(facts.filter((fact) => fact.fact === 'state'));
  const state = newest(states);
  const status = typeof state?.value === 'string' ? state.value : 'unknown';
  const visit: JsonObject = { ...elements, status };

  const period = isJsonObject(elements['period']) ? { ...elements['period'] } : {};
  const begun = byTime(states.filter((fact) => !fact.update && hasBegun(fact.value)))[0];
  if (period['start'] === undefined && begun !== undefined && begun.value !== 'finished') period['start'] = begun.text;
  if (status === 'planned' || status === 'cancelled') delete period['start'];
  if (status === 'finished' && state !== undefined && !state.update) period['end'] ??= state.text;
  if (Object.keys(period).length > 0) visit['period'] = period;
  else delete visit['period'];

  const history = changes(states.filter((fact) => !fact.update));
  setOrDrop(visit, 'statusHistory', pastOf(history, 'status'));

  const classes = sameAuthority(facts.filter((fact) => fact.fact === 'class'));
  const current = newest(classes);
  if (current !== undefined) visit['class'] = current.value;
  if (isJsonObject(visit['class'])) visit['type'] ??= [{ coding: [visit['class']] }];
  setOrDrop(visit, 'classHistory', pastOf(changes(classes.filter((fact) => !fact.update)), 'class'));

  const places = composePlaces(facts, status, typeof period['end'] === 'string' ? period['end'] : undefined);
  const mentioned = Array.isArray(elements['location']) ? elements['location'] : [];
  const known = new Set(places.map(placeIdentity));
  setOrDrop(visit, 'location', [...places, ...mentioned.filter((place) => !known.has(placeIdentity(place)))]);
  return visit;
}

function hasBegun(status: Json): boolean {
  return status !== 'planned' && status !== 'cancelled' && status !== 'entered-in-error' && status !== 'unknown';
}

/** The stays, the current one first, then the earlier ones from the newest to the oldest. */
function composePlaces(facts: readonly Fact[], status: string, ended: string | undefined): Json[] {
  if (status === 'cancelled') return [];
  const all = sameAuthority(facts.filter((fact) => fact.fact === 'place'));
  const stays = changes(all.filter((fact) => !fact.update));
  const mention = newest(all.filter((fact) => fact.update));
  const last = stays.at(-1);
  const isNews =
    mention !== undefined &&
    (last === undefined ||
      (compareStamps(mention.stamp, newest(all.filter((fact) => !fact.update))?.stamp ?? last.stamp) > 0 &&
        canonicalJson(mention.value) !== canonicalJson(last.value)));
  const nowStatus = status === 'planned' ? 'planned' : status === 'finished' ? 'completed' : 'active';
  const places = stays.map((stay, index): Json => {
    const next = stays[index + 1];
    const end = next?.text ?? (isNews || ended === undefined || Date.parse(ended) < stay.at ? undefined : ended);
    const isLast = next === undefined && !isNews;
    return {
      ...(isJsonObject(stay.value) ? stay.value : {}),
      status: isLast ? nowStatus : 'completed',
      ...(status === 'planned' ? {} : { period: { start: stay.text, ...(end === undefined ? {} : { end }) } }),
    };
  });
  if (isNews && isJsonObject(mention.value)) places.push({ ...mention.value, status: nowStatus });
  return places.reverse();
}

function placeIdentity(place: Json): string {
  const location = isJsonObject(place) ? place['location'] : undefined;
  return canonicalJson(isJsonObject(location) ? (location['reference'] ?? location['display'] ?? null) : null);
}

/** Facts that no later cancel took back. A cancel takes back all that the events it names said before it. */
function withoutCancelled(facts: readonly Fact[]): Fact[] {
  let standing = facts.filter((fact) => fact.fact !== 'cancel');
  const cancels = facts.filter((fact) => fact.fact === 'cancel').sort((a, b) => compareStamps(a.stamp, b.stamp));
  for (const cancel of cancels) {
    const { c, n, a } = isJsonObject(cancel.value) ? cancel.value : {};
    const events = new Set(Array.isArray(c) ? c : []);
    const before = standing.filter((fact) => events.has(fact.event) && compareStamps(fact.stamp, cancel.stamp) < 0);
    if (n !== true) standing = standing.filter((fact) => !before.includes(fact));
    else {
      const named = before.filter((fact) => typeof a === 'number' && fact.at === a);
      const taken = newest(named.length > 0 ? named : before);
      standing = standing.filter(
        (fact) => !(taken !== undefined && fact.event === taken.event && fact.at === taken.at),
      );
    }
  }
  return standing;
}

function sameAuthority(facts: readonly Fact[]): Fact[] {
  const highest = Math.max(...facts.map((fact) => fact.stamp.authority));
  return facts.filter((fact) => fact.stamp.authority === highest);
}

/** Of those with most authority: what events said, and only where no event spoke what updates mention. */
function leading(facts: readonly Fact[]): Fact[] {
  const highest = sameAuthority(facts);
  const events = inTurn(highest.filter((fact) => !fact.update));
  return events.length > 0 ? events : highest.filter((fact) => fact.update);
}

/** Without those that do not count after what was said before them. */
function inTurn(facts: readonly Fact[]): Fact[] {
  const counting: Fact[] = [];
  for (const fact of [...facts].sort(compareFacts)) {
    const before = counting.at(-1)?.value ?? 'unknown';
    if (fact.after === undefined || fact.after.includes(before)) counting.push(fact);
  }
  return counting;
}

/** By stamp; of equal stamps the greater value is the newer. */
function compareFacts(a: Fact, b: Fact): number {
  const order = compareStamps(a.stamp, b.stamp);
  if (order !== 0) return order;
  const [left, right] = [canonicalJson(a.value), canonicalJson(b.value)];
  return left === right ? 0 : left > right ? 1 : -1;
}

function newest(facts: readonly Fact[]): Fact | undefined {
  let best: Fact | undefined;
  for (const fact of facts) {
    if (best === undefined || compareFacts(fact, best) > 0) best = fact;
  }
  return best;
}

function byTime(facts: readonly Fact[]): Fact[] {
  return [...facts].sort((a, b) => a.at - b.at || compareStamps(a.stamp, b.stamp));
}

/** In order of time, repetitions of the same value left out. */
function changes(facts: readonly Fact[]): Fact[] {
  const kept: Fact[] = [];
  for (const fact of byTime(facts)) {
    const last = kept.at(-1);
    if (last === undefined || canonicalJson(last.value) !== canonicalJson(fact.value)) kept.push(fact);
  }
  return kept;
}

function pastOf(history: readonly Fact[], element: 'status' | 'class'): Json[] {
  return history.slice(0, -1).map((fact, index) => ({
    [element]: fact.value,
    period: { start: fact.text, end: history[index + 1]?.text ?? fact.text },
  }));
}

function setOrDrop(resource: JsonObject, name: string, values: Json[]): void {
  if (values.length > 0) resource[name] = values;
  else delete resource[name];
}
