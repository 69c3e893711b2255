/** Bringing stored data to the form of this program, as it is asked for and looked at from outside. */
import type { StoredEditions } from '../store/reindex-port.js';

export interface TenantUpgrade {
  readonly tenant: string;
  /** Documents of another edition when it began; of many tenants and documents an estimate. */
  readonly documents: number;
  readonly done: number;
  /** Those of which nothing can be made. */
  readonly refused: number;
}

export interface UpgradeJob {
  readonly id: string;
  /** Of search values, that all documents are to have. */
  readonly edition: number;
  /** `waiting`: nothing is left to do until what it waits for has come or gone. */
  readonly state: 'running' | 'waiting' | 'done' | 'stopped' | 'failed';
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** `code: message` of what it failed with. */
  readonly error: string | undefined;
  /** Processes of another edition, and tenants whose data cannot be reached: a sentence each. */
  readonly waitsFor: readonly string[];
  readonly tenants: readonly TenantUpgrade[];
}

/** What there is to do, and what an upgrade goes by. */
export interface UpgradePlan {
  /** Edition of search values that this program makes. */
  readonly edition: number;
  readonly mappingVersion: number;
  /** Of what waits in the queue; undefined where it is kept by nobody but the process. */
  readonly queueFormat: { readonly found: number; readonly known: number } | undefined;
  /** Tenants with data. */
  readonly tenants: readonly (StoredEditions & { readonly id: string; readonly name: string })[];
  /** Processes of another edition, a sentence each. */
  readonly otherProcesses: readonly string[];
}

/** What all processes know of editions without looking at documents. */
export interface UpgradeState {
  readonly edition: number;
  /** Editions that documents may have. */
  readonly editions: readonly number[];
  /** The last one that was started. */
  readonly job: UpgradeJob | undefined;
}

/** Documents whose search values may not be those of this program. */
export function isUpgradeDue({ edition, editions }: Pick<UpgradeState, 'edition' | 'editions'>): boolean {
  return editions.some((other) => other !== edition);
}
