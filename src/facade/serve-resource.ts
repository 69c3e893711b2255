import { createHash } from 'node:crypto';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { collectReferences } from '../fhir/displays.js';
import { withNarrative } from '../fhir/generate-narrative.js';
import { text } from '../fhir/members.js';
import { renderResource } from '../fhir/render.js';
import type { FhirVersion } from '../fhir/version.js';
import { visitsBeside } from '../fhir/visit-reference.js';
import type { ResourceVersion, ShownDocument } from '../store/resource-port.js';
import { mayAccess } from './access.js';
import type { Ask } from './facade-parts.js';
import { readRoles } from './practitioner-roles.js';
import { readTargets, resolveReferences } from './reference-targets.js';

/** A resource as it is sent. */
export interface Served {
  /** `Type/id` as stored. */
  readonly name: string;
  /** In the base's version. */
  readonly resource: JsonObject;
  /** The R4 resource it was rendered from, references resolved. */
  readonly r4: JsonObject;
  readonly versionId: string;
  /** Epoch ms. */
  readonly lastUpdated: number;
}

/**
 * Stored documents as resources of the base's version: with meta, references led to who stands for whom, displays
 * filled from their targets, and a narrative. One that the version cannot show is left out.
 */
export async function serveDocuments(ask: Ask, documents: readonly ShownDocument[]): Promise<readonly Served[]> {
  const shown = documents.flatMap((document) => {
    const resource = shownResource(document);
    return resource === null ? [] : [{ document, resource }];
  });
  return serveResources(
    ask,
    shown.map(({ document, resource }) => ({
      name: `${document.type}/${document.id}`,
      resource: withMeta(resource, document),
      versionId: versionIdOf(document),
      lastUpdated: document.lastUpdated,
      visits: visitsBeside(document),
    })),
  );
}

/** An R4 resource to be served, with the visits (`Encounter/id`) that it belongs to and does not name. */
type Given = Omit<Served, 'r4'> & { readonly visits?: readonly string[] };

/** The same for R4 resources that have their meta, such as views. */
export async function serveResources(ask: Ask, given: readonly Given[]): Promise<readonly Served[]> {
  const { parts, principal, version } = ask;
  const read = await readTargets(
    parts.resources,
    principal.tenant,
    given.map(({ resource }) => resource),
    given.flatMap(({ visits = [] }) => visits),
  );
  // A name says more of a patient than an id does: who may not read patients gets no names of them.
  const targets = {
    survivorOf: read.survivorOf,
    movedTo: read.movedTo,
    displayOf: (name: string) => {
      const type = name.slice(0, name.indexOf('/'));
      const person = type === 'Patient' || type === 'RelatedPerson';
      return person && !mayAccess(principal, 'read', type) ? undefined : read.displayOf(name);
    },
  };
  const roles = await readRoles(
    ask,
    given.map(({ name }) => name),
  );
  return given.flatMap(({ resource, visits, ...rest }) => {
    const r4 = resolveReferences(resource, targets, visits);
    const rendered = renderResource(version, r4, { roles: roles.get(rest.name) ?? [] });
    return rendered === null ? [] : [{ ...rest, resource: withNarrative(rendered), r4 }];
  });
}

/** A stored version as it was: neither resolved nor filled. Null where the base's version cannot show it. */
export function serveVersion(version: FhirVersion, stored: ResourceVersion): JsonObject | null {
  if (stored.resource === null) return null;
  return renderResource(version, withMeta(stored.resource, stored));
}

/**
 * What a document shows. A Patient that stands aside is inactive and says who replaces it (R4 Patient.link).
 * Null where it shows nothing.
 */
export function shownResource(document: ShownDocument): JsonObject | null {
  if (document.type !== 'Patient' || document.standsFor === '') return document.resource;
  return {
    ...(document.resource ?? { resourceType: 'Patient' }),
    active: false,
    link: [{ other: { reference: `Patient/${document.standsFor}` }, type: 'replaced-by' }],
  };
}

/** R4 resource with `id` and `meta`. `source` is R4's alone and left out by the renderings of older versions. */
function withMeta(
  resource: JsonObject,
  stored: Pick<ResourceVersion, 'type' | 'id' | 'version' | 'lastUpdated' | 'source'>,
): JsonObject {
  const { resourceType: _type, id: _id, meta: _meta, ...rest } = resource;
  return {
    resourceType: stored.type,
    id: stored.id,
    meta: {
      versionId: versionIdOf(stored),
      lastUpdated: instant(stored.lastUpdated),
      ...(stored.source === '' ? {} : { source: `urn:wardline:message:${stored.source}` }),
    },
    ...rest,
  };
}

function versionIdOf({ version }: { readonly version: number }): string {
  return String(Math.max(1, version));
}

/** Ids of the patients whose data are in R4 resources, for the audit. */
export function patientsIn(resources: readonly JsonObject[]): readonly string[] {
  const ids = new Set<string>();
  for (const resource of resources) {
    const own = resource.resourceType === 'Patient' ? text(resource.id) : undefined;
    if (own !== undefined) ids.add(own);
    for (const { reference } of collectReferences(resource)) {
      const [, id] = /^Patient\/([^/]+)/.exec(reference) ?? [];
      if (id !== undefined) ids.add(id);
    }
  }
  return [...ids];
}

/** A FHIR instant of epoch milliseconds. */
export function instant(time: number): string {
  return new Date(time).toISOString();
}

/**
 * The weak entity tag of a body: its version and a hash of what is sent, which changes with filled displays and
 * resolved references while the version stays.
 */
export function entityTag(versionId: string, body: string | Uint8Array): string {
  return `W/"${versionId}-${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
}

/** True when an If-None-Match header names the tag (RFC 9110 §13.1.2: weak comparison). */
export function tagMatches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const opaque = (one: string): string => one.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((one) => opaque(one) === opaque(tag));
}

/** @throws Fault `gone` or `not-found`, as befits a document that shows nothing on this base */
export function nothingShown(type: string, document: ShownDocument | undefined): Error {
  if (document === undefined) return fault('not-found', `no ${type} with this id`);
  if (document.standsFor !== '') return fault('gone', `this ${type} was merged into another one`);
  if (document.version === 0) return fault('not-found', `no ${type} with this id`);
  return fault('gone', `this ${type} was deleted or entered in error`);
}
