import { fault } from '../core/errors.js';
import { type IgnoredParameter, parseSearch } from '../fhir/search-parse.js';
import type { Condition, SearchQuery } from '../fhir/search-query.js';
import type { Include } from '../fhir/search-result-parameters.js';
import { fhirVersions } from '../fhir/version.js';
import { baseUrl } from './base-url.js';
import type { Ask } from './facade-parts.js';
import type { Parameters } from './interaction.js';
import { largestPage, usualPage } from './page-size.js';
import { shownParameter } from './parameter-name.js';
import type { Counting } from './search-source.js';
import { readSubset, type Subset } from './subset.js';

/** A search as it is carried out. */
export interface SearchRequest {
  readonly query: SearchQuery;
  readonly includes: readonly Include[];
  readonly subset: Subset;
  readonly counting: Counting;
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
  refuseTooMany(asked);
  const parsed = parseSearch(version, type, asked, {
    bases: fhirVersions.map((one) => baseUrl(parts.publicUrl, one)),
    now: parts.clock.now(),
    defaultCount: usualPage,
    largestCount: largestPage,
  });
  refuseTooManyTests(parsed.query.where);
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
  const countOnly = subset.kind === 'count' || parsed.query.count === 0;
  return {
    query: subset.kind === 'count' ? { ...parsed.query, count: 0 } : parsed.query,
    includes: parsed.include,
    subset,
    counting: parsed.total === 'accurate' ? 'exactly' : parsed.total === 'none' && !countOnly ? 'not' : 'soon',
    ignored: parsed.unknown.map(
      (one) => `parameter ${shownParameter(one.parameter)} is not known for ${type} and was left out`,
    ),
  };
}

/** Parameters of one search, and values of all of them: each costs the store a condition, and compressed they fit any link. */
const mostParameters = 200;
const mostValues = 4000;

/** Values of parameters that are not ids or references: the store joins their tests one by one. */
const mostTests = 400;

/** @throws Fault `search-too-long` */
function refuseTooManyTests(where: readonly Condition[]): void {
  let tests = 0;
  for (const condition of where) {
    if ('missing' in condition) continue;
    for (const test of condition.anyOf) {
      if (test.kind !== 'id' && (test.kind !== 'reference' || test.id === undefined)) tests++;
    }
  }
  if (tests <= mostTests) return;
  throw fault('search-too-long', `a search has at most ${mostTests} values beside ids: ask for fewer at a time`);
}

/** @throws Fault `search-too-long` */
function refuseTooMany(parameters: Parameters): void {
  let values = 0;
  for (const [, value] of parameters) {
    for (let at = value.indexOf(','); at >= 0 && values <= mostValues; at = value.indexOf(',', at + 1)) values++;
  }
  if (parameters.length > mostParameters || values > mostValues) {
    const most = `${mostParameters} parameters and ${mostValues} values`;
    throw fault('search-too-long', `a search has at most ${most}: ask for fewer at a time`);
  }
}

function isRefused({ parameter, reason }: IgnoredParameter): boolean {
  return reason === 'refused' || parameter.includes('.') || /^_(has|filter|list)\b/i.test(parameter);
}
