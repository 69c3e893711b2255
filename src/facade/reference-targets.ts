import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { collectReferences, displayOfResource, fillDisplays } from '../fhir/displays.js';
import { text } from '../fhir/members.js';
import { followVisit } from '../fhir/visit-reference.js';
import type { ResourceReader, ShownDocument } from '../store/resource-port.js';

/** What references of a page point to. Names are `Type/id`. */
export interface ReferenceTargets {
  /** The document that stands for the named one, where another does. */
  survivorOf(name: string): string | undefined;
  displayOf(name: string): string | undefined;
  /** `Patient/id` to whom an event moved what the named visit has of that patient. */
  movedTo(visit: string, patient: string): string | undefined;
}

const local = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})$/;
/** A visit leads to the one that stands for it, that to the patient it was moved to, and that to who stands for the patient. */
const mostSteps = 4;

/** Reads all that the resources (R4) and `beside` refer to: one call to the store per type, in parallel, and one more for survivors. */
export async function readTargets(
  resources: Pick<ResourceReader, 'read'>,
  tenant: string,
  from: readonly JsonObject[],
  beside: readonly string[] = [],
): Promise<ReferenceTargets> {
  const found = new Map<string, ShownDocument>();
  const named = from.flatMap((resource) => collectReferences(resource).map(({ reference }) => reference));
  let wanted = new Set([...named, ...beside]);
  for (let step = 0; step < mostSteps && wanted.size > 0; step++) {
    const documents = await readNames(resources, tenant, wanted);
    const next = new Set<string>();
    for (const document of documents) {
      found.set(nameOf(document), document);
      if (document.standsFor !== '') next.add(`${document.type}/${document.standsFor}`);
      const [to] = document.type === 'Encounter' ? document.moved : [];
      if (to !== undefined) next.add(`Patient/${to}`);
    }
    wanted = new Set([...next].filter((name) => !found.has(name)));
  }
  const survivor = (name: string): ShownDocument | undefined => {
    let document = found.get(name);
    for (let step = 0; step < mostSteps && document !== undefined && document.standsFor !== ''; step++) {
      document = found.get(`${document.type}/${document.standsFor}`);
    }
    return document;
  };
  return {
    movedTo(visit, patient) {
      const [to, ...named] = survivor(visit)?.moved ?? [];
      return to !== undefined && named.includes(patient.slice('Patient/'.length)) ? `Patient/${to}` : undefined;
    },
    survivorOf(name) {
      const document = survivor(name);
      return document === undefined || nameOf(document) === name ? undefined : nameOf(document);
    },
    displayOf(name) {
      const document = survivor(name);
      if (document === undefined || document.resource === null) return undefined;
      return displayOfResource({ ...document.resource, resourceType: document.type });
    },
  };
}

/** Documents by `Type/id`; names of other forms are left out. */
export async function readNames(
  resources: Pick<ResourceReader, 'read'>,
  tenant: string,
  names: Iterable<string>,
): Promise<readonly ShownDocument[]> {
  const byType = new Map<string, string[]>();
  for (const name of names) {
    const [, type, id] = local.exec(name) ?? [];
    if (type === undefined || id === undefined) continue;
    const ids = byType.get(type);
    if (ids === undefined) byType.set(type, [id]);
    else ids.push(id);
  }
  const read = await Promise.all([...byType].map(([type, ids]) => resources.read(tenant, type, ids)));
  return read.flat();
}

/** An R4 resource as its visit's patient has it now, with its references led to the survivors and its displays filled. Shares what did not change. */
export function resolveReferences(
  resource: JsonObject,
  targets: ReferenceTargets,
  visits: readonly string[] = [],
): JsonObject {
  const led = lead(followVisit(resource, targets.movedTo, visits), targets);
  return fillDisplays(isJsonObject(led) ? led : resource, targets.displayOf);
}

function lead(value: Json, targets: ReferenceTargets): Json {
  if (Array.isArray(value)) {
    const after = value.map((item) => lead(item, targets));
    return after.every((item, index) => item === value[index]) ? value : after;
  }
  if (!isJsonObject(value)) return value;
  let out = value;
  for (const [key, member] of Object.entries(value)) {
    // a Patient's links say which ids stand aside; led to the survivor they would name itself
    if (key === 'link' && value['resourceType'] === 'Patient') continue;
    const survivor = key === 'reference' ? targets.survivorOf(text(member) ?? '') : undefined;
    const after = survivor ?? (typeof member === 'object' ? lead(member, targets) : member);
    if (after === member) continue;
    if (out === value) out = { ...value };
    out[key] = after;
  }
  return out;
}

function nameOf(document: ShownDocument): string {
  return `${document.type}/${document.id}`;
}
