/** Plain JSON, as read from or written to FHIR. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON text that is the same for equal values: object keys in code-unit order, `undefined` left out.
 * Content hashes and ties between equal stamps are taken over it.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (!Array.isArray(value)) return members(value, Object.keys(value).sort(), canonicalJson);
  let text = '';
  for (const item of value) text += text === '' ? canonicalJson(item) : `,${canonicalJson(item)}`;
  return `[${text}]`;
}

/**
 * The texts of one resource after another: JSON text as it stands, and `canonicalJson`. The text of a member that the one
 * before had too, as the same object, is not made again, so nobody may change what is in it.
 */
export const resourceTexts = {
  plain: (resource: JsonObject): string => members(resource, Object.keys(resource), plainText),
  canonical: (resource: JsonObject): string => members(resource, Object.keys(resource).sort(), canonicalText),
};

const plainText = remembering(JSON.stringify);
const canonicalText = remembering(canonicalJson);

function remembering(print: (value: Json) => string): (value: Json) => string {
  const texts = new WeakMap<object, string>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return print(value);
    const known = texts.get(value);
    if (known !== undefined) return known;
    const text = print(value);
    texts.set(value, text);
    return text;
  };
}

function members(object: JsonObject, names: readonly string[], print: (value: Json) => string): string {
  let text = '';
  for (const name of names) {
    const value = object[name];
    if (value !== undefined) text += `${text === '' ? '' : ','}${quoted(name)}:${print(value)}`;
  }
  return `{${text}}`;
}

/** `after` with the members of `before` that are equal, as the same objects; `before` itself where all are. */
export function sharedJson(before: JsonObject, after: JsonObject): JsonObject {
  const shared: JsonObject = {};
  let same = true;
  for (const name in after) {
    const [old, young] = [before[name], after[name]];
    if (young === undefined) continue;
    const equal = old !== undefined && equalJson(old, young);
    shared[name] = equal ? old : young;
    same &&= equal;
  }
  for (const name in before) same &&= shared[name] !== undefined || before[name] === undefined;
  return same ? before : shared;
}

/** True when both, plain data, have the same canonical JSON, without writing it. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  return equalMembers(a as JsonObject, b as JsonObject);
}

function equalMembers(a: JsonObject, b: JsonObject): boolean {
  for (const key in a) if (!equalJson(a[key], b[key])) return false;
  for (const key in b) if (a[key] === undefined && b[key] !== undefined) return false;
  return true;
}

const plainName = /^\w+$/;

function quoted(key: string): string {
  return plainName.test(key) ? `"${key}"` : JSON.stringify(key);
}
