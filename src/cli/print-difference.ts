import type { Json } from '../core/json.js';

/** One element that came out otherwise, as the admin API tells it. */
export interface ElementJson {
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
  /** The rule that makes it now, or that made it; where it is known. */
  readonly rule?: string;
}

/** One resource that came out otherwise. */
export interface ResourceDifferenceJson {
  readonly reference: string;
  readonly change: string;
  readonly elements: readonly ElementJson[];
}

const longest = 120;

/** A line for the resource, and below it one for each element: old → new, with its rule. */
export function printDifference({ reference, change, elements }: ResourceDifferenceJson): string {
  const lines = elements.map(({ path, before, after, rule }) => {
    const by = rule === undefined ? '' : `  (${rule})`;
    return `    ${path}: ${shortText(before)} → ${shortText(after)}${by}\n`;
  });
  return `  ${reference}  ${change}\n${lines.join('')}`;
}

function shortText(value: Json | undefined): string {
  if (value === undefined) return '–';
  const text = JSON.stringify(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
