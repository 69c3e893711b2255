/**
 * What another converter's bundle holds and ours does not, leaf by leaf. Ids, references' targets by id, narratives and the order
 * of lists and entries are left out of it: both are flattened to (type, path without indexes, value), and a time is an instant.
 */
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';

export interface BundleDifference {
  /** `Encounter.participant.type.coding.code` */
  readonly at: string;
  /** A reference is the type it names: `→Practitioner`. */
  readonly value: string;
  /** Where ours has the value instead; undefined where it has it nowhere. */
  readonly elsewhere: string | undefined;
}

/** Lists every leaf of `theirs` that `ours` lacks at its place, each once. */
export function bundleDifferences(theirs: JsonObject, ours: JsonObject): BundleDifference[] {
  const places = new Map<string, Set<string>>();
  for (const { at, value } of leavesOf(ours)) places.set(value, (places.get(value) ?? new Set()).add(at));
  const found = new Map<string, BundleDifference>();
  for (const { at, value } of leavesOf(theirs)) {
    const there = places.get(value);
    if (there?.has(at) === true) continue;
    found.set(`${at} ${value}`, { at, value, elsewhere: there === undefined ? undefined : [...there][0] });
  }
  return [...found.values()];
}

interface BundleLeaf {
  readonly at: string;
  readonly value: string;
}

function leavesOf(bundle: JsonObject): BundleLeaf[] {
  const found: BundleLeaf[] = [];
  const walk = (value: Json, at: string): void => {
    if (Array.isArray(value)) for (const each of value) walk(each, at);
    else if (isJsonObject(value)) {
      const url = value['url'];
      const place = at.endsWith('xtension') && typeof url === 'string' ? `${at}(${url.split('/').at(-1)})` : at;
      for (const [name, member] of Object.entries(value)) {
        if (name === 'text' && isJsonObject(member) && 'div' in member) continue;
        if (['id', 'resourceType', 'url'].includes(name) || member === undefined) continue;
        walk(member, `${place}.${name}`);
      }
    } else if (value !== null) found.push({ at, value: plain(at, String(value)) });
  };
  const entries = bundle['entry'];
  for (const entry of Array.isArray(entries) ? entries : []) {
    const resource = isJsonObject(entry) ? entry['resource'] : undefined;
    if (isJsonObject(resource)) walk(resource, String(resource['resourceType']));
  }
  return found;
}

function plain(at: string, value: string): string {
  if (at.endsWith('.reference')) return `→${value.split('/').at(-2) ?? ''}`;
  if (/^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))) return new Date(value).toISOString();
  return value.trim().replaceAll(/\s+/g, ' ');
}
