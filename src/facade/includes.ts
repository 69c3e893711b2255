import { extractSearchValues } from '../fhir/extract-search-values.js';
import type { Include } from '../fhir/search-result-parameters.js';
import { r4TypeOf, typeInVersion, versionBit } from '../fhir/version.js';
import { mayAccess } from './access.js';
import type { Ask } from './facade-parts.js';
import { readNames } from './reference-targets.js';
import { type Served, serveDocuments } from './serve-resource.js';
import { storedType } from './served-types.js';

/** The resources that the matches refer to by the includes, each once, in the order found; what is a match is left out. */
export async function readIncludes(
  ask: Ask,
  matches: readonly Served[],
  includes: readonly Include[],
): Promise<readonly Served[]> {
  if (includes.length === 0) return [];
  const found = new Set<string>();
  for (const match of matches) {
    for (const include of includes) for (const name of namesBy(ask, match, include)) found.add(name);
  }
  for (const match of matches) found.delete(match.name);
  const wanted = [...found].filter((name) => {
    const type = name.slice(0, name.indexOf('/'));
    const served = storedType(ask.version, typeInVersion(ask.version, type)) !== undefined;
    return served && mayAccess(ask.principal, 'read', type);
  });
  return serveDocuments(ask, await readNames(ask.parts.resources, ask.principal.tenant, wanted));
}

function namesBy({ version }: Ask, match: Served, { parameter, target }: Include): readonly string[] {
  const type = target === null ? null : r4TypeOf(version, target);
  return extractSearchValues({ R4: match.r4, [version]: match.resource }).flatMap((value) => {
    if (value.kind !== 'reference' || (parameter !== null && value.parameter !== parameter)) return [];
    if (value.type === null || value.id === null || (value.versions & versionBit[version]) === 0) return [];
    return type === null || type === value.type ? [`${value.type}/${value.id}`] : [];
  });
}
