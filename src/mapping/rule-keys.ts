import { withEntries, type YamlMap } from './yaml-tree.js';

/** Every key a rule may have. */
export const ruleKeys: readonly string[] = [
  ...[
    'id',
    'from',
    'where',
    'when',
    'events',
    'to',
    'value',
    'map',
    'set',
    'ref',
    'refers',
    'table',
    'system',
    'apply',
    'format',
    'join',
  ],
  ...['first', 'switch', 'cases', 'else', 'default', 'weak', 'item', 'deleted', 'required', 'says', 'at', 'update'],
];

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
