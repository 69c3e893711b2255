import { Fault, fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { outcome } from '../fhir/outcome.js';
import type { FhirVersion } from '../fhir/version.js';

/** Anything thrown as a fault of the catalogue; what is not one becomes `internal`, without its text. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return fault('too-large', 'the request body is too large');
  if (typeof code === 'string' && code.startsWith('FST_ERR_CTP_')) {
    return fault('invalid-request', 'the request body cannot be read');
  }
  // The client went away, or was cut, inside its body.
  if (code === 'ECONNRESET') return fault('invalid-request', 'the request ended before its end');
  if (code === 'FST_ERR_BAD_URL') return fault('invalid-request', 'the URL is malformed');
  return fault('internal', 'an internal error: nothing was done', { cause: error });
}

/** The OperationOutcome for a fault, in a version. */
export function outcomeOf(version: FhirVersion, problem: Fault): JsonObject {
  return outcome(version, [{ severity: 'error', code: problem.issueCode, diagnostics: problem.message }]);
}

/**
 * Headers that go with a fault's status. A token that was given and does not do is told why (RFC 6750 §3.1); who gave none is
 * told only that one is needed.
 */
export function problemHeaders(problem: Fault, authorization?: string): Readonly<Record<string, string>> {
  const challenge = 'Bearer realm="wardline"';
  switch (problem.code) {
    case 'unauthorized': {
      const given = /^Bearer\b/i.test(authorization ?? '');
      return { 'WWW-Authenticate': given ? `${challenge}, error="invalid_token"` : challenge };
    }
    case 'forbidden':
      return { 'WWW-Authenticate': `${challenge}, error="insufficient_scope"` };
    case 'method-not-allowed':
      return { Allow: 'GET, HEAD, POST' };
    default:
      return problem.nature === 'transient' ? { 'Retry-After': '1' } : {};
  }
}
