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
  const touched = before?.plan === plan ? touchedElements(before.roots, roots) : undefined;
  const parameters = plan.map((extractors, at): ParameterValues => {
    const known = before?.parameters[at];
    if (touched !== undefined && known !== undefined && isUntouched(known, extractors, touched)) return known;
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

/** Of each version the elements that are not the same in two states of its rendering; null: any may be another. */
type Touched = { readonly [version in FhirVersion]?: ReadonlySet<string> | null };

function touchedElements(before: Roots, after: Roots): Touched {
  const touched: { [version in FhirVersion]?: ReadonlySet<string> | null } = {};
  for (const version of fhirVersions) touched[version] = differences(before[version], after[version]);
  return touched;
}

function differences(before: Item | undefined, after: Item | undefined): ReadonlySet<string> | null {
  if (before === undefined || after === undefined) return null;
  const [old, young, model] = [before.value, after.value, after.model];
  if (!isJsonObject(old) || !isJsonObject(young) || model === null) return null;
  const found = new Set<string>();
  const add = (member: string): void => {
    const element = (model.members.get(member) ?? model.members.get(member.slice(1)))?.element;
    if (element !== undefined) found.add(element.name);
  };
  for (const name in young) if (!equalJson(old[name], young[name])) add(name);
  for (const name in old) if (young[name] === undefined) add(name);
  return found;
}

/** True where no extractor of a parameter looked at an element that is another now. */
function isUntouched({ asked }: ParameterValues, extractors: Plan[number], touched: Touched): boolean {
  for (let at = 0; at < extractors.length; at++) {
    const elements = asked[at];
    const others = touched[extractors[at]?.extractor.of ?? 'R4'];
    if (elements == null || others == null) return false;
    for (const name of others) if (elements.has(name)) return false;
  }
  return true;
}
