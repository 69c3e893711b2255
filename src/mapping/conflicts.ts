import { typeModel } from '../fhir/definitions/type-model.js';
import { idOf } from './layers.js';
import type { Library, MapSource } from './library.js';
import { Problems } from './problem.js';
import { alternativeOf } from './rule-keys.js';
import { parseTarget, registerOf } from './target-path.js';
import type { YamlMap, YamlNode } from './yaml-tree.js';

/** Two rules of one map that can set the same single element: an error unless they are alternatives of one rule. */
export function checkConflicts(map: MapSource, library: Library): void {
  const model = typeModel('R4', map.target);
  const ids = new Set<string>();
  for (const rule of map.rules) {
    const id = idOf(rule);
    if (id !== '' && ids.has(id)) library.problems.add(rule.place, `'${map.name}' has two rules '${id}'`);
    ids.add(id);
  }
  if (model === null || !model.resource) return;
  const setBy = new Map<string, { readonly id: string; readonly rule: YamlMap }[]>();
  for (const rule of map.rules) {
    for (const path of singlePaths(rule)) {
      const target = parseTarget(path, model, rule.place, new Problems());
      if (target === undefined) continue;
      const register = registerOf(target);
      if (register.list) continue;
      for (const [other, rules] of setBy) {
        if (other !== register.path && !other.startsWith(`${register.path}.`) && !register.path.startsWith(`${other}.`))
          continue;
        const clash = rules.find((each) => each.rule !== rule && mayMeet(each.rule, rule));
        if (clash !== undefined) {
          library.problems.add(
            rule.place,
            `'${idOf(rule)}' sets ${register.path}, as '${clash.id}' does; put both into one rule with first`,
          );
        }
      }
      const known = setBy.get(register.path) ?? [];
      known.push({ id: idOf(rule), rule });
      setBy.set(register.path, known);
    }
  }
}

/** Rules for different events never meet. */
function mayMeet(a: YamlMap, b: YamlMap): boolean {
  const [first, second] = [eventsOf(a), eventsOf(b)];
  return first.length === 0 || second.length === 0 || first.some((event) => second.includes(event));
}

function eventsOf(rule: YamlMap): string[] {
  const node = rule.entries.get('events')?.value;
  const items: readonly YamlNode[] = node === undefined ? [] : node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
}

/** The targets of a rule and its alternatives. */
function singlePaths(rule: YamlMap): Set<string> {
  const found = new Set<string>();
  const nested: YamlMap[] = [];
  for (const key of ['first', 'else']) {
    const node = rule.entries.get(key)?.value;
    if (node?.kind === 'list') for (const item of node.items) if (item.kind === 'map') nested.push(item);
  }
  const cases = rule.entries.get('cases')?.value;
  if (cases?.kind === 'map') {
    for (const { value } of cases.entries.values()) {
      for (const item of value.kind === 'list' ? value.items : [value]) if (item.kind === 'map') nested.push(item);
    }
  }
  for (const alternative of nested) for (const path of singlePaths(alternativeOf(rule, alternative))) found.add(path);
  const to = rule.entries.get('to')?.value;
  if (nested.length === 0 && to?.kind === 'scalar' && typeof to.value === 'string') found.add(to.value);
  return found;
}
