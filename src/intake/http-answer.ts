import { Fault, fault } from '../core/errors.js';
import { sendScope } from './http-request.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Seconds after which a sender whose message could not be stored is asked to come again. */
const retryAfter = '10';

/**
 * The answer that carries acknowledgements: 200 whatever their codes say (HL7 over HTTP 2.6), in the media type of the request;
 * 204 where the sender wants none.
 */
export function acknowledgementAnswer(reply: Buffer | undefined, contentType: string): HttpAnswer {
  if (reply === undefined) return { status: 204, headers: {}, body: '' };
  return { status: 200, headers: { 'Content-Type': contentType }, body: reply };
}

/** The answer to a message that could not be stored: nothing that looks like an acknowledgement. */
export function unavailableFault(): Fault {
  return fault('store-unavailable', 'the message could not be stored and is not taken; send it again');
}

/** A refusal as plain text: what is not a 2xx never has the type of a message (HL7 over HTTP 2.6). */
export function problemAnswer(problem: Fault): HttpAnswer {
  return {
    status: problem.httpStatus,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headersOf(problem) },
    body: `${problem.message}\n`,
  };
}

function headersOf(problem: Fault): Readonly<Record<string, string>> {
  switch (problem.code) {
    case 'unauthorized':
      return { 'WWW-Authenticate': 'Bearer realm="wardline"' };
    case 'forbidden':
      return { 'WWW-Authenticate': `Bearer realm="wardline", error="insufficient_scope", scope="${sendScope}"` };
    case 'method-not-allowed':
      return { Allow: 'POST' };
    default:
      return problem.nature === 'transient' ? { 'Retry-After': retryAfter } : {};
  }
}

/** Anything thrown as a fault of the catalogue; the text of what is not one stays here. */
export function httpFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET') return fault('invalid-request', 'the request was cut off');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return fault('too-large', 'the body is larger than this listener takes');
  if (typeof code === 'string' && (code.startsWith('FST_ERR_CTP_') || code === 'FST_ERR_BAD_URL')) {
    return fault('invalid-request', 'the request cannot be read');
  }
  return fault('internal', 'an internal error: send the message again', { cause: error });
}
