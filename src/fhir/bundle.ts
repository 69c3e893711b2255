import type { JsonObject } from '../core/json.js';
import type { FhirVersion } from './version.js';

/** A page's links by relation; absent ones are left out. */
export interface BundleLinks {
  readonly self: string;
  readonly first?: string;
  readonly previous?: string;
  readonly next?: string;
}

export interface SearchEntry {
  readonly fullUrl?: string;
  /** Already rendered in the bundle's version. */
  readonly resource: JsonObject;
  readonly mode: 'match' | 'include' | 'outcome';
}

/** A searchset. `total` counts all matches, not only the page's; it is left out where nobody knows it. */
export function searchset(page: {
  readonly total: number | undefined;
  readonly links: BundleLinks;
  readonly entries: readonly SearchEntry[];
}): JsonObject {
  const entries = page.entries.map(({ fullUrl, resource, mode }) => ({ ...url(fullUrl), resource, search: { mode } }));
  const total = page.total === undefined ? {} : { total: page.total };
  return { ...bundle('searchset', entries), ...total, link: links(page.links) };
}

/** One answer in a batch, in the order of the requests. */
export interface BatchAnswer {
  /** `200 OK` */
  readonly status: string;
  readonly resource?: JsonObject;
  /** What went wrong, in the bundle's version. */
  readonly outcome?: JsonObject;
  readonly etag?: string;
  /** An instant. */
  readonly lastModified?: string;
}

/** A batch-response. DSTU2 has no `response.outcome`: there the outcome stands as the entry's resource. */
export function batchResponse(version: FhirVersion, answers: readonly BatchAnswer[]): JsonObject {
  const entries = answers.map(({ status, resource, outcome, etag, lastModified }) => {
    const shown = resource ?? (version === 'DSTU2' ? outcome : undefined);
    const response: JsonObject = { status };
    if (etag !== undefined) response.etag = etag;
    if (lastModified !== undefined) response.lastModified = lastModified;
    if (outcome !== undefined && version !== 'DSTU2') response.outcome = outcome;
    return shown === undefined ? { response } : { resource: shown, response };
  });
  return bundle('batch-response', entries);
}

export interface HistoryEntry {
  readonly fullUrl: string;
  /** Absent for a deletion. */
  readonly resource?: JsonObject;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** The request that made the version, relative to the base: `Patient/1`, or `Patient` for a creation. */
  readonly url: string;
  /** `201 Created` */
  readonly status: string;
  readonly etag: string;
  /** An instant. */
  readonly lastModified: string;
}

/**
 * A history bundle, newest first as given. Only R4 lets a history entry say how its request was answered, and lets two
 * deletions, which have no version to tell them apart, have one URL (bdl-7): elsewhere they have none.
 */
export function history(
  version: FhirVersion,
  page: { readonly total: number; readonly links: BundleLinks; readonly entries: readonly HistoryEntry[] },
): JsonObject {
  const entries = page.entries.map((entry) => ({
    ...(entry.resource === undefined && version !== 'R4' ? {} : { fullUrl: entry.fullUrl }),
    ...(entry.resource === undefined ? {} : { resource: entry.resource }),
    request: { method: entry.method, url: entry.url },
    ...(version === 'R4'
      ? { response: { status: entry.status, etag: entry.etag, lastModified: entry.lastModified } }
      : {}),
  }));
  return { ...bundle('history', entries), total: page.total, link: links(page.links) };
}

/** A collection of rendered resources. */
export function collection(
  entries: readonly { readonly fullUrl?: string; readonly resource: JsonObject }[],
): JsonObject {
  return bundle(
    'collection',
    entries.map(({ fullUrl, resource }) => (fullUrl === undefined ? { resource } : { fullUrl, resource })),
  );
}

/** Empty lists have no place in FHIR JSON. */
function bundle(type: string, entries: JsonObject[]): JsonObject {
  return { resourceType: 'Bundle', type, ...(entries.length > 0 ? { entry: entries } : {}) };
}

function url(fullUrl: string | undefined): JsonObject {
  return fullUrl === undefined ? {} : { fullUrl };
}

function links(given: BundleLinks): JsonObject[] {
  const relations: (keyof BundleLinks)[] = ['self', 'first', 'previous', 'next'];
  return relations.flatMap((relation) => {
    const target = given[relation];
    return target === undefined ? [] : [{ relation, url: target }];
  });
}
