import { canonicalJson, equalJson, isJsonObject, type Json, type JsonObject } from '../core/json.js';

/** One element that is not the same in two resources; what is absent on a side is left out. */
export interface ElementDifference {
  /** `name[0].family`; an index counts in the list that has the element, the later one where both have it. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * Where two resources differ, as deep as both have something. Equal items of lists are left aside wherever they stand, the
 * others are compared in their order, so that one new item shows as one difference. `null` shows nothing at all.
 */
export function elementDifferences(before: JsonObject | null, after: JsonObject | null): ElementDifference[] {
  const found: ElementDifference[] = [];
  compareObjects('', before ?? {}, after ?? {}, found);
  return found.filter(({ path }) => path !== 'id' && path !== 'resourceType');
}

function compare(path: string, before: Json | undefined, after: Json | undefined, found: ElementDifference[]): void {
  if (isJsonObject(before) && isJsonObject(after)) compareObjects(path, before, after, found);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(path, before, after, found);
  else if (!equalJson(before, after)) {
    found.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
  }
}

function compareObjects(path: string, before: JsonObject, after: JsonObject, found: ElementDifference[]): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(path === '' ? name : `${path}.${name}`, before[name], after[name], found);
  }
}

function compareLists(path: string, before: readonly Json[], after: readonly Json[], found: ElementDifference[]): void {
  const gone = unmatched(before, after);
  const come = unmatched(after, before);
  const moved = gone.length === 0 && come.length === 0 && before.some((item, index) => !equalJson(item, after[index]));
  if (moved) found.push({ path, before: [...before], after: [...after] });
  for (let index = 0; index < Math.max(gone.length, come.length); index++) {
    const [old, young] = [gone[index], come[index]];
    compare(`${path}[${(young ?? old)?.index ?? 0}]`, old?.item, young?.item, found);
  }
}

/** Items of a list that have no equal in the other; of equal ones as many stand for each other as both have. */
function unmatched(list: readonly Json[], other: readonly Json[]): { readonly index: number; readonly item: Json }[] {
  const counts = new Map<string, number>();
  for (const item of other) counts.set(canonicalJson(item), (counts.get(canonicalJson(item)) ?? 0) + 1);
  return list.flatMap((item, index) => {
    const text = canonicalJson(item);
    const left = counts.get(text) ?? 0;
    if (left === 0) return [{ index, item }];
    counts.set(text, left - 1);
    return [];
  });
}
