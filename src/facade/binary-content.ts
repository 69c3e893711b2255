import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { text } from '../fhir/members.js';
import { acceptedTypes, isJsonType } from './negotiation.js';

/** What a Binary holds, as it is sent. */
export interface BinaryContent {
  readonly contentType: string;
  readonly bytes: Buffer;
}

const mediaTypeForm = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

/**
 * True where a read of a Binary asks for its content and not for the resource (R4 §2.42.1): no media range of Accept is one of
 * ours. Wildcards get the resource, as everywhere.
 */
export function asksForContent(path: string, accept: string | undefined, format: string | undefined): boolean {
  if (!/^\/Binary\/[^/]+\/?$/.test(path) || accept === undefined || (format !== undefined && format !== ''))
    return false;
  const types = acceptedTypes(accept);
  return (
    types.length > 0 &&
    !types.some((type) => isJsonType(type) || type.includes('fhir') || /^(\*|application|text)\/\*$/.test(type))
  );
}

/**
 * The content of a Binary (R4 `data`, before it `content`) in the type that it names.
 * @throws Fault `not-acceptable` where that type was not asked for, or there is none
 */
export function contentOf(binary: JsonObject, accept: string): BinaryContent {
  const [contentType = ''] = (text(binary.contentType) ?? '').split(';').map((part) => part.trim().toLowerCase());
  const data = text(binary.data) ?? text(binary.content);
  const asked = acceptedTypes(accept).some(
    (type) => type === contentType || type === contentType.replace(/\/.*/, '/*'),
  );
  if (!asked || data === undefined || !mediaTypeForm.test(contentType)) {
    throw fault('not-acceptable', 'this Binary is not of a type asked for: ask for application/fhir+json');
  }
  return { contentType, bytes: Buffer.from(data, 'base64') };
}
