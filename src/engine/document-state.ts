/**
 * Registers as stored beside a resource, compactly: most registers of a document hold what the resource shows under
 * one stamp, so those are only named; the others carry their stamp's place in a table, and their value where the
 * resource does not show it. Format 1.
 */

import { fault } from '../core/errors.js';
import { equalJson, isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { Stamp } from '../core/stamp.js';
import { isChoice, valueAt } from './element-path.js';
import { parseKey } from './register-key.js';
import type { Register, Registers } from './registers.js';

const format = 1;

export type StampTuple = readonly [number, number, number, number, number, number];

export function stampTuple(stamp: Stamp): StampTuple {
  const { arrival, run, number } = stamp.sequence;
  return [stamp.authority, stamp.time, arrival, run, number, stamp.mappingVersion];
}

export function stampOfTuple(tuple: readonly number[]): Stamp {
  const [authority = 0, time = 0, arrival = 0, run = 0, number = 0, mappingVersion = 0] = tuple;
  return { authority, time, sequence: { arrival, run, number }, mappingVersion };
}

/** What the state says beside the registers. */
export interface DocumentState {
  readonly registers: Registers;
  /** Rank of the document's own key among those of its class (the tenant's order of authorities); lower comes first. */
  readonly rank: number;
  /** Who is who changed here, and what that groups anew is not all written yet. */
  readonly regroup: boolean;
}

/** States whose stored form is still in memory. Nobody changes their registers: who works on a document does so on a copy. */
const decoded = new WeakMap<JsonObject, DocumentState>();

/** `resource` is what is stored beside the state; `decodeState` must be given the same one. */
export function encodeState({ registers, rank, regroup }: DocumentState, resource: JsonObject | null): JsonObject {
  const state = { registers: new Map(registers), rank, regroup };
  const stored = encode(state, resource);
  decoded.set(stored, state);
  return stored;
}

function encode(state: DocumentState, resource: JsonObject | null): JsonObject {
  const stamps = new Map<string, { index: number; tuple: StampTuple; count: number }>();
  for (const { stamp } of state.registers.values()) {
    const tuple = stampTuple(stamp);
    const name = tuple.join();
    const known = stamps.get(name);
    if (known === undefined) stamps.set(name, { index: 0, tuple, count: 1 });
    else known.count++;
  }
  const table = [...stamps.entries()].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
  table.forEach(([, entry], index) => {
    entry.index = index;
  });
  const shown: string[] = [];
  const others: JsonObject = {};
  for (const key of [...state.registers.keys()].sort()) {
    const register = state.registers.get(key) as Register;
    const stamp = stamps.get(stampTuple(register.stamp).join())?.index ?? 0;
    if (isShown(key, register.value, resource)) {
      if (stamp === 0) shown.push(key);
      else others[key] = [stamp];
    } else others[key] = [stamp, register.value];
  }
  return {
    f: format,
    k: state.rank,
    ...(state.regroup ? { g: 1 } : {}),
    s: table.map(([, entry]) => [...entry.tuple]),
    r: shown,
    x: others,
  };
}

/**
 * The state, its registers a copy of its own. Throws `format-too-new` for a state that a newer program wrote and
 * `document-unreadable` for one that is none.
 */
export function decodeState(stored: JsonObject, resource: JsonObject | null): DocumentState {
  let state = decoded.get(stored);
  if (state === undefined) {
    state = decode(stored, resource);
    decoded.set(stored, state);
  }
  return { ...state, registers: new Map(state.registers) };
}

function decode(state: JsonObject, resource: JsonObject | null): DocumentState {
  const { f, k, g, s, r, x } = state;
  if (typeof f === 'number' && f > format) {
    throw fault('format-too-new', `a document has state format ${f}; this program reads up to ${format}`);
  }
  if (f !== format || !Array.isArray(s) || !Array.isArray(r) || !isJsonObject(x)) {
    throw fault('document-unreadable', 'the state beside a document is not one that this program wrote');
  }
  const stamps = s.map((tuple) => stampOfTuple(tuple as number[]));
  const stampAt = (index: Json | undefined): Stamp => {
    const stamp = stamps[index as number];
    if (stamp === undefined)
      throw fault('document-unreadable', 'the state beside a document names a stamp that it lacks');
    return stamp;
  };
  const registers: Registers = new Map();
  for (const key of r as string[]) registers.set(key, { value: shownValue(key, resource), stamp: stampAt(0) });
  for (const [key, entry] of Object.entries(x)) {
    const [index, value] = entry as Json[];
    registers.set(key, { value: value === undefined ? shownValue(key, resource) : value, stamp: stampAt(index) });
  }
  return { registers, rank: typeof k === 'number' ? k : 0, regroup: g === 1 };
}

function isShown(key: string, value: Json, resource: JsonObject | null): boolean {
  if (resource === null || value === null) return false;
  const parsed = parseKey(key);
  if (parsed.kind === 'present') return value === true;
  if ((parsed.kind !== 'single' && parsed.kind !== 'list') || isChoice(parsed.path)) return false;
  const there = valueAt(resource, parsed.path);
  return there !== undefined && equalJson(there, value);
}

function shownValue(key: string, resource: JsonObject | null): Json {
  const parsed = parseKey(key);
  if (parsed.kind === 'present') return true;
  const value = parsed.kind === 'single' || parsed.kind === 'list' ? valueAt(resource ?? {}, parsed.path) : undefined;
  if (value === undefined)
    throw fault('document-unreadable', 'the state beside a document names an element that it lacks');
  return value;
}
