/**
 * The one catalogue of errors. Retries go by `nature`, never by message text:
 * `transient` may succeed later as it stands, `permanent` never will, `ambiguous` may have taken effect.
 */
export type ErrorNature = 'transient' | 'permanent' | 'ambiguous';

interface CatalogueEntry {
  readonly nature: ErrorNature;
  /** HTTP status when the error reaches a FHIR or admin client. */
  readonly http: number;
  /** OperationOutcome issue code (R4); renderings of older versions replace what they lack. */
  readonly issue: string;
}

const catalogue = {
  // configuration and start
  'config-invalid': { nature: 'permanent', http: 500, issue: 'invalid' },
  'port-in-use': { nature: 'permanent', http: 500, issue: 'conflict' },
  'data-folder-locked': { nature: 'permanent', http: 500, issue: 'lock-error' },
  'data-folder-unusable': { nature: 'permanent', http: 500, issue: 'exception' },
  'format-too-new': { nature: 'permanent', http: 500, issue: 'exception' },
  // it is on its way to another store, or has arrived there
  'installation-moved': { nature: 'permanent', http: 500, issue: 'exception' },
  'mapping-invalid': { nature: 'permanent', http: 422, issue: 'invalid' },
  // other ids than those of what is stored
  'mapping-rekeys': { nature: 'permanent', http: 409, issue: 'conflict' },
  usage: { nature: 'permanent', http: 400, issue: 'invalid' },
  'not-reachable': { nature: 'transient', http: 503, issue: 'transient' },
  // stores and queue
  'store-unavailable': { nature: 'transient', http: 503, issue: 'transient' },
  // a damaged file is mended by who looks after it, so that what needs it waits
  'store-corrupt': { nature: 'transient', http: 503, issue: 'exception' },
  'document-unreadable': { nature: 'permanent', http: 500, issue: 'exception' },
  'disk-full': { nature: 'transient', http: 503, issue: 'no-store' },
  'seal-broken': { nature: 'permanent', http: 500, issue: 'security' },
  'backup-damaged': { nature: 'permanent', http: 500, issue: 'exception' },
  // what is there of a restore is a part of an installation
  'restore-unfinished': { nature: 'permanent', http: 500, issue: 'exception' },
  'stale-registry': { nature: 'transient', http: 503, issue: 'transient' },
  'audit-unavailable': { nature: 'transient', http: 503, issue: 'transient' },
  // messages
  'message-unreadable': { nature: 'permanent', http: 422, issue: 'structure' },
  'message-without-patient': { nature: 'permanent', http: 422, issue: 'required' },
  'message-failed': { nature: 'permanent', http: 500, issue: 'exception' },
  // FHIR requests
  'not-found': { nature: 'permanent', http: 404, issue: 'not-found' },
  gone: { nature: 'permanent', http: 410, issue: 'deleted' },
  'not-supported': { nature: 'permanent', http: 400, issue: 'not-supported' },
  'invalid-request': { nature: 'permanent', http: 400, issue: 'invalid' },
  'method-not-allowed': { nature: 'permanent', http: 405, issue: 'not-supported' },
  'not-acceptable': { nature: 'permanent', http: 406, issue: 'not-supported' },
  conflict: { nature: 'permanent', http: 409, issue: 'conflict' },
  'precondition-failed': { nature: 'permanent', http: 412, issue: 'conflict' },
  'too-large': { nature: 'permanent', http: 413, issue: 'too-long' },
  'unsupported-media-type': { nature: 'permanent', http: 415, issue: 'not-supported' },
  'search-too-long': { nature: 'permanent', http: 400, issue: 'too-long' },
  'too-costly': { nature: 'permanent', http: 403, issue: 'too-costly' },
  'too-many-attempts': { nature: 'transient', http: 429, issue: 'throttled' },
  unauthorized: { nature: 'permanent', http: 401, issue: 'login' },
  forbidden: { nature: 'permanent', http: 403, issue: 'forbidden' },
  internal: { nature: 'permanent', http: 500, issue: 'exception' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** An error of the catalogue. Its message says what, where and what would be right, and holds nothing of a patient. */
export class Fault extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Fault';
    this.code = code;
  }

  get nature(): ErrorNature {
    return catalogue[this.code].nature;
  }

  get httpStatus(): number {
    return catalogue[this.code].http;
  }

  get issueCode(): string {
    return catalogue[this.code].issue;
  }
}

/** Makes an error of the catalogue: `throw fault('not-found', 'no Patient with this id')`. */
export function fault(code: ErrorCode, message: string, options?: ErrorOptions): Fault {
  return new Fault(code, message, options);
}

/** True for an error that may succeed when tried again as it stands. */
export function isTransient(error: unknown): boolean {
  return error instanceof Fault && error.nature === 'transient';
}
