import type { Config } from '../core/config.js';
import type { Log } from '../core/log.js';
import type { ClientRegistry } from './client-registry.js';
import type { Role } from './role.js';

interface ServedAt {
  readonly host: string;
  readonly port: number;
}

/** What `start` needs of a system that runs. */
export interface RunningSystem {
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  /** Undefined where the role of the process does not serve it. */
  readonly http: ServedAt | undefined;
  readonly admin: ServedAt | undefined;
  readonly health: ServedAt | undefined;
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
 * Starts everything that the configuration names and the role does, or nothing.
 * @throws the reason of `cancelled`; Fault `port-in-use`, `data-folder-locked`, `data-folder-unusable` …
 */
export type StartSystem = (
  config: Config,
  options: {
    readonly log: Log;
    readonly version: string;
    /** `all` when left out. */
    readonly role?: Role;
    /** Ends starting before the next part; then what had started is stopped. */
    readonly cancelled?: AbortSignal;
  },
) => Promise<RunningSystem>;
