/** Elements of a resource from registers: single values by stamp, lists by sender and rule (convergence.md, Lists). */
import { canonicalJson, equalJson, isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { compareStamps, type Stamp } from '../core/stamp.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { setAt } from './element-path.js';
import { parseKey, printKey } from './register-key.js';
import type { Register, Registers } from './registers.js';

/** Lists of which only the sets of the highest authority are shown: a lab's stale address does not stand beside ADT's. */
const byHighestAuthority = new Set(['name', 'address', 'telecom']);

/** Lists that say one thing as a whole: two doses, as it was written and as the pharmacy encoded it, are not both to be taken. */
const byNewestMessage = new Set(['dosageInstruction']);

/** What one sender says by one rule in a list: all that the rule says, or one keyed item. */
export interface ListEntry {
  readonly rule: string;
  readonly sender: string;
  readonly item: string;
  readonly register: Register;
}

/** True when some sender says that the resource is there and no event with a higher stamp deleted it. */
export function isPresent(registers: Registers): boolean {
  const gone = registers.get('~gone');
  for (const [name, register] of registers) {
    if (!isPresence(name) || register.value !== true) continue;
    if (gone === undefined || gone.value !== true || compareStamps(register.stamp, gone.stamp) > 0) return true;
  }
  return false;
}

/**
 * The registers of an item without the presence of senders whose newer snapshot of the list, noted on the item's Patient,
 * does not name it.
 */
export function afterSnapshots(type: string, registers: Registers, patient: Registers | undefined): Registers {
  let standing: Registers | undefined;
  if (patient === undefined) return registers;
  for (const [name, register] of registers) {
    if (!isPresence(name)) continue;
    const key = parseKey(name);
    if (key.kind !== 'present') continue;
    const snapshot = patient.get(printKey({ ...key, kind: 'snapshot', type }));
    if (snapshot === undefined || compareStamps(register.stamp, snapshot.stamp) >= 0) continue;
    standing ??= new Map(registers);
    standing.delete(name);
  }
  return standing ?? registers;
}

/** Types whose lists these registers of a Patient replace. */
export function snapshotTypes(registers: ReadonlyMap<string, unknown>): string[] {
  const types: string[] = [];
  for (const name of registers.keys()) {
    const key = name.startsWith('~snapshot') ? parseKey(name) : undefined;
    if (key?.kind === 'snapshot') types.push(key.type);
  }
  return types;
}

/** True for the name of a register in which a sender says that the resource is there. */
export function isPresence(name: string): boolean {
  return name.startsWith('~present');
}

/** Single elements of which a resource shows the newer one only: a result that was absent and came has a value (obs-6). */
const exclusive: Readonly<Record<string, readonly [string, string]>> = {
  Observation: ['value[x]', 'dataAbsentReason'],
};

/** The path of an exclusive pair that gives way to the other; undefined where only one of them is said. */
export function givingWay(type: string, single: (path: string) => Register | undefined): string | undefined {
  const pair = exclusive[type];
  if (pair === undefined) return undefined;
  const [first, second] = pair;
  const a = single(first);
  const b = single(second);
  if (a === undefined || b === undefined || a.value === null || b.value === null) return undefined;
  return compareStamps(a.stamp, b.stamp) < 0 ? first : second;
}

/** Elements that the registers show, without `resourceType`, `id` and what is computed from facts, in no order. */
export function composeElements(type: string, registers: Registers): JsonObject {
  const singles: [string, Json][] = [];
  const lists = new Map<string, ListEntry[]>();
  const hidden = givingWay(type, (path) => registers.get(path));
  for (const [key, register] of registers) {
    const parsed = parseKey(key);
    if (parsed.kind === 'single') {
      if (register.value !== null && parsed.path !== hidden) singles.push([parsed.path, register.value]);
    } else if (parsed.kind === 'list' || parsed.kind === 'item') {
      const entry = {
        rule: parsed.rule,
        sender: parsed.sender,
        item: parsed.kind === 'item' ? parsed.item : '',
        register,
      };
      const entries = lists.get(parsed.path);
      if (entries === undefined) lists.set(parsed.path, [entry]);
      else entries.push(entry);
    }
  }
  return assemble(singles, lists);
}

/** Elements of single values and lists, by path. Deleted values stand in lists only. */
export function assemble(singles: [string, Json][], lists: ReadonlyMap<string, readonly ListEntry[]>): JsonObject {
  const elements: JsonObject = {};
  if (singles.some(([path]) => path.includes('.'))) singles.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, value] of singles) setAt(elements, path, value);
  for (const [path, entries] of lists) {
    const items = listItems(path, entries);
    if (items.length > 0) setAt(elements, path, items);
  }
  return elements;
}

interface ListItem {
  readonly rule: string;
  /** Key of a keyed item; empty for one that its content names. */
  readonly item: string;
  value: Json;
  stamp: Stamp;
}

function listItems(path: string, entries: readonly ListEntry[]): Json[] {
  const [only] = entries;
  if (entries.length === 1 && only?.item === '') {
    const { value } = only.register;
    if (!Array.isArray(value)) return [];
    if (value.length === 1) return [...value];
  }
  const shown = byHighestAuthority.has(path)
    ? ofHighestAuthority(entries)
    : byNewestMessage.has(path)
      ? ofNewestMessage(entries)
      : [...entries];
  if (shown.length > 1) shown.sort(byRuleAndItem);
  const items = new ListItems(path);
  for (const { item, rule, register } of shown) {
    if (register.value === null) continue;
    if (item !== '') items.put({ item, rule, value: register.value, stamp: register.stamp });
    else if (Array.isArray(register.value)) {
      for (const value of register.value) items.put({ item, rule, value, stamp: register.stamp });
    }
  }
  const values = items.values();
  return path === 'identifier' ? values.sort((a, b) => Number(isOld(a)) - Number(isOld(b))) : values;
}

