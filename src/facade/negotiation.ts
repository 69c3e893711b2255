import { fault } from '../core/errors.js';
import { type FhirVersion, versionNumber } from '../fhir/version.js';

const own: Readonly<Record<FhirVersion, string>> = {
  R4: 'application/fhir+json',
  STU3: 'application/fhir+json',
  DSTU2: 'application/json+fhir',
};

const json: ReadonlySet<string> = new Set([
  'json',
  'application/json',
  'application/fhir+json',
  'application/json+fhir',
  'text/json',
]);
const anything: ReadonlySet<string> = new Set(['*/*', 'application/*', 'text/*']);

/** The content type of everything that a version's base answers, unless plain `application/json` is what was asked for. */
export function contentTypeOf(version: FhirVersion): string {
  return `${own[version]}; charset=utf-8`;
}

/**
 * The content type for an answer. `_format` comes before Accept (R4 §3.1.0.1.11); browsers' Accept headers end in a
 * wildcard and get JSON.
 * @throws Fault `not-acceptable` where only something else than JSON is asked for
 */
export function negotiate(version: FhirVersion, accept: string | undefined, format: string | undefined): string {
  if (format !== undefined && format !== '') {
    // A `+` that was not escaped arrives as a space.
    const asked = mediaType(format.replaceAll(' ', '+'));
    if (!json.has(asked)) throw notAcceptable();
    return asked === 'application/json' ? 'application/json; charset=utf-8' : contentTypeOf(version);
  }
  if (accept === undefined || accept.trim() === '') return contentTypeOf(version);
  const ranges = accept.split(',').filter((range) => !/;\s*q=0(\.0*)?\s*(;|$)/.test(range) && isOf(version, range));
  const types = ranges.map(mediaType);
  if (types.some((type) => anything.has(type) || (json.has(type) && type !== 'application/json'))) {
    return contentTypeOf(version);
  }
  if (types.includes('application/json')) return 'application/json; charset=utf-8';
  throw notAcceptable();
}

/** The media types of an Accept header, lower case, without those that it rules out. */
export function acceptedTypes(accept: string): string[] {
  return accept
    .split(',')
    .filter((range) => !/;\s*q=0(\.0*)?\s*(;|$)/.test(range))
    .map(mediaType)
    .filter((type) => type !== '');
}

/** True for a media type by which JSON is asked for. */
export function isJsonType(type: string): boolean {
  return json.has(type);
}

/** False for a media range that asks for another FHIR version (R4 §3.1.0.1.13). */
function isOf(version: FhirVersion, range: string): boolean {
  const asked = /;\s*fhirVersion="?(\d+\.\d+)/i.exec(range)?.[1];
  return asked === undefined || versionNumber[version].startsWith(`${asked}.`);
}

/** How a request body of a content type is read; undefined for one that we do not take. */
export function bodyKind(contentType: string | undefined): 'json' | 'form' | undefined {
  if (contentType === undefined) return undefined;
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) return undefined;
  const type = mediaType(contentType);
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return json.has(type) ? 'json' : undefined;
}

function mediaType(range: string): string {
  return (range.split(';')[0] ?? '').trim().toLowerCase();
}

function notAcceptable(): Error {
  return fault('not-acceptable', 'only JSON is served: ask for application/fhir+json');
}
