import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { Draft, DraftElement, MappedMessage, VisitStatement } from './draft.js';

/** A draft with the id of its document. */
export interface Identified {
  readonly draft: Draft;
  readonly id: string;
}

const noObjects: readonly JsonObject[] = [];

/**
 * Gives every draft with a key its id, by `idOf(type, parts)` over the key of its patient (if it stands in it) and its own parts, and
 * writes `Type/id` into the references and attachments that name it. References to drafts without a key keep their display; one with nothing at all is
 * taken out. To be called once a message: it completes the drafts in place.
 */
export function identify(
  mapped: MappedMessage,
  idOf: (type: string, parts: readonly string[]) => string,
): Identified[] {
  const identified: Identified[] = [];
  for (const draft of mapped.drafts) {
    const { key } = draft;
    if (key === undefined) continue;
    const id = idOf(draft.type, keyParts(draft));
    const address = `${draft.type}/${id}`;
    for (const reference of draft.referrers) reference['reference'] = address;
    for (const attachment of draft.attachments ?? noObjects) attachment['url'] = address;
    identified.push({ draft, id });
  }
  if (mapped.open !== undefined && !mapped.open.some(isEmpty)) return identified;
  for (const { draft } of identified) {
    keep(draft.elements as DraftElement[], ({ value }) => value === null || without(value) !== undefined);
    keep(draft.visit as VisitStatement[], saysSomething);
  }
  return identified;
}

function isEmpty(object: JsonObject): boolean {
  for (const _name in object) return false;
  return true;
}

function saysSomething(said: VisitStatement): boolean {
  if (said.kind === 'cancel') return true;
  return without(said.kind === 'element' ? said.element.value : said.value) !== undefined;
}

/** The parts that an id is made from: the key of the patient first, then its own. */
export function keyParts(draft: Draft): readonly string[] {
  const { key } = draft;
  if (key === undefined) return [];
  return key.patient?.key === undefined ? key.parts : [...key.patient.key.parts, ...key.parts];
}

/** Leaves in a list what passes. */
function keep<T>(list: T[], passes: (each: T) => boolean): void {
  let kept = 0;
  for (const each of list) if (passes(each)) list[kept++] = each;
  list.length = kept;
}

/** Takes empty objects and lists out, in place; undefined when nothing is left. */
function without(value: Json): Json | undefined {
  if (Array.isArray(value)) {
    let kept = 0;
    for (const each of value) {
      const rest = without(each);
      if (rest !== undefined) value[kept++] = rest;
    }
    value.length = kept;
    return kept === 0 ? undefined : value;
  }
  if (!isJsonObject(value)) return value;
  const object: JsonObject = value;
  let left = false;
  for (const key in object) {
    const member = object[key];
    if (member === undefined || (typeof member === 'object' && without(member) === undefined)) delete object[key];
    else left = true;
  }
  return left ? object : undefined;
}
