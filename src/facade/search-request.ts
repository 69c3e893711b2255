import { fault } from '../core/errors.js';
import { type IgnoredParameter, parseSearch } from '../fhir/search-parse.js';
import type { SearchQuery } from '../fhir/search-query.js';
import type { Include } from '../fhir/search-result-parameters.js';
import { fhirVersions } from '../fhir/version.js';
import { baseUrl } from './base-url.js';
import type { Ask } from './facade-parts.js';
import type { Parameters } from './interaction.js';
import { largestPage, usualPage } from './page-size.js';
import { shownParameter } from './parameter-name.js';
import { readSubset, type Subset } from './subset.js';

/** A search as it is carried out. */
export interface SearchRequest {
  readonly query: SearchQuery;
  readonly includes: readonly Include[];
  readonly subset: Subset;
  /** What was left out, in words, by the parameters' names. */
  readonly ignored: readonly string[];
}

/**
 * Reads the parameters of a search. Unknown ones are left out and named, or refused under strict handling; chained ones,
 * `_has`, `_filter`, `_list` and those that no index answers are always refused, as leaving them out would show more than was
 * asked for.
 * @throws Fault `not-supported`, `invalid-request`; names are told, values never
 */
export function readSearchRequest(ask: Ask, type: string, parameters: Parameters): SearchRequest {
  const { parts, version } = ask;
  const asked = parameters.filter(([name]) => name.toLowerCase() !== '_cursor');
  const parsed = parseSearch(version, type, asked, {
    bases: fhirVersions.map((one) => baseUrl(parts.publicUrl, one)),
    now: parts.clock.now(),
    defaultCount: usualPage,
    largestCount: largestPage,
  });
  const [wrong] = parsed.errors;
  if (wrong !== undefined) {
    // what stands behind the colon may be what is wrong
    const [name = ''] = wrong.parameter.split(':');
    throw fault('invalid-request', `parameter ${shownParameter(name)} ${wrong.message}`);
  }
  const refused = parsed.unknown.filter((one) => ask.strict || isRefused(one));
  if (refused.length > 0) {
    const names = refused.map((one) => shownParameter(one.parameter)).join(', ');
    throw fault('not-supported', `not supported in a search for ${type}: ${names}`);
  }
  const subset = readSubset(asked);
  return {
    query: subset.kind === 'count' ? { ...parsed.query, count: 0 } : parsed.query,
    includes: parsed.include,
    subset,
    ignored: parsed.unknown.map(
      (one) => `parameter ${shownParameter(one.parameter)} is not known for ${type} and was left out`,
    ),
  };
}

function isRefused({ parameter, reason }: IgnoredParameter): boolean {
  return reason === 'refused' || parameter.includes('.') || /^_(has|filter|list)\b/i.test(parameter);
}
