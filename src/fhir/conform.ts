import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { absentExtension, absentPrimitive } from './absent.js';
import { conforms } from './conform-check.js';
import { type Conforming, coerced, permitted, primitive } from './conform-values.js';
import { text } from './members.js';
import { type Shape, type Slot, shapeOf } from './shape.js';

/**
 * What of a resource its version's definitions allow: unknown members, codes outside a required value set, references to
 * types that may not stand there and second values of single elements are left out; single values of lists become lists.
 * Required elements that are missing carry data-absent-reason. Unchanged subtrees are shared with the input.
 * @returns null where the version has no such resource type
 */
export function conformResource(resource: JsonObject, how: Conforming): JsonObject | null {
  const type = text(resource.resourceType);
  const shape = type === undefined ? undefined : shapeOf(how.version, type);
  if (shape === undefined) return null;
  if (conforms(resource, shape, how)) return resource;
  return conformMembers(resource, shape, how) ?? { resourceType: resource.resourceType ?? null };
}

/** The object without what its shape does not know; undefined where nothing is left. */
function conformMembers(value: JsonObject, shape: Shape, how: Conforming): JsonObject | undefined {
  const out: JsonObject = {};
  let same = true;
  for (const key of Object.keys(value)) {
    if (key === 'resourceType') {
      out[key] = value[key] ?? null;
      continue;
    }
    const companion = key.startsWith('_');
    const name = companion ? key.slice(1) : key;
    if (companion && value[name] !== undefined) continue;
    const slot = shape.slots.get(name);
    if (slot === undefined) {
      same = false;
      continue;
    }
    const before = { value: value[name], companion: value[`_${name}`] };
    const after = conformElement(before, slot, how);
    if (after.value !== undefined) out[name] = after.value;
    if (after.companion !== undefined) out[`_${name}`] = after.companion;
    same &&= after.value === before.value && after.companion === before.companion;
  }
  if (Object.keys(out).length === 0) return undefined;
  if (how.fill) {
    for (const { members, slot } of shape.required) {
      const [preferred] = members;
      if (preferred === undefined || members.some((name) => name in out || `_${name}` in out)) continue;
      Object.assign(out, absence(preferred, slot));
      same = false;
    }
  }
  return same ? value : out;
}

/** An element as JSON writes it: its value and, for primitives, the companion that carries id and extensions. */
interface Element {
  readonly value: Json | undefined;
  readonly companion: Json | undefined;
}

const nothing: Element = { value: undefined, companion: undefined };

function conformElement(element: Element, slot: Slot, how: Conforming): Element {
  const { value, companion } = element;
  const listed = Array.isArray(value) || Array.isArray(companion);
  if (!listed) {
    const item = conformItem(element, slot, how);
    if (!slot.list) return item;
    return {
      value: item.value === undefined ? undefined : [item.value],
      companion: item.companion === undefined ? undefined : [item.companion],
    };
  }
  const values = Array.isArray(value) ? value : [];
  const companions = Array.isArray(companion) ? companion : [];
  const kept: Element[] = [];
  let same = slot.list;
  for (let index = 0; index < Math.max(values.length, companions.length); index++) {
    const before = { value: values[index] ?? undefined, companion: companions[index] ?? undefined };
    const after = conformItem(before, slot, how);
    same &&= after.value === before.value && after.companion === before.companion;
    if (after.value === undefined && after.companion === undefined) same = false;
    else if (!slot.list) return after;
    else kept.push(after);
  }
  if (kept.length === 0) return nothing;
  if (same) return element;
  const companioned = kept.some((item) => item.companion !== undefined);
  return {
    value: kept.map((item) => item.value ?? null),
    companion: companioned ? kept.map((item) => item.companion ?? null) : undefined,
  };
}

function conformItem(element: Element, slot: Slot, how: Conforming): Element {
  if (slot.kind === 'primitive') {
    const companion = isJsonObject(element.companion)
      ? conformMembers(element.companion, slot.shape(), how)
      : undefined;
    return { value: primitive(element.value, slot), companion };
  }
  const value = coerced(element.value, slot);
  if (value === undefined) return nothing;
  if (slot.kind === 'resource') return { value: how.resource(value) ?? undefined, companion: undefined };
  const typed = how.dataType(slot.type, value);
  const shape = slot.shape();
  const converted = conforms(typed, shape, how) ? typed : conformMembers(typed, shape, how);
  return { value: converted === undefined ? undefined : permitted(converted, slot, how), companion: undefined };
}

/** The members that say that a required element is not known. */
function absence(name: string, slot: Slot): JsonObject {
  if (slot.kind === 'primitive') return { [`_${name}`]: slot.list ? [absentPrimitive] : absentPrimitive };
  if (slot.kind === 'resource') return {};
  const value: JsonObject = { extension: absentExtension };
  if (slot.type === 'CodeableConcept') value.text = 'unknown';
  if (slot.type === 'Reference' || slot.type === 'Coding') value.display = 'unknown';
  for (const inner of slot.shape().required) {
    const [member] = inner.members;
    if (member !== undefined) Object.assign(value, absence(member, inner.slot));
  }
  return { [name]: slot.list ? [value] : value };
}
