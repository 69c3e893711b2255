import type { Json } from '../core/json.js';
import type { Group } from '../hl7/grouping.js';
import type { Segment } from '../hl7/segment.js';
import type { Panel } from './panel-compiler.js';
import type { DraftBuilder, Run } from './run.js';

interface Member {
  readonly group: Group;
  readonly segment: Segment;
}

/** A panel found in a message: its members, the leading one first. */
export interface Gathered {
  readonly members: readonly Member[];
  /** Makes a panel of the leading member's draft. */
  readonly apply: (run: Run, draft: DraftBuilder) => void;
}

/** Finds the panels among the observations of one message: members of the same enclosing group whose `same` is equal. */
export function gatherPanels(run: Run, panels: readonly Panel[], members: readonly Member[]): Gathered[] {
  const found: Gathered[] = [];
  const used = new Set<Segment>();
  for (const panel of panels) {
    const wanted = new Set([...panel.members, ...panel.optional]);
    const sets = new Map<Group, Map<string, Map<string, Member[]>>>();
    for (const member of members) {
      if (used.has(member.segment)) continue;
      run.group = member.group;
      run.segment = member.segment;
      const code = panel.code(run);
      if (code === undefined || !wanted.has(code)) continue;
      const place = member.group.parent ?? member.group;
      const bySame = entry(sets, place, () => new Map<string, Map<string, Member[]>>());
      const byCode = entry(bySame, panel.same(run), () => new Map<string, Member[]>());
      entry(byCode, code, (): Member[] => []).push(member);
    }
    for (const bySame of sets.values()) {
      for (const byCode of bySame.values()) {
        const times = Math.min(...panel.members.map((code) => byCode.get(code)?.length ?? 0));
        for (let index = 0; index < times; index++) {
          const gathered = [...panel.members, ...panel.optional].flatMap((code) => byCode.get(code)?.[index] ?? []);
          for (const member of gathered) used.add(member.segment);
          found.push({ members: gathered, apply: (state, draft) => applyPanel(panel, gathered, state, draft) });
        }
      }
    }
  }
  return found;
}

function applyPanel(panel: Panel, members: readonly Member[], run: Run, draft: DraftBuilder): void {
  const kept = draft.elements.filter((element) => !panel.without.has(element.path));
  draft.elements.length = 0;
  draft.elements.push(...kept);
  const taken = draft.taken.filter((path) => !panel.without.has(path));
  draft.taken.splice(0, Infinity, ...taken);
  for (const rule of panel.rules) rule(run, undefined);
  const rule = `panels/${panel.id}`;
  const components: Json[] = [];
  run.trace?.enter(rule);
  for (const member of members) {
    run.group = member.group;
    run.segment = member.segment;
    // by which they belong together
    if (run.trace !== undefined) panel.same(run);
    const component = panel.component(run);
    if (component !== undefined) components.push(component);
  }
  if (components.length === 0) run.hollow = true;
  draft.elements.push({ kind: 'list', path: 'component', rule, item: '', value: components });
  run.trace?.made(draft.label, 'component');
  run.trace?.leave();
  draft.panel = panel.id;
  run.group = draft.group;
  run.segment = draft.segment;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
