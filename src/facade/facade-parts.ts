import type { TokenEndpointParts } from '../auth/token-endpoint.js';
import type { Principal, TokenVerifier } from '../auth/verify-token.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { Metrics } from '../core/metrics.js';
import type { FhirVersion } from '../fhir/version.js';
import type { AuditPort } from '../store/audit-port.js';
import type { ResourceReader } from '../store/resource-port.js';

export interface FacadeLimits {
  /** Bytes of a request body. */
  readonly bodyBytes: number;
  /** Bytes of a request's line and headers together. Links of a search hold the whole of it, so that it limits those too. */
  readonly headerBytes: number;
  /** Milliseconds in which a request must have arrived whole. */
  readonly requestTimeout: number;
  /** Milliseconds until a search is given up. */
  readonly searchBudget: number;
  /** Milliseconds of them for counting all matches, unless the client asks for an exact total. */
  readonly countBudget: number;
  readonly batchEntries: number;
  /** Milliseconds for which a paging cursor is good. */
  readonly cursorLife: number;
}

export const usualLimits: FacadeLimits = {
  bodyBytes: 1024 * 1024,
  headerBytes: 64 * 1024,
  requestTimeout: 30_000,
  searchBudget: 5000,
  countBudget: 250,
  batchEntries: 200,
  cursorLife: 3_600_000,
};

/** An archived message, without its content. */
export interface ArchivedMessage {
  /** Epoch ms. */
  readonly arrival: number;
  readonly listener: string;
  /** MSH-3 and MSH-4 as sent, joined by `|`. */
  readonly sender: string;
  /** MSH-9 as sent. */
  readonly type: string;
  /** R4 types and ids of what it made or confirmed. */
  readonly made: readonly { readonly type: string; readonly id: string }[];
}

/** Reads of the archive that show no content. */
export interface MessageReader {
  /** Resolves undefined for a message that is not there, or another tenant's. */
  get(tenant: string, message: { readonly run: number; readonly number: number }): Promise<ArchivedMessage | undefined>;
}

/** What the facade is made of. */
export interface FacadeParts {
  /** Makes every link; without a slash at the end. */
  readonly publicUrl: string;
  /** The reading side of the store; a thread of its own where that helps. */
  readonly resources: Omit<ResourceReader, 'close'>;
  readonly messages: MessageReader;
  readonly audit: AuditPort;
  readonly verifier: TokenVerifier;
  readonly token: TokenEndpointParts;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'requests' | 'search' | 'tokens'>;
  /** The installation's master key; cursors are sealed under a key derived from it. */
  readonly master: Uint8Array;
  readonly software: { readonly name: string; readonly version: string };
  readonly limits: FacadeLimits;
}

/** One authorized request to one base. */
export interface Ask {
  readonly parts: FacadeParts;
  readonly version: FhirVersion;
  readonly principal: Principal;
  /** `Prefer: handling=strict` (R4 §3.1.1.2). */
  readonly strict: boolean;
}
