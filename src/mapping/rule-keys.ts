import { withEntries, type YamlMap } from './yaml-tree.js';

/** Keys of a rule with alternatives that its alternatives do not take over. */
const own: ReadonlySet<string> = new Set([
  'id',
  'when',
  'events',
  'first',
  'switch',
  'cases',
  'else',
  'default',
  'required',
]);

/** An alternative with what the rule around it says and it does not. */
export function alternativeOf(rule: YamlMap, alternative: YamlMap): YamlMap {
  const taken = [...rule.entries].filter(([key]) => !own.has(key) && !alternative.entries.has(key));
  return withEntries(alternative, taken);
}
