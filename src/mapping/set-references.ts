import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { visitBeside } from '../fhir/visit-reference.js';
import { findDraft } from './find-draft.js';
import type { Builds } from './message-compiler.js';
import type { DraftBuilder, Run } from './run.js';

/** Sets `refs` and what rules refer to, now that all drafts are there. */
export function setReferences(run: Run, { byName }: Builds): void {
  for (const draft of run.drafts) {
    const build = byName.get(draft.name);
    if (build === undefined || build.type !== draft.type) continue;
    let lists: Map<string, { readonly values: Json[]; readonly targets: Set<DraftBuilder> }> | undefined;
    for (const { register, choice, rule } of build.references) {
      const { path } = register;
      const refer = (target: DraftBuilder): Json => {
        const object: JsonObject = {};
        target.referrers.push(object);
        run.open.push(object);
        return register.wrap === undefined ? object : register.wrap(object);
      };
      const chosen = choice.choose(run, draft);
      if (chosen.length === 0) continue;
      const targets = chosen.filter((each) => each !== draft && each.key !== undefined && !each.deleted);
      const [first] = targets;
      if (first === undefined) continue;
      if (!register.list) {
        if (!draft.taken.includes(path)) {
          draft.taken.push(path);
          draft.elements.push({ kind: 'single', path, rule, item: '', value: refer(first) });
        } else if (choice.byMatch) completeReference(draft, path, first);
        continue;
      }
      if (choice.byMatch && targets.length === 1 && completeReference(draft, path, first)) continue;
      // Several choices fill one list.
      lists ??= new Map();
      let list = lists.get(path);
      if (list === undefined) {
        list = { values: [], targets: new Set() };
        lists.set(path, list);
        draft.elements.push({ kind: 'list', path, rule, item: '', value: list.values });
      }
      for (const target of targets) {
        if (list.targets.has(target)) continue;
        list.targets.add(target);
        list.values.push(refer(target));
      }
    }
  }
  for (const { object, by, name, from, segment } of run.pending) {
    const same = run.named.get(name)?.find((draft) => draft.segment === segment);
    const target = same ?? findDraft(run, name, from);
    if (by === 'url') target?.attachments.push(object);
    else target?.referrers.push(object);
  }
}

/** The visit of what belongs to one and has no place to name it. */
export function setVisits(run: Run, { visits }: Builds): void {
  if (visits.length === 0) return;
  for (const draft of run.drafts) {
    if (!visitBeside.has(draft.type)) continue;
    const visit = visits.map((name) => findDraft(run, name, draft)).find((one) => one?.key !== undefined);
    if (visit !== undefined) draft.visitOf = visit;
  }
}

/** The one reference that a rule made by identifier gets the address of the draft that was found to be meant. */
function completeReference(draft: DraftBuilder, path: string, target: DraftBuilder): boolean {
  const made = draft.elements.filter((element) => element.path === path).flatMap(({ value }) => value);
  const [open, ...others] = made.filter((value) => isJsonObject(value) && value['reference'] === undefined);
  if (!isJsonObject(open) || others.length > 0 || Object.keys(open).length === 0) return false;
  target.referrers.push(open);
  return true;
}
