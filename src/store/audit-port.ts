/** Who did what, and which patients were shown. Never names, identifiers of the hospital or search values. */
export interface AuditEvent {
  readonly at: number;
  readonly tenant: string | null;
  readonly client: string | null;
  readonly address: string;
  /** `read`, `search`, `history`, `batch`, `token`, `message-read`, `admin` … */
  readonly action: string;
  /** Resource type, or the admin object. */
  readonly subject: string;
  /** Parameter names of a search, without values. */
  readonly parameters: readonly string[];
  readonly outcome: 'granted' | 'denied' | 'failed';
  readonly status: number;
  /** Ids of the patients whose data were in the answer. */
  readonly patients: readonly string[];
}

/** What an HTTP status says of the outcome. */
export function outcomeOfStatus(status: number): AuditEvent['outcome'] {
  if (status < 400) return 'granted';
  return status === 401 || status === 403 ? 'denied' : 'failed';
}

export interface AuditRecord extends AuditEvent {
  readonly run: number;
  readonly number: number;
  /** Hash over the record and the hash before it: a chain per process run. */
  readonly chain: string;
}

/** Append-only. `append` is durable when it resolves; rejects with `audit-unavailable`. */
export interface AuditPort {
  append(events: readonly AuditEvent[]): Promise<void>;
  list(filter: {
    readonly tenant?: string;
    readonly patient?: string;
    readonly limit: number;
  }): Promise<readonly AuditRecord[]>;
  /** Runs whose chain does not hold, with the number of the first record that is wrong; run 0: a whole run is missing. */
  verify(): Promise<readonly { readonly run: number; readonly number: number }[]>;
  close(): Promise<void>;
}
