import type { Group } from '../hl7/grouping.js';
import type { DraftBuilder, Run } from './run.js';

/**
 * The nearest draft of a name: made from the same segment, in the same group instance, or in the nearest one around it, and there not
 * in a neighbouring repetition.
 */
export function findDraft(run: Run, name: string, from: DraftBuilder | undefined): DraftBuilder | undefined {
  const named = run.named.get(name);
  if (named === undefined) return undefined;
  if (from === undefined) return named[0];
  const same = named.find((draft) => draft.segment === from.segment);
  if (same !== undefined) return same;
  for (let group: Group | undefined = from.group; group !== undefined; group = group.parent) {
    const place = group;
    const found = named.find((draft) => belongsTo(draft.group, place));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every draft of a name within a draft's own group; where none is, the nearest. */
export function findDrafts(run: Run, name: string, from: DraftBuilder): readonly DraftBuilder[] {
  const within = (run.named.get(name) ?? []).filter((draft) => draft !== from && isWithin(draft.group, from.group));
  if (within.length > 0) return within;
  const near = findDraft(run, name, from);
  return near === undefined ? [] : [near];
}

/** True when a group lies in another without a repetition between, or is it. */
export function belongsTo(inner: Group, outer: Group): boolean {
  let group: Group | undefined = inner;
  while (group !== undefined && group !== outer) {
    if (group.grammar.repeating) return false;
    group = group.parent;
  }
  return group === outer;
}

/** True when a group lies in another, or is it. */
export function isWithin(inner: Group, outer: Group): boolean {
  for (let group: Group | undefined = inner; group !== undefined; group = group.parent)
    if (group === outer) return true;
  return false;
}
