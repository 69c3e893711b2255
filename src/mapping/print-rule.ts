import { stringify } from 'yaml';
import type { Json } from '../core/json.js';

/** A rule as YAML, each key on its line, what lies deeper in one line. */
export function printRule(rule: Json): string {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return stringify(rule);
  return Object.entries(rule)
    .map(([key, value]) => `${key}: ${inOneLine(value)}\n`)
    .join('');
}

function inOneLine(value: Json): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();
}
