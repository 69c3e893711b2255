import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { displayOf } from './definitions/code-display.js';
import { nameText } from './human-name.js';
import { conceptText, objects, text } from './members.js';
import { type Shape, type Slot, shapeOf } from './shape.js';

/** A reference in a resource: where it stands (`participant[0].individual`) and what it says. */
export interface FoundReference {
  readonly path: string;
  readonly reference: string;
  /** Whether it carries a display already. */
  readonly displayed: boolean;
}

/** All literal references of an R4 resource, those to its contained resources left out. */
export function collectReferences(resource: JsonObject): FoundReference[] {
  const found: FoundReference[] = [];
  walk(resource, (slot, value, path) => {
    const reference = slot.type === 'Reference' ? text(value.reference) : undefined;
    if (reference !== undefined && !reference.startsWith('#')) {
      found.push({ path, reference, displayed: value.display !== undefined });
    }
    return value;
  });
  return found;
}

/**
 * An R4 resource with the displays that its message did not carry. A reference without one gets what `lookup` knows of its
 * target (`Location/1`); a concept with a text gets a display in its first coding and one with a display gets a text; codes of HL7's own systems
 * get their names. What is there is never replaced. Shares what did not change; meant for serving, never for storing.
 */
export function fillDisplays(resource: JsonObject, lookup: (reference: string) => string | undefined): JsonObject {
  const contained = objects(resource.contained);
  const known = (reference: string) => {
    if (!reference.startsWith('#')) return lookup(reference);
    const target = contained.find((one) => `#${text(one.id) ?? ''}` === reference);
    return target === undefined ? undefined : displayOfResource(target);
  };
  return walk(resource, (slot, value) => {
    if (slot.type === 'CodeableConcept') return filledConcept(value);
    if (slot.type === 'Coding') return filledCoding(value);
    if (slot.type !== 'Reference' || value.display !== undefined) return value;
    const reference = text(value.reference);
    const display = reference === undefined ? undefined : known(reference);
    return display === undefined ? value : { ...value, display };
  });
}

/** The name by which people know an R4 resource; undefined where it has none. */
export function displayOfResource(resource: JsonObject): string | undefined {
  switch (resource.resourceType) {
    case 'Patient':
    case 'Practitioner':
    case 'RelatedPerson':
      return nameText(resource.name);
    case 'Account':
    case 'Location':
    case 'Organization':
      return text(resource.name) ?? text(resource.description);
    case 'PractitionerRole':
      return displayOfReference(resource.practitioner) ?? firstConcept(resource.code);
    case 'MedicationRequest':
    case 'MedicationStatement':
    case 'MedicationDispense':
      return conceptText(resource.medicationCodeableConcept) ?? displayOfReference(resource.medicationReference);
    case 'Immunization':
      return conceptText(resource.vaccineCode);
    case 'Encounter':
    case 'Specimen':
      return firstConcept(resource.type);
    case 'DocumentReference':
      return text(resource.description) ?? conceptText(resource.type);
    default:
      return conceptText(resource.code);
  }
}

function displayOfReference(value: Json | undefined): string | undefined {
  return isJsonObject(value) ? text(value.display) : undefined;
}

function firstConcept(value: Json | undefined): string | undefined {
  return objects(value).flatMap((concept) => conceptText(concept) ?? [])[0];
}

function filledConcept(concept: JsonObject): JsonObject {
  const said = text(concept.text);
  const codings = objects(concept.coding).map(filledCoding);
  const [first] = codings;
  const displays = codings.flatMap((coding) => text(coding.display) ?? []);
  const next = said ?? displays[0] ?? codings.flatMap((coding) => text(coding.code) ?? [])[0];
  if (next !== undefined && first?.display === undefined) codings.splice(0, 1, { ...first, display: next });
  const same = codings.every((coding, index) => Array.isArray(concept.coding) && coding === concept.coding[index]);
  if (same && next === said) return concept;
  return {
    ...concept,
    ...(codings.length > 0 ? { coding: codings } : {}),
    ...(next === undefined ? {} : { text: next }),
  };
}

function filledCoding(coding: JsonObject): JsonObject {
  const system = text(coding.system);
  const code = text(coding.code);
  if (coding.display !== undefined || system === undefined || code === undefined) return coding;
  const display = displayOf(system, code);
  return display === null ? coding : { ...coding, display };
}

type Visit = (slot: Slot, value: JsonObject, path: string) => JsonObject;

/** Every complex value of a resource by its R4 type, outermost first; what `visit` returns takes its place. */
function walk(resource: JsonObject, visit: Visit): JsonObject {
  const shape = shapeOf('R4', text(resource.resourceType) ?? '');
  return shape === undefined ? resource : walkMembers(resource, shape, visit, '');
}

function walkMembers(value: JsonObject, shape: Shape, visit: Visit, path: string): JsonObject {
  let out = value;
  for (const key of Object.keys(value)) {
    const slot = shape.slots.get(key);
    const before = value[key];
    if (slot === undefined || slot.kind === 'primitive' || before === undefined) continue;
    const here = path === '' ? key : `${path}.${key}`;
    const after = Array.isArray(before) ? walkList(before, slot, visit, here) : walkValue(before, slot, visit, here);
    if (after === before) continue;
    if (out === value) out = { ...value };
    out[key] = after;
  }
  return out;
}

function walkList(values: Json[], slot: Slot, visit: Visit, path: string): Json[] {
  const after = values.map((value, index) => walkValue(value, slot, visit, `${path}[${index}]`));
  return after.every((value, index) => value === values[index]) ? values : after;
}

function walkValue(value: Json, slot: Slot, visit: Visit, path: string): Json {
  if (!isJsonObject(value)) return value;
  if (slot.kind === 'resource') return walk(value, visit);
  const visited = visit(slot, value, path);
  return slot.type === 'CodeableConcept' || slot.type === 'Coding'
    ? visited
    : walkMembers(visited, slot.shape(), visit, path);
}
