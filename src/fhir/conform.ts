import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { absentConcept, absentExtension, absentPrimitive } from './absent.js';
import { codeOf, conceptText, objects, text } from './members.js';
import { parseDateRange } from './search-date.js';
import { type Shape, type Slot, shapeOf } from './shape.js';
import type { FhirVersion } from './version.js';

/** How a walk over a resource treats what it meets. */
export interface Conforming {
  readonly version: FhirVersion;
  /** Whether a missing required element is marked with data-absent-reason. */
  readonly fill: boolean;
  /** Turns a value of a data type of the next newer version into this version's; the same object where nothing changes. */
  readonly dataType: (type: string, value: JsonObject) => JsonObject;
  /** Renders a resource inside another; null where it has no place in this version. */
  readonly resource: (resource: JsonObject) => JsonObject | null;
}

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

/** True where `conformMembers` would give the object itself, found without making anything: most are right as they stand. */
function conforms(value: JsonObject, shape: Shape, how: Conforming): boolean {
  let empty = true;
  for (const key in value) {
    empty = false;
    if (key === 'resourceType') continue;
    const slot = shape.slots.get(key);
    if (slot === undefined) {
      if (key.charCodeAt(0) !== underscore || !companionConforms(value, key, shape, how)) return false;
      continue;
    }
    const there = value[key];
    if (Array.isArray(there) !== slot.list) return false;
    if (!Array.isArray(there)) {
      if (!itemConforms(there, slot, how)) return false;
      continue;
    }
    if (there.length === 0) return false;
    for (let index = 0; index < there.length; index++) {
      const item = there[index];
      if (item === null ? !standsFor(value[`_${key}`], index) : !itemConforms(item, slot, how)) return false;
    }
  }
  if (empty) return false;
  if (!how.fill) return true;
  for (const { carriers } of shape.required) if (!hasAny(value, carriers)) return false;
  return true;
}

function hasAny(value: JsonObject, names: readonly string[]): boolean {
  for (const name of names) if (value[name] !== undefined) return true;
  return false;
}

const underscore = '_'.charCodeAt(0);

/** True where a list of companions has an object in a place: there its value may be null. */
function standsFor(companions: Json | undefined, index: number): boolean {
  return Array.isArray(companions) && isJsonObject(companions[index]);
}

/** The same of what stands beside a primitive: `_birthDate`. */
function companionConforms(value: JsonObject, key: string, shape: Shape, how: Conforming): boolean {
  const slot = shape.slots.get(key.slice(1));
  const companion = value[key];
  if (slot?.kind !== 'primitive' || Array.isArray(companion) !== slot.list) return false;
  if (!Array.isArray(companion)) return isJsonObject(companion) && conforms(companion, slot.shape(), how);
  const values = value[key.slice(1)];
  return companion.every((item, index) =>
    item === null
      ? Array.isArray(values) && values[index] != null
      : isJsonObject(item) && conforms(item, slot.shape(), how),
  );
}

