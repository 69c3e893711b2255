import type { AddressInfo } from 'node:net';

/** A listener of either kind. */
export interface RunningListener {
  /** Begins to listen and tells where. Rejects with `port-in-use`, or `config-invalid` for an address that is not ours. */
  start(): Promise<AddressInfo>;
  /** Connections that are open now. */
  readonly connectionCount: number;
  /** Takes up changed certificate files for new connections; files that do not fit together change nothing and are logged. */
  reloadCertificates(): void;
  /**
   * Accepts nothing more, makes durable and acknowledges what is under way, and closes. Connections that take longer than
   * `grace` milliseconds are cut.
   */
  stop(grace: number): Promise<void>;
}
