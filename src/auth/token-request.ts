/** The forms in which a token request may arrive (RFC 6749 §2.3.1, §3.2, §4.4.2, and what the Patients app draws). */
import { isJsonObject, type Json } from '../core/json.js';

/** A request to the token endpoint as it came over HTTP. */
export interface TokenHttpRequest {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
  /** Remote address, for limiting failed attempts. */
  readonly address: string;
}

/** What was asked. Empty text where a parameter was left out. */
export interface TokenRequest {
  readonly grantType: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly assertionType: string;
  readonly assertion: string;
  /** The client named itself by HTTP Basic, so that a refusal is a Basic challenge. */
  readonly basic: boolean;
}

/** Why a request cannot be read; the description never holds a value. */
export interface RequestProblem {
  readonly error: 'invalid_request' | 'invalid_client';
  readonly description: string;
}

/**
 * Reads form and JSON bodies; hyphens in parameter names count as underscores. A parameter given twice with different
 * values is refused (RFC 6749 §3.2), and so are two ways of authenticating at once (§2.3).
 */
export function readTokenRequest(request: TokenHttpRequest): TokenRequest | RequestProblem {
  const parameters = isJson(request) ? fromJson(request.body) : fromForm(request.body);
  if (!(parameters instanceof Map)) return parameters;
  const basic = readBasic(request.authorization);
  if (basic === 'malformed') return { error: 'invalid_client', description: 'the Authorization header is malformed' };
  const of = (name: string): string => parameters.get(name) ?? '';
  if (basic !== null) {
    if (of('client_secret') !== '' || of('client_assertion') !== '') {
      return { error: 'invalid_request', description: 'the client authenticates in two ways; use one' };
    }
    if (of('client_id') !== '' && of('client_id') !== basic.id) {
      return { error: 'invalid_request', description: 'client_id differs from that of the Authorization header' };
    }
  }
  if (of('client_secret') !== '' && of('client_assertion') !== '') {
    return { error: 'invalid_request', description: 'the client authenticates in two ways; use one' };
  }
  return {
    grantType: of('grant_type'),
    clientId: basic?.id ?? of('client_id'),
    clientSecret: basic?.secret ?? of('client_secret'),
    scope: of('scope'),
    assertionType: of('client_assertion_type'),
    assertion: of('client_assertion'),
    basic: basic !== null,
  };
}

function isJson(request: TokenHttpRequest): boolean {
  const type = request.contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return true;
  // Some clients say form, as their library does by itself, and send JSON. No form that we take begins like this.
  return request.body.trimStart().startsWith('{');
}

function fromForm(body: string): Map<string, string> | RequestProblem {
  return collect([...new URLSearchParams(body)]);
}

function fromJson(body: string): Map<string, string> | RequestProblem {
  let value: Json;
  try {
    value = JSON.parse(body) as Json;
  } catch {
    return { error: 'invalid_request', description: 'the body is not JSON' };
  }
  if (!isJsonObject(value)) return { error: 'invalid_request', description: 'the body is not a JSON object' };
  const pairs: [string, string][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string') pairs.push([name, member]);
  }
  return collect(pairs);
}

function collect(pairs: readonly (readonly [string, string])[]): Map<string, string> | RequestProblem {
  const parameters = new Map<string, string>();
  for (const [sent, value] of pairs) {
    const name = sent.replaceAll('-', '_');
    if (parameters.has(name) && parameters.get(name) !== value) {
      return { error: 'invalid_request', description: 'a parameter is given twice' };
    }
    parameters.set(name, value);
  }
  return parameters;
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined and encoded as base64. */
function readBasic(authorization: string | undefined): { id: string; secret: string } | 'malformed' | null {
  const found = authorization === undefined ? null : /^Basic +([A-Za-z0-9+/_=-]+) *$/i.exec(authorization);
  if (found === null) return authorization !== undefined && /^Basic\b/i.test(authorization) ? 'malformed' : null;
  const text = Buffer.from(found[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return 'malformed';
  return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
