import type { Json, JsonObject } from '../core/json.js';
import { makes } from './descriptions.js';
import type { Run } from './run.js';

/** A copy of a JSON value; constants of rules are never shared between messages. */
function copyOf(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) copy[key] = copyOf(value[key] ?? null);
  return copy;
}

/** Gives a constant of a rule, a copy each time. One that holds something empty has the drafts cleaned of such. */
export function constantOf(value: Json): (run: Run) => Json {
  if (typeof value !== 'object' || value === null) return makes.as(() => value, { op: 'constant', value });
  const hollow = holdsEmpty(value);
  if (!hollow) return makes.as(() => copyOf(value), { op: 'constant', value });
  return (run) => {
    run.hollow = true;
    return copyOf(value);
  };
}

function holdsEmpty(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const members = Array.isArray(value) ? value : Object.values(value);
  return members.length === 0 || members.some(holdsEmpty);
}
