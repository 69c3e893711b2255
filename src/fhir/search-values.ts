import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { type Item, resourceItem } from './fhirpath-items.js';
import { parseDateRange } from './search-date.js';
import { extract, extractorsOf, type FoundValues } from './search-extractors.js';
import { type FhirVersion, fhirVersions, versionBit } from './version.js';

/**
 * What a resource can be found by: the contract between extraction and the stores.
 *
 * `_id` and `_lastUpdated` are not among a resource's search values: stores answer them from the row itself.
 * `:missing` needs no value of its own: a parameter is missing when no value of that parameter carries the version's bit.
 */
export type SearchAtom =
  | TokenAtom
  | StringAtom
  | DateAtom
  | ReferenceAtom
  | NumberAtom
  | QuantityAtom
  | { readonly kind: 'uri'; readonly value: string };

/**
 * `code` is in lower case: tokens are compared ignoring case (the rule of DSTU2 and STU3, and of R4 "when in doubt").
 * Both are null for a concept that has only a text; such a value only says that the parameter is not missing.
 */
export interface TokenAtom {
  readonly kind: 'token';
  readonly system: string | null;
  readonly code: string | null;
}

/** `folded` by foldText. `grams`: a name or address, to be indexed for `:contains`. */
export interface StringAtom {
  readonly kind: 'string';
  readonly folded: string;
  readonly exact: string;
  readonly grams: boolean;
}

/** Epoch milliseconds, `from` inclusive, `to` exclusive; an open end is `earliest` or `latest` of search-date.ts. */
export interface DateAtom {
  readonly kind: 'date';
  readonly from: number;
  readonly to: number;
}

/**
 * A reference within the server has `type` (its R4 name) and `id`; any other has `url`, as it stands.
 * `identifier` is that of a logical reference, its code in lower case.
 */
export interface ReferenceAtom {
  readonly kind: 'reference';
  readonly type: string | null;
  readonly id: string | null;
  readonly url: string | null;
  readonly identifier: { readonly system: string | null; readonly code: string } | null;
}

/** Both ends inclusive; equal for a plain number. */
export interface NumberAtom {
  readonly kind: 'number';
  readonly low: number;
  readonly high: number;
}

/** As a number; a comparator opens an end to ±Infinity. `system`, `code` and `unit` as they stand. */
export interface QuantityAtom {
  readonly kind: 'quantity';
  readonly low: number;
  readonly high: number;
  readonly system: string | null;
  readonly code: string | null;
  readonly unit: string | null;
}

/** Two atoms that stand together in one element: `code-value-quantity`. */
export interface CompositeValue {
  readonly kind: 'composite';
  readonly parts: readonly [SearchAtom, SearchAtom];
}

/**
 * One value of one parameter. `parameter` is named as the versions name it; `versions` holds the bits (versionBit) of
 * the versions whose rendering shows the value under that name.
 */
export type SearchValue = { readonly parameter: string; readonly versions: number } & (SearchAtom | CompositeValue);

export type SearchKind = SearchValue['kind'];

/** One resource as each version shows it; a version that does not serve it is left out, or null. */
export type Renderings = { readonly [version in FhirVersion]?: JsonObject | null | undefined };

/**
 * The search values of a resource: every search parameter of every version, run on that version's own rendering. A value
 * that several versions show under the same name is given once, with all their bits. Invalid data give no value and never
 * throw.
 */
export function extractSearchValues(renderings: Renderings): SearchValue[] {
  const found: FoundValues = new Map();
  const items: { [version in FhirVersion]?: Item } = {};
  for (const version of fhirVersions) {
    const resource = renderings[version];
    if (resource != null) items[version] = resourceItem(version, resource);
  }
  for (const version of fhirVersions) {
    const own = items[version];
    if (own === undefined) continue;
    for (const extractor of extractorsOf(version, own.type)) {
      const root = items[extractor.of];
      if (root !== undefined) extract(extractor, root, versionBit[version], found);
    }
  }
  const values: SearchValue[] = [];
  for (const [parameter, members] of found) {
    for (const { value, versions } of members) values.push({ ...value, parameter, versions });
  }
  return values;
}

/** For each R4 type the elements that hold its main date, first valued first. */
const mainDates: Readonly<Record<string, readonly string[]>> = {
  Account: ['servicePeriod'],
  AllergyIntolerance: ['recordedDate', 'onsetDateTime', 'onsetPeriod'],
  Basic: ['created'],
  Condition: ['recordedDate', 'onsetDateTime', 'onsetPeriod'],
  Coverage: ['period'],
  DiagnosticReport: ['effectiveDateTime', 'effectivePeriod', 'issued'],
  DocumentReference: ['date'],
  Encounter: ['period'],
  Flag: ['period'],
  Immunization: ['occurrenceDateTime'],
  MedicationDispense: ['whenHandedOver', 'whenPrepared'],
  MedicationRequest: ['authoredOn'],
  MedicationStatement: ['effectiveDateTime', 'effectivePeriod', 'dateAsserted'],
  Observation: ['effectiveDateTime', 'effectivePeriod', 'effectiveInstant', 'effectiveTiming', 'issued'],
  PractitionerRole: ['period'],
  Procedure: ['performedDateTime', 'performedPeriod'],
  Provenance: ['recorded'],
  ServiceRequest: ['authoredOn', 'occurrenceDateTime', 'occurrencePeriod'],
  Specimen: ['collection.collectedDateTime', 'collection.collectedPeriod', 'receivedTime'],
};

/**
 * The main date of an R4 resource in epoch milliseconds: the start of what it says. Default order is by it, newest first.
 * Null for types without one (Patient, Location, …) and for resources that do not carry it.
 */
export function sortDate(resource: JsonObject): number | null {
  const type = resource.resourceType;
  const paths = typeof type === 'string' && Object.hasOwn(mainDates, type) ? (mainDates[type] ?? []) : [];
  for (const path of paths) {
    const time = startOf(path.split('.').reduce<Json | undefined>(childOf, resource));
    if (time !== null) return time;
  }
  return null;
}

function childOf(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function startOf(value: Json | undefined): number | null {
  if (typeof value === 'string') return parseDateRange(value)?.from ?? null;
  if (!isJsonObject(value)) return null;
  if (Array.isArray(value.event)) return startOf(value.event[0]);
  return startOf(value.start);
}
