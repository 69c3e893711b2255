import { isJsonObject, type Json, type JsonObject } from '../core/json.js';

/** The objects in a member that may be one object, a list or absent. */
export function objects(value: Json | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isJsonObject);
  return isJsonObject(value) ? [value] : [];
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * A copy in which members go by other names; a primitive's companion (`_name`) goes with it.
 * `null` as the new name drops the member. A name that is already taken is left as it stands.
 */
export function renamed(source: JsonObject, names: Readonly<Record<string, string | null>>): JsonObject {
  const out: JsonObject = {};
  for (const key of Object.keys(source)) {
    const companion = key.startsWith('_');
    const name = companion ? key.slice(1) : key;
    const next = Object.hasOwn(names, name) ? names[name] : name;
    const value = source[key];
    if (next === null || next === undefined || value === undefined) continue;
    const target = companion ? `_${next}` : next;
    if (next === name || source[target] === undefined) out[target] = value;
  }
  return out;
}

/** A copy with the given members set; `undefined` removes one. */
export function changed(source: JsonObject, members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const out: JsonObject = { ...source };
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) delete out[key];
    else out[key] = value;
  }
  return out;
}

/** The first code of a CodeableConcept or Coding, or the code itself. */
export function codeOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return text(value);
  if (!isJsonObject(value)) return undefined;
  return text(value.code) ?? objects(value.coding).flatMap((coding) => text(coding.code) ?? [])[0];
}

/** What a person would read of a CodeableConcept: its text, else its first display, else its first code. */
export function conceptText(value: Json | undefined): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const codings = objects(value.coding);
  return (
    text(value.text) ??
    codings.flatMap((coding) => text(coding.display) ?? [])[0] ??
    codings.flatMap((coding) => text(coding.code) ?? [])[0]
  );
}

/** The texts of annotations, one a line; undefined where there are none. */
export function joinedNotes(value: Json | undefined): string | undefined {
  const lines = objects(value).flatMap((note) => text(note.text) ?? []);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

/**
 * One annotation for versions that allow one. Notes without author and time are joined; where a note names
 * either, the first stands alone, so that no words are put into another's mouth.
 */
export function oneNote(value: Json | undefined): JsonObject | undefined {
  const notes = objects(value);
  const [first] = notes;
  if (first === undefined || notes.length === 1) return first;
  const signed = notes.some((note) => Object.keys(note).some((key) => key !== 'text'));
  const joined = joinedNotes(value);
  return signed || joined === undefined ? first : { text: joined };
}
