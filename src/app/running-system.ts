import type { Config } from '../core/config.js';
import type { Log } from '../core/log.js';
import type { ClientRegistry } from './client-registry.js';

/** What `start` needs of a system that runs. */
export interface RunningSystem {
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly http: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number };
  /** Without a slash at the end; what links are made from. */
  readonly publicUrl: string;
  readonly registry: ClientRegistry;
  /**
   * Takes up changed mapping files and certificates now; with a configuration also its tenants, clients, listeners, profiles
   * and mapping folders. What cannot be used is logged, and what was in use stays.
   */
  reload(next?: Config): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts everything that the configuration names, or nothing.
 * @throws the reason of `cancelled`; Fault `port-in-use`, `data-folder-locked`, `data-folder-unusable` …
 */
export type StartSystem = (
  config: Config,
  options: {
    readonly log: Log;
    readonly version: string;
    /** Ends starting before the next part; then what had started is stopped. */
    readonly cancelled?: AbortSignal;
  },
) => Promise<RunningSystem>;
