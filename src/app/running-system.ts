import type { Log } from '../core/log.js';
import type { RegistryPort } from '../store/registry-port.js';

export interface StartOptions {
  readonly log: Log;
  /** Of the program. */
  readonly version: string;
}

/** A system that runs. */
export interface RunningSystem {
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly http: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number };
  /** Without a slash at the end; what links are made from. */
  readonly publicUrl: string;
  readonly registry: RegistryPort;
  stop(): Promise<void>;
}
