import type { z } from 'zod';
import { schemaMessage } from '../core/config-issues.js';
import { type ErrorCode, Fault, fault } from '../core/errors.js';

/** RFC 9457, with our stable code. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
}

export const problemType = 'application/problem+json';

export function problem(error: Fault): Problem {
  return { title: error.code.replaceAll('-', ' '), status: error.httpStatus, code: error.code, detail: error.message };
}

/** Any error as one of the catalogue. What is not ours never shows its text. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const status = (error as { statusCode?: number }).statusCode;
  if (status === 413) return fault('too-large', 'the body is too large');
  if (status === 415) return fault('unsupported-media-type', 'the body must be application/json');
  if (status !== undefined && status >= 400 && status < 500)
    return fault('invalid-request', 'the request cannot be read');
  return fault('internal', 'internal error', { cause: error });
}

/** Checks a body or query against its schema. Throws `invalid-request` with every issue and its path. */
export function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value ?? {}, { error: schemaMessage });
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw fault('invalid-request', issues.join('; '));
}
