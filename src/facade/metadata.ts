import { tokenEndpointUrl } from '../auth/token-endpoint.js';
import type { JsonObject } from '../core/json.js';
import { capabilityStatement, type ServedType } from '../fhir/capability.js';
import { type SearchParameter, searchParametersOf } from '../fhir/search-parameters.js';
import type { FhirVersion } from '../fhir/version.js';
import { baseUrl } from './base-url.js';
import { computedTypes, servedTypes } from './served-types.js';

const interactions = ['read', 'vread', 'history-instance', 'history-type', 'search-type'] as const;

/** The capability statement of a version's base: what is served, and nothing else. `date`: when the process started. */
export function metadataOf(
  version: FhirVersion,
  facade: {
    readonly publicUrl: string;
    readonly software: { readonly name: string; readonly version: string };
    readonly startedAt: string;
  },
): JsonObject {
  return capabilityStatement(version, {
    baseUrl: baseUrl(facade.publicUrl, version),
    tokenUrl: tokenEndpointUrl(facade.publicUrl),
    authorizeUrl: `${facade.publicUrl}/oauth2/authorize`,
    software: facade.software,
    date: facade.startedAt,
    types: servedTypes(version).map((type) => servedType(version, type)),
  });
}

function includesOf(type: string, parameters: readonly SearchParameter[]): readonly string[] {
  const names = parameters.filter(({ kind }) => kind === 'reference').map(({ name }) => `${type}:${name}`);
  return names.length === 0 ? [] : ['*', ...names];
}

function servedType(version: FhirVersion, type: string): ServedType {
  const parameters = [...searchParametersOf(version, type).values()];
  const common = [
    { name: '_id', type: 'token' },
    { name: '_lastUpdated', type: 'date' },
  ];
  const computed = computedTypes.get(type);
  if (computed !== undefined) {
    const named = [{ name: '_id', type: 'token' }, ...parameters.map(({ name, kind }) => ({ name, type: kind }))];
    return {
      type,
      interactions: computed.length === 0 ? ['read'] : ['read', 'search-type'],
      searchParams: named.filter(({ name }) => computed.includes(name)),
    };
  }
  return {
    type,
    interactions,
    searchParams: [...common, ...parameters.map(({ name, kind }) => ({ name, type: kind }))],
    searchInclude: includesOf(type, parameters),
  };
}
