import { definitionsOf, type SearchParameterEntry } from './definitions/definition-files.js';
import { isResourceType } from './definitions/type-model.js';
import {
  type AddedParameter,
  addedParameters,
  type CompositeEntry,
  commonParameters,
  composites,
  correctedExpressions,
  mainDateParameters,
  r4CommonParameters,
  refusedParameters,
} from './search-parameter-tables.js';
import type { SearchKind } from './search-values.js';
import type { FhirVersion } from './version.js';

/** A search parameter that we serve, of one type in one version. */
export interface SearchParameter {
  readonly name: string;
  readonly kind: SearchKind;
  /** The rendering that the expression runs on: the version itself, but for some added ones. */
  readonly of: FhirVersion;
  /** Empty for composites. */
  readonly expression: string;
  readonly composite: CompositeEntry | null;
  /** Types (as the version names them) that a reference may point to; empty: any. */
  readonly targets: readonly string[];
  /** Names and addresses: indexed for `:contains`. */
  readonly grams: boolean;
  /** On the old bases name parts match anywhere, with and without `:contains`. */
  readonly anywhere: boolean;
}

const known = new Map<string, ReadonlyMap<string, SearchParameter>>();
const people: ReadonlySet<string> = new Set(['Patient', 'Practitioner', 'RelatedPerson']);
const nameParts: ReadonlySet<string> = new Set(['name', 'family', 'given']);

/**
 * The parameters of a type (as the version names it) that we serve, by name in lower case: the version's own, those
 * every type has, and ours. `_id` and `_lastUpdated`, which need no search values, are not among them. Empty for an
 * unknown type.
 */
export function searchParametersOf(version: FhirVersion, type: string): ReadonlyMap<string, SearchParameter> {
  const key = `${version} ${type}`;
  let parameters = known.get(key);
  if (parameters === undefined) {
    parameters = isResourceType(version, type) ? readParameters(version, type) : new Map();
    if (parameters.size > 0) known.set(key, parameters);
  }
  return parameters;
}

/** True for a parameter that FHIR defines and that we refuse. */
export function isRefusedParameter(name: string): boolean {
  return refusedParameters.has(name.toLowerCase());
}

/** The parameter that sorts a type (as the version names it) by its main date; null when it has none. */
export function mainDateParameter(version: FhirVersion, type: string): string | null {
  return mainDateParameters[version][type] ?? null;
}

function readParameters(version: FhirVersion, type: string): ReadonlyMap<string, SearchParameter> {
  const entries: Record<string, SearchParameterEntry | AddedParameter> = {
    ...(version === 'R4' ? r4CommonParameters : commonParameters),
    ...definitionsOf(version).searchParameters[type],
    ...addedParameters[version][type],
  };
  const found = new Map<string, SearchParameter>();
  for (const [name, entry] of Object.entries(entries)) {
    if (refusedParameters.has(name)) continue;
    found.set(name.toLowerCase(), readParameter(version, type, name, entry));
  }
  return found;
}

function readParameter(
  version: FhirVersion,
  type: string,
  name: string,
  entry: SearchParameterEntry | AddedParameter,
): SearchParameter {
  const composite = composites[version][`${type}.${name}`] ?? null;
  return {
    name,
    kind: entry.type as SearchKind,
    of: 'of' in entry ? entry.of : version,
    expression:
      composite === null ? (correctedExpressions[`${version} ${type}.${name}`] ?? entry.expression ?? '') : '',
    composite,
    targets: entry.target ?? [],
    grams: entry.type === 'string' && isNameOrAddress(type, name),
    anywhere: version !== 'R4' && people.has(type) && nameParts.has(name),
  };
}

/** Whether a string parameter of a type (its R4 name) is found by any part of it. */
export function isNameOrAddress(type: string, name: string): boolean {
  const place = type === 'Organization' || type === 'Location';
  if (!place && !people.has(type)) return false;
  return nameParts.has(name) || name.startsWith('address');
}
