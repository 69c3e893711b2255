/** What a single value may be where it stands: primitives by their form, complex values by binding and targets. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { absentConcept } from './absent.js';
import { codeOf, conceptText, objects, text } from './members.js';
import { parseDateRange } from './search-date.js';
import { type Slot, shapeOf } from './shape.js';
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
 * What the element's binding and targets leave of a value; an extension must say something. A concept without a code that
 * a required binding knows keeps its words only.
 */
export function permitted(value: JsonObject, slot: Slot, how: Conforming): JsonObject | undefined {
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
export function says(extension: JsonObject): boolean {
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
export function coerced(value: Json | undefined, slot: Slot): JsonObject | undefined {
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
export function isId(text: string): boolean {
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

export function primitive(value: Json | undefined, slot: Slot): Json | undefined {
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

export function isAllowed(code: string, { codes, form }: Slot): boolean {
  return codes?.has(code) !== false && form?.test(code) !== false;
}