/** Few things are compared with each other, many are looked up by their canonical text: a report may have thousands of results. */
const few = 12;

/** The items of one list: of those that are the same thing the one that outranks the others, at the place of the first. */
class ListItems {
  readonly #path: string;
  readonly #items: ListItem[] = [];
  #byText: Map<string, ListItem> | undefined;
  #keyed = false;

  constructor(path: string) {
    this.#path = path;
  }

  put(item: ListItem): void {
    if (item.item !== '') this.#keyed = true;
    const known = this.#find(item);
    if (known === undefined) {
      this.#items.push(item);
      this.#byText?.set(this.#textOf(item), item);
    } else if (outranks(this.#path, item.value, item.stamp, known)) {
      known.value = item.value;
      known.stamp = item.stamp;
    }
  }

  /** The values in order; a keyed item may say what another says. */
  values(): Json[] {
    const values = this.#items.map((item) => item.value);
    return this.#keyed && values.length > 1 ? distinct(values) : values;
  }

  #find(item: ListItem): ListItem | undefined {
    if (this.#items.length < few) return this.#items.find((other) => this.#isSame(other, item));
    this.#byText ??= new Map(this.#items.map((each) => [this.#textOf(each), each]));
    return this.#byText.get(this.#textOf(item));
  }

  #isSame(a: ListItem, b: ListItem): boolean {
    if (a.item !== b.item) return false;
    if (a.item !== '') return a.rule === b.rule;
    if (this.#path !== 'identifier' || !isJsonObject(a.value) || !isJsonObject(b.value))
      return equalJson(a.value, b.value);
    return equalJson(identityOf(a.value), identityOf(b.value));
  }

  #textOf({ item, rule, value }: ListItem): string {
    if (item !== '') return `${rule}\u001f${item}`;
    return canonicalJson(this.#path === 'identifier' && isJsonObject(value) ? identityOf(value) : value);
  }
}

function distinct(values: readonly Json[]): Json[] {
  if (values.length < few)
    return values.filter((value, at) => values.findIndex((other) => equalJson(other, value)) === at);
  const seen = new Set<string>();
  return values.filter((value) => seen.size !== seen.add(canonicalJson(value)).size);
}

/** What makes two identifiers the same one, whatever else is said of them. */
function identityOf({ system, value, type, assigner }: JsonObject): Json[] {
  return [system ?? null, value ?? null, type ?? null, system === undefined ? (assigner ?? null) : null];
}

/** One identifier may come from several senders and documents; a current one stands before an old one. */
function outranks(path: string, value: Json, stamp: Stamp, known: { value: Json; stamp: Stamp }): boolean {
  if (path === 'identifier' && isOld(value) !== isOld(known.value)) return isOld(known.value);
  const order = compareStamps(stamp, known.stamp);
  return order > 0 || (order === 0 && canonicalJson(value) > canonicalJson(known.value));
}

function isOld(identifier: Json): boolean {
  return isJsonObject(identifier) && identifier['use'] === 'old';
}

function ofHighestAuthority(entries: readonly ListEntry[]): ListEntry[] {
  const highest = Math.max(...entries.map((entry) => entry.register.stamp.authority));
  return entries.filter((entry) => entry.register.stamp.authority === highest);
}

/** Rules of one message have one stamp. */
function ofNewestMessage(entries: readonly ListEntry[]): ListEntry[] {
  return entries.filter(({ register }) =>
    entries.every((other) => compareStamps(register.stamp, other.register.stamp) >= 0),
  );
}

const collator = new Intl.Collator('en', { numeric: true });

/** Rules in the order of a reader: numbers by value. A mapping has few pairs of rules for one list. */
function ruleOrder(a: string, b: string): number {
  let known = orders.get(a);
  if (known === undefined) {
    if (orders.size >= mostRules) orders.clear();
    known = new Map();
    orders.set(a, known);
  }
  let order = known.get(b);
  if (order === undefined) {
    order = collator.compare(a, b);
    known.set(b, order);
  }
  return order;
}

const orders = new Map<string, Map<string, number>>();
const mostRules = 10_000;

function byRuleAndItem(a: ListEntry, b: ListEntry): number {
  return (
    (a.rule === b.rule ? 0 : ruleOrder(a.rule, b.rule)) ||
    (a.item < b.item ? -1 : a.item > b.item ? 1 : a.sender < b.sender ? -1 : 1)
  );
}

/** Adds elements to an object in the order of the R4 definition, so that a reader finds them where the standard has them; gives the object. */
export function addInOrder(resource: JsonObject, type: string, elements: JsonObject): JsonObject {
  const order = elementOrder(type);
  const names: string[] = [];
  const places: number[] = [];
  for (const name in elements) {
    const place = order.get(name) ?? order.size;
    let at = names.length;
    while (at > 0 && (places[at - 1] ?? 0) > place) {
      names[at] = names[at - 1] ?? '';
      places[at] = places[at - 1] ?? 0;
      at--;
    }
    names[at] = name;
    places[at] = place;
  }
  for (const name of names) {
    const value = elements[name];
    if (value !== undefined) resource[name] = value;
  }
  return resource;
}

const elementOrders = new Map<string, ReadonlyMap<string, number>>();

/** Places of a type's members; the sibling of a primitive stands after it. */
function elementOrder(type: string): ReadonlyMap<string, number> {
  const known = elementOrders.get(type);
  if (known !== undefined) return known;
  const names = [...(typeModel('R4', type)?.members.keys() ?? [])];
  const order = new Map(names.flatMap((name) => [name, `_${name}`]).map((name, place) => [name, place]));
  elementOrders.set(type, order);
  return order;
}
