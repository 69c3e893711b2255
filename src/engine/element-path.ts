import { isJsonObject, type Json, type JsonObject } from '../core/json.js';

/** The value at a path of object members (`hospitalization.admitSource`); undefined when there is none. */
export function valueAt(resource: JsonObject, path: string): Json | undefined {
  if (!path.includes('.')) return resource[path];
  let value: Json | undefined = resource;
  for (const name of path.split('.')) {
    if (!isJsonObject(value)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * Sets the value at a path of object members, making the objects on the way; objects already there are copied first.
 * The value of a choice (`value[x]`) is an object whose members are set beside the others.
 */
export function setAt(resource: JsonObject, path: string, value: Json): void {
  if (!path.includes('.')) {
    setMember(resource, path, value);
    return;
  }
  const names = path.split('.');
  const last = names.pop() ?? path;
  let target = resource;
  for (const name of names) {
    const next = target[name];
    const own: JsonObject = isJsonObject(next) ? { ...next } : {};
    target[name] = own;
    target = own;
  }
  setMember(target, last, value);
}

/** Members of a choice exclude each other, so a choice is one element (`value[x]`) that holds the one member. */
export function isChoice(path: string): boolean {
  return path.endsWith('[x]');
}

function setMember(target: JsonObject, name: string, value: Json): void {
  if (isChoice(name) && isJsonObject(value)) Object.assign(target, value);
  else target[name] = value;
}
