import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import type { DraftElement } from '../../src/mapping/draft.js';
import type { Identified } from '../../src/mapping/identify.js';

/**
 * Makes plain R4 resources of identified drafts, from their elements alone: what a visit says over time (status, class, location,
 * period) is computed by the engine. Deleted drafts and those of equal id are given once.
 */
export function assemble(identified: readonly Identified[]): JsonObject[] {
  const resources = new Map<string, JsonObject>();
  for (const { draft, id } of identified) {
    if (draft.deleted) continue;
    const name = `${draft.type}/${id}`;
    const resource = resources.get(name) ?? { resourceType: draft.type, id };
    for (const element of draft.elements) setElement(resource, element);
    resources.set(name, resource);
  }
  return [...resources.values()];
}

/** Sets one element in a resource: lists are appended to, a choice's member stands beside the others. */
export function setElement(resource: JsonObject, element: DraftElement): void {
  const { path, kind, value } = element;
  if (value === null) return;
  const names = path.split('.');
  const last = names.pop() ?? '';
  let object = resource;
  for (const name of names) {
    const there = object[name];
    const next: JsonObject = isJsonObject(there) ? there : {};
    object[name] = next;
    object = next;
  }
  if (last.endsWith('[x]')) {
    if (isJsonObject(value)) Object.assign(object, value);
    return;
  }
  if (element.weak === true && object[last] !== undefined) return;
  if (kind === 'single') {
    object[last] = value;
    return;
  }
  const there = object[last];
  const values: Json[] = kind === 'list' && Array.isArray(value) ? value : [value];
  if (!Array.isArray(there)) object[last] = [...values];
  else object[last] = [...there, ...values.filter((each) => !there.some((known) => isDeepStrictEqual(known, each)))];
}
