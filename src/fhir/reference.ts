import { isJsonObject, type Json } from '../core/json.js';

/** What a reference's text says. `url` is set when it is absolute; type and id when it has the form of a RESTful one. */
export interface ParsedReference {
  readonly type: string | null;
  readonly id: string | null;
  readonly url: string | null;
  readonly contained: boolean;
}

const restful = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Reads a Reference element, or the text of one (R4 §2.3.0). Null when it has no text; R4's `type` is used where the text has none. */
export function parseReference(value: Json): ParsedReference | null {
  const text = isJsonObject(value) ? value.reference : value;
  const declared = isJsonObject(value) && typeof value.type === 'string' ? value.type : null;
  if (typeof text !== 'string' || text === '') {
    return declared === null ? null : { type: declared, id: null, url: null, contained: false };
  }
  if (text.startsWith('#')) return { type: declared, id: null, url: null, contained: true };
  const match = restful.exec(text);
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(text);
  return {
    type: match?.[1] ?? declared,
    id: match?.[2] ?? null,
    url: absolute || match === null ? text : null,
    contained: false,
  };
}
