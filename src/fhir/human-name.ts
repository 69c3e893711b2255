import type { Json, JsonObject } from '../core/json.js';
import { objects, text } from './members.js';

/** The names by preference; a name of another use comes before old ones only. */
const preference = ['official', 'usual'];
const last = new Set(['old', 'maiden']);

/** What a person is called, of one HumanName or a list, in the shape of any version (DSTU2 lists families). */
export function nameText(value: Json | undefined): string | undefined {
  const names = objects(value);
  const chosen =
    preference.flatMap((use) => names.filter((name) => name.use === use))[0] ??
    names.find((name) => !last.has(text(name.use) ?? '')) ??
    names[0];
  return chosen === undefined ? undefined : (text(chosen.text) ?? assembled(chosen));
}

function assembled(name: JsonObject): string | undefined {
  const words = ['prefix', 'given', 'family', 'suffix'].flatMap((part) => {
    const value = name[part];
    return Array.isArray(value) ? value.flatMap((word) => text(word) ?? []) : (text(value) ?? []);
  });
  return words.length > 0 ? words.join(' ') : undefined;
}
