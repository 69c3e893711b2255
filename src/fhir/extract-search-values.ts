import type { JsonObject } from '../core/json.js';
import { type Item, resourceItem } from './fhirpath-items.js';
import { extract, extractorsOf, type FoundValues } from './search-extractors.js';
import type { SearchValue } from './search-values.js';
import { type FhirVersion, fhirVersions, versionBit } from './version.js';

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
    for (const alike of members.values()) {
      for (const { value, versions } of alike) values.push({ ...value, parameter, versions });
    }
  }
  return values;
}
