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

/** Sets the value at a path of object members, making the objects on the way; objects already there are copied first. */
export function setAt(resource: JsonObject, path: string, value: Json): void {
  if (!path.includes('.')) {
    resource[path] = value;
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
  target[last] = value;
}
