import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { type ElementModel, isResourceType, type Member, type TypeModel, typeModel } from './definitions/type-model.js';
import { parseDateRange } from './search-date.js';

/** A value with what the definitions say of it. `value` is null for a primitive that has only extensions. */
export interface Item {
  readonly value: Json;
  readonly type: string;
  readonly model: TypeModel | null;
  /** The element it stands in; null for a root and for what an expression computes. */
  readonly element: ElementModel | null;
}

export type Items = readonly Item[];

export const nothing: Items = [];
export const trueItems: Items = [{ value: true, type: 'boolean', model: null, element: null }];
export const falseItems: Items = [{ value: false, type: 'boolean', model: null, element: null }];

/** An item that an expression computes. */
export function computed(value: string | number | boolean): Items {
  if (value === true) return trueItems;
  if (value === false) return falseItems;
  return [{ value, type: typeof value === 'string' ? 'string' : 'decimal', model: null, element: null }];
}

/** The item of a whole resource; its model is that of its `resourceType`. */
export function resourceItem(version: TypeModel['version'], resource: JsonObject): Item {
  const name = typeof resource.resourceType === 'string' ? resource.resourceType : 'Resource';
  const model = isResourceType(version, name) ? typeModel(version, name) : null;
  return { value: resource, type: name, model, element: null };
}

/** Adds to `into` the children of an item that stand under an element name (`value` for `valueQuantity`). */
export function pushChildren(item: Item, name: string, into: Item[]): void {
  const element = item.model?.byName.get(name);
  if (element === undefined || item.model === null || !isJsonObject(item.value)) return;
  for (const member of element.members) {
    const value = item.value[member.jsonName];
    const sibling = member.primitive ? item.value[member.siblingName] : undefined;
    if (value === undefined && sibling === undefined) continue;
    pushMember(item.model, member, value, sibling, into);
  }
}

function pushMember(
  owner: TypeModel,
  member: Member,
  value: Json | undefined,
  sibling: Json | undefined,
  into: Item[],
): void {
  if (!Array.isArray(value) && !Array.isArray(sibling)) {
    into.push(memberItem(owner, member, value ?? null));
    return;
  }
  const values = Array.isArray(value) ? value : [];
  const siblings = Array.isArray(sibling) ? sibling.length : 0;
  for (let at = 0; at < Math.max(values.length, siblings); at++)
    into.push(memberItem(owner, member, values[at] ?? null));
}

function memberItem(owner: TypeModel, member: Member, value: Json): Item {
  if (member.type === 'Resource' && isJsonObject(value)) {
    return { ...resourceItem(owner.version, value), element: member.element };
  }
  return { value, type: member.type, model: member.model, element: member.element };
}

const quantities = new Set(['Quantity', 'Age', 'Duration', 'Count', 'Distance', 'Money', 'SimpleQuantity']);

/** True when a value of type `actual` is of type `wanted`. STU3 writes `as(DateTime)` and `as(String)`. */
export function isOfType(actual: string, wanted: string): boolean {
  if (actual === wanted || wanted === 'Resource') return true;
  if (wanted === 'Quantity') return quantities.has(actual);
  return actual.charAt(0).toUpperCase() + actual.slice(1) === wanted;
}

/** FHIRPath `=` of two single items. */
export function itemsEqual(a: Item, b: Item): boolean {
  if (a.value === b.value) return true;
  if (typeof a.value !== 'object' || typeof b.value !== 'object') return false;
  return canonicalJson(a.value) === canonicalJson(b.value);
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`; null when they cannot be compared. */
export function compareItems(a: Item, b: Item): number | null {
  if (typeof a.value === 'number' && typeof b.value === 'number') return a.value - b.value;
  if (typeof a.value === 'string' && typeof b.value === 'string') return compareDates(a.value, b.value);
  if (isJsonObject(a.value) && isJsonObject(b.value)) return compareQuantities(a.value, b.value);
  return null;
}

function compareDates(a: string, b: string): number | null {
  const left = parseDateRange(a);
  const right = parseDateRange(b);
  if (left === null || right === null) return null;
  if (left.from === right.from && left.to === right.to) return 0;
  if (left.to <= right.from) return -1;
  return left.from >= right.to ? 1 : null;
}

function compareQuantities(a: JsonObject, b: JsonObject): number | null {
  const sameUnit = a.code === b.code && a.system === b.system && a.unit === b.unit;
  const [left, right] = [a.value, b.value];
  return sameUnit && typeof left === 'number' && typeof right === 'number' ? left - right : null;
}
