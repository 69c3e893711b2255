/**
 * What makes a document too large for the database stands beside it: long texts of its resource (a scanned page in a Binary or an attachment) and a
 * long state, by the hash of their content, so that all versions of a resource share them. In the document `null` stands in their place.
 */
import { createHash } from 'node:crypto';
import { fault } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { ByteParts, NamedParts } from './byte-parts.js';
import { partsOf } from './byte-parts.js';

/** A text that stands beside its document, and where it belongs. */
export interface OutsideValue extends NamedParts {
  readonly path: readonly (string | number)[];
}

/** A resource of which some texts stand outside. */
export interface HoldsOutside {
  readonly resource: JsonObject | null;
  readonly outside?: readonly OutsideValue[];
}

/** Shorter texts stay where they are. In characters. */
const long = 65_536;

/** Moves the long texts of a resource out; their bytes go to `contents`, by name. Those that are outside already stay so. */
export function moveOut<T extends Partial<HoldsOutside>>(holder: T, contents: Map<string, Uint8Array>): T {
  const { resource } = holder;
  if (resource === null || resource === undefined) return holder;
  const outside: OutsideValue[] = [];
  const walk = (value: Json, path: OutsideValue['path']): Json => {
    if (typeof value === 'string' && value.length >= long) {
      outside.push({ path, ...nameContent(Buffer.from(value, 'utf8'), contents) });
      return null;
    }
    if (Array.isArray(value)) return value.map((item, at) => walk(item, [...path, at]));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member, [...path, name])]));
  };
  const left = walk(resource, []);
  return outside.length === 0
    ? holder
    : { ...holder, resource: left, outside: [...(holder.outside ?? []), ...outside] };
}

/** Names bytes by their hash and adds them to what is to be written. */
export function nameContent(bytes: Uint8Array, contents: Map<string, Uint8Array>): NamedParts {
  const name = createHash('sha256').update(bytes).digest('base64url');
  contents.set(name, bytes);
  return { name, parts: partsOf(bytes) };
}

/** Puts what stands outside back into resources that were just read: they are changed. @throws Fault `store-corrupt` */
export async function putBack<T extends HoldsOutside>(
  contents: ByteParts,
  records: readonly T[],
): Promise<readonly T[]> {
  const texts = new Map<string, string>();
  for (const { resource, outside } of records) {
    for (const { path, name, parts } of outside ?? []) {
      const text = texts.get(name) ?? Buffer.from(await readContent(contents, { name, parts })).toString('utf8');
      texts.set(name, text);
      setAt(resource, path, text);
    }
  }
  return records;
}

/** @throws Fault `store-corrupt` when it is not there */
export async function readContent(contents: ByteParts, named: NamedParts): Promise<Uint8Array> {
  const bytes = await contents.read(named);
  if (bytes === undefined) throw fault('store-corrupt', 'the content of a resource is missing beside its document');
  return bytes;
}

function setAt(resource: JsonObject | null, path: OutsideValue['path'], text: string): void {
  let holder: unknown = resource;
  for (const step of path.slice(0, -1)) holder = (holder as Record<string | number, unknown> | null)?.[step];
  const last = path.at(-1);
  if (typeof holder === 'object' && holder !== null && last !== undefined)
    (holder as Record<string | number, unknown>)[last] = text;
}