function itemConforms(value: Json | undefined, slot: Slot, how: Conforming): boolean {
  if (slot.kind === 'primitive') {
    if (typeof value !== 'string') return value !== undefined && primitive(value, slot) === value;
    if (slot.plain) return value !== '';
    if (slot.type === 'code') return value !== '' && isAllowed(value, slot);
    if (slot.type === 'date') return value !== '' && value.length <= 10;
    if (slot.type === 'id') return isId(value);
    return primitive(value, slot) === value;
  }
  if (!isJsonObject(value) || coerced(value, slot) !== value) return false;
  if (slot.kind === 'resource') return how.resource(value) === value;
  if (slot.judged && how.dataType(slot.type, value) !== value) return false;
  return conforms(value, slot.shape(), how) && (!slot.judged || permitted(value, slot, how) === value);
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

/**
 * What the element's binding and targets leave of a value; an extension must say something. A concept without a code that
 * a required binding knows keeps its words only.
 */
function permitted(value: JsonObject, slot: Slot, how: Conforming): JsonObject | undefined {
  if (slot.type === 'Reference') return permittedReference(value, slot, how);
  if (slot.type === 'Period') return orderedPeriod(value);
  if (slot.type === 'Extension') return says(value) ? value : undefined;
  if (how.version !== 'R4' && isRemnant(value, slot)) return undefined;
  if ((slot.codes ?? slot.form) === undefined || isAbsent(value)) return value;
  if (slot.type === 'Coding') return value.code === undefined || isBound(value, slot) ? value : undefined;
  if (slot.type !== 'CodeableConcept' || objects(value.coding).some((coding) => isBound(coding, slot))) return value;
  const words = conceptText(value);
  return words === undefined ? undefined : { ...absentConcept, text: words };
}

/** True where an extension has more than its url. */
function says(extension: JsonObject): boolean {
  for (const key in extension) if (key !== 'url' && key !== 'id') return true;
  return false;
}

/** Senders contradict themselves: an end before its start is left out (per-1). */
function orderedPeriod(period: JsonObject): JsonObject {
  if (typeof period.start !== 'string' || typeof period.end !== 'string') return period;
  if (isPlainlyBefore(period.start, period.end)) return period;
  const start = parseDateRange(period.start);
  const end = parseDateRange(period.end);
  if (start == null || end == null || start.from <= end.from) return period;
  const precise = text(period.start)?.includes('T') === true && text(period.end)?.includes('T') === true;
  if (!precise && start.from < end.to) return period;
  const { end: _end, _end: _companion, ...rest } = period;
  return rest;
}

/** Two dates, or two times to the second under one offset, read in order as texts. */
function isPlainlyBefore(start: string, end: string): boolean {
  if (start.length !== end.length || start > end) return false;
  return start.length <= 10 || (start.charAt(16) === ':' && start.endsWith(end.slice(19)));
}

/** What dropping left of a value that says nothing any more: an id alone (ele-1), half a ratio (rat-1). */
function isRemnant(value: JsonObject, slot: Slot): boolean {
  let alone = true;
  for (const key in value) {
    alone = key === 'id';
    if (!alone) break;
  }
  if (alone) return true;
  return slot.type === 'Ratio' && (value.numerator === undefined) !== (value.denominator === undefined);
}

function isBound(coding: JsonObject, slot: Slot): boolean {
  const code = `${text(coding.system) ?? ''}|${text(coding.code) ?? ''}`;
  return slot.codes?.has(code) ?? slot.form?.test(code) === true;
}

function permittedReference(value: JsonObject, slot: Slot, how: Conforming): JsonObject | undefined {
  if (how.version === 'R4') return value;
  const type = /^([A-Z][A-Za-z]+)\/[^/]+/.exec(text(value.reference) ?? '')?.[1];
  if (type === undefined) return value;
  const allowed = slot.targets === undefined ? shapeOf(how.version, type) !== undefined : slot.targets.has(type);
  if (allowed) return value;
  const { reference: _, ...rest } = value;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function isAbsent(value: JsonObject): boolean {
  return objects(value.extension).some(
    (extension) => extension.url === 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
  );
}

/** Bridges the changes of type that lose nothing: concept and coding into one another, text into an identifier. */
function coerced(value: Json | undefined, slot: Slot): JsonObject | undefined {
  if (typeof value === 'string') return slot.type === 'Identifier' ? { value } : undefined;
  if (!isJsonObject(value)) return undefined;
  if (slot.type === 'Coding' && (value.coding !== undefined || value.text !== undefined)) {
    const [coding] = objects(value.coding);
    const display = text(value.text);
    return coding ?? (display === undefined ? undefined : { display });
  }
  if (slot.type === 'CodeableConcept' && (value.code !== undefined || value.system !== undefined)) {
    return { coding: [value] };
  }
  return value;
}

/** As `patterns.id`, without the engine for expressions: every resource has one. */
function isId(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isLetter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
    if (!isLetter && !(code >= 0x30 && code <= 0x39) && code !== 0x2d && code !== 0x2e) return false;
  }
  return text !== '' && text.length <= 64;
}

const patterns: Readonly<Record<string, RegExp>> = {
  id: /^[A-Za-z0-9\-.]{1,64}$/,
  instant: /T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
};

function primitive(value: Json | undefined, slot: Slot): Json | undefined {
  switch (slot.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'decimal':
      return typeof value === 'number' ? value : undefined;
    case 'integer':
      return Number.isSafeInteger(value) ? value : undefined;
    case 'unsignedInt':
      return Number.isSafeInteger(value) && Number(value) >= 0 ? value : undefined;
    case 'positiveInt':
      return Number.isSafeInteger(value) && Number(value) > 0 ? value : undefined;
    case 'code': {
      const code = codeOf(value);
      return code !== undefined && isAllowed(code, slot) ? code : undefined;
    }
    case 'date':
      return text(value)?.slice(0, 10);
    default: {
      const string = text(value) ?? (isJsonObject(value) ? text(value.text) : undefined);
      return string === undefined || patterns[slot.type]?.test(string) === false ? undefined : string;
    }
  }
}

function isAllowed(code: string, { codes, form }: Slot): boolean {
  return codes?.has(code) !== false && form?.test(code) !== false;
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
