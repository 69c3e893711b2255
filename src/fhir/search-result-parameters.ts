import { isResourceType } from './definitions/type-model.js';
import { searchParametersOf } from './search-parameters.js';
import type { FhirVersion } from './version.js';

/** `_include=Observation:subject:Patient`: add what the matches' references of a parameter point to. */
export interface Include {
  /** Null for `*`: every reference that has a parameter. */
  readonly parameter: string | null;
  /** As the version names it; null for any. */
  readonly target: string | null;
}

export type Summary = 'true' | 'text' | 'data' | 'count' | 'false';

/** What a request says of the answer, not of the matches (R4 §3.1.1.5). Null where it says nothing. */
export interface ResultParameters {
  readonly include: readonly Include[];
  readonly summary: Summary | null;
  readonly elements: readonly string[] | null;
  readonly total: 'none' | 'estimate' | 'accurate' | null;
  readonly format: string | null;
}

/**
 * Reads one result parameter (its name in lower case) onto those read before; a message when its value is wrong, null when
 * it is not a result parameter.
 */
export function readResultParameter(
  version: FhirVersion,
  type: string,
  name: string,
  modifier: string | null,
  value: string,
  before: ResultParameters,
): ResultParameters | { readonly message: string } | null {
  if (modifier !== null) return null;
  switch (name) {
    case '_include':
      return readInclude(version, type, value, before);
    case '_summary':
      return isSummary(value) ? { ...before, summary: value } : { message: 'must be true, text, data, count or false' };
    case '_elements':
      return { ...before, elements: [...(before.elements ?? []), ...value.split(',').map((part) => part.trim())] };
    case '_total':
      return isTotal(value) ? { ...before, total: value } : { message: 'must be none, estimate or accurate' };
    case '_format':
      return { ...before, format: value };
    case '_pretty':
      return before;
    default:
      return null;
  }
}

function isSummary(value: string): value is Summary {
  return value === 'true' || value === 'text' || value === 'data' || value === 'count' || value === 'false';
}

function isTotal(value: string): value is 'none' | 'estimate' | 'accurate' {
  return value === 'none' || value === 'estimate' || value === 'accurate';
}

function readInclude(
  version: FhirVersion,
  type: string,
  value: string,
  before: ResultParameters,
): ResultParameters | { readonly message: string } {
  const [source, name, target, ...more] = value.split(':');
  if (value === '*' || value === `${type}:*`) {
    return { ...before, include: [...before.include, { parameter: null, target: null }] };
  }
  const parameter = name === undefined ? undefined : searchParametersOf(version, type).get(name.toLowerCase());
  const known = source === type && parameter?.kind === 'reference' && more.length === 0;
  if (!known || (target !== undefined && !isResourceType(version, target))) {
    return { message: `must be ${type}:parameter or ${type}:parameter:Type, of a reference parameter, or *` };
  }
  return { ...before, include: [...before.include, { parameter: parameter.name, target: target ?? null }] };
}
