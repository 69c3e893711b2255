import { equalJson, isJsonObject, type JsonObject } from '../core/json.js';
import { type Item, resourceItem } from './fhirpath-items.js';
import { type Extractor, extract, extractorsOf, type FoundValues } from './search-extractors.js';
import type { SearchValue } from './search-values.js';
import { type FhirVersion, fhirVersions, versionBit } from './version.js';

/** One resource as each version shows it; a version that does not serve it is left out, or null. */
export type Renderings = { readonly [version in FhirVersion]?: JsonObject | null | undefined };

type Roots = { readonly [version in FhirVersion]?: Item };

/** The search values of a resource, with what decided each parameter's. */
export interface Extraction {
  readonly values: readonly SearchValue[];
  readonly roots: Roots;
  readonly plan: Plan;
  /** In the order of the plan. */
  readonly parameters: readonly ParameterValues[];
}

interface ParameterValues {
  readonly values: readonly SearchValue[];
  /** For each extractor of the plan the elements that it looked at; null for the whole resource. */
  readonly asked: readonly (ReadonlySet<string> | null)[];
}

/** The extractors of each parameter, over all versions that show the resource. */
type Plan = readonly (readonly { readonly extractor: Extractor; readonly bit: number }[])[];

/**
 * The search values of a resource: every search parameter of every version, run on that version's own rendering. A value
 * that several versions show under the same name is given once, with all their bits. Invalid data give no value and never
 * throw.
 */
export function extractSearchValues(renderings: Renderings): readonly SearchValue[] {
  return extractAgain(renderings, undefined).values;
}

/**
 * The same for a resource of which an earlier state was extracted: parameters that look at nothing that changed keep their
 * values, the very same objects.
 */
export function extractAgain(renderings: Renderings, before: Extraction | undefined): Extraction {
  const roots: { [version in FhirVersion]?: Item } = {};
  for (const version of fhirVersions) {
    const resource = renderings[version];
    if (resource != null) roots[version] = resourceItem(version, resource);
  }
  const plan = planOf(roots);
  const unchanged = before?.plan === plan ? comparison(before.roots, roots) : undefined;
  const parameters = plan.map((extractors, at): ParameterValues => {
    const known = before?.parameters[at];
    if (unchanged !== undefined && known !== undefined) {
      if (extractors.every(({ extractor }, index) => unchanged(extractor.of, known.asked[index] ?? null))) return known;
    }
    const found: FoundValues = new Map();
    const asked = extractors.map(({ extractor, bit }) => {
      const root = roots[extractor.of];
      return root === undefined ? null : extract(extractor, root, bit, found);
    });
    const values: SearchValue[] = [];
    const parameter = extractors[0]?.extractor.name ?? '';
    for (const alike of found.values()) {
      for (const { value, versions } of alike) values.push({ ...value, parameter, versions });
    }
    return { values, asked };
  });
  return { values: parameters.flatMap(({ values }) => values), roots, plan, parameters };
}

const plans = new Map<string, Plan>();

function planOf(roots: Roots): Plan {
  const name = fhirVersions.map((version) => roots[version]?.type ?? '').join();
  const known = plans.get(name);
  if (known !== undefined) return known;
  const byParameter = new Map<string, { extractor: Extractor; bit: number }[]>();
  for (const version of fhirVersions) {
    const own = roots[version];
    if (own === undefined) continue;
    for (const extractor of extractorsOf(version, own.type)) {
      if (roots[extractor.of] === undefined) continue;
      const entry = { extractor, bit: versionBit[version] };
      const others = byParameter.get(extractor.name);
      if (others === undefined) byParameter.set(extractor.name, [entry]);
      else others.push(entry);
    }
  }
  const plan = [...byParameter.values()];
  if (plan.length > 0) plans.set(name, plan);
  return plan;
}

/** Whether all of some elements are the same in both states of a version's rendering; each element is compared once. */
function comparison(
  before: Roots,
  after: Roots,
): (version: FhirVersion, elements: ReadonlySet<string> | null) => boolean {
  const known = new Map<string, boolean>();
  return (version, elements) => {
    if (elements === null) return false;
    for (const name of elements) {
      const key = `${version} ${name}`;
      let same = known.get(key);
      if (same === undefined) {
        same = sameElement(before[version], after[version], name);
        known.set(key, same);
      }
      if (!same) return false;
    }
    return true;
  };
}

function sameElement(before: Item | undefined, after: Item | undefined, name: string): boolean {
  if (before === undefined || after === undefined || !isJsonObject(before.value) || !isJsonObject(after.value)) {
    return false;
  }
  for (const { jsonName, siblingName } of after.model?.byName.get(name)?.members ?? []) {
    if (!equalJson(before.value[jsonName], after.value[jsonName])) return false;
    if (!equalJson(before.value[siblingName], after.value[siblingName])) return false;
  }
  return true;
}
