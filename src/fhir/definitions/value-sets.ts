import type { FhirVersion } from '../version.js';
import { definitionsOf } from './definition-files.js';

/** The codes of a value set that can be listed. */
export interface ValueSetCodes {
  /** code → its system, or null where several systems of the set share the code. */
  readonly systems: ReadonlyMap<string, string | null>;
  /** `system|code`. */
  readonly pairs: ReadonlySet<string>;
}

const expanded = new Map<string, ValueSetCodes | null>();

/** The codes of a required value set; null when they cannot be listed (mime types, languages, currencies). */
export function valueSetCodes(version: FhirVersion, url: string): ValueSetCodes | null {
  const key = `${version} ${url}`;
  const known = expanded.get(key);
  if (known !== undefined) return known;
  const listed = definitionsOf(version).valueSets[url];
  const codes = listed === undefined ? null : expand(listed);
  expanded.set(key, codes);
  return codes;
}

/** The system that a `code` element implies: that of its required value set, where there is exactly one for the code. */
export function impliedSystem(version: FhirVersion, valueSet: string, code: string): string | null {
  return valueSetCodes(version, valueSet)?.systems.get(code) ?? null;
}

function expand(listed: readonly string[]): ValueSetCodes {
  const systems = new Map<string, string | null>();
  for (const pair of listed) {
    const bar = pair.lastIndexOf('|');
    const code = pair.slice(bar + 1);
    const system = pair.slice(0, bar);
    systems.set(code, systems.has(code) && systems.get(code) !== system ? null : system);
  }
  return { systems, pairs: new Set(listed) };
}
