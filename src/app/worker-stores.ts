/** The stores and the queue that the transform thread works with, whichever they are. */
import { join } from 'node:path';
import { EmbeddedQueue } from '../queue/embedded/queue.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { KeyOf } from '../store/archive-seal.js';
import { type ArchiveLedger, openArchiveLedger } from '../store/embedded/archive-ledger.js';
import { openEmbeddedRegistry } from '../store/embedded/registry.js';
import { openEmbeddedResources } from '../store/embedded/resources.js';
import type { RegistryPort, TenantRecord } from '../store/registry-port.js';
import type { ReindexPort } from '../store/reindex-port.js';
import type { ReplayBoardPort } from '../store/replay-board-port.js';
import type { ResourcePort } from '../store/resource-port.js';
import type { StoreChoice } from './store-choice.js';

/** What the thread does with the archive. Removing rows is for embedded files, whose writer is another thread. */
export type WorkerLedger = Omit<ArchiveLedger, 'prunable' | 'forget'> &
  Partial<Pick<ArchiveLedger, 'prunable' | 'forget'>>;

export interface WorkerStores {
  readonly registry: RegistryPort;
  readonly resources: ResourcePort & ReindexPort;
  readonly queue: QueuePort;
  /** Undefined where no other process writes resources. */
  readonly replays: ReplayBoardPort | undefined;
  /** Takes over where each tenant's resources are. */
  learn(tenants: readonly TenantRecord[]): void;
  /** What was written so far, by kind of row; where nobody counts, nothing. */
  written(): Readonly<Record<string, number>>;
  openLedger(options: { readonly run: number; readonly keyOf: KeyOf }): Promise<WorkerLedger>;
  /** Closes all of them but the ledger. */
  close(): Promise<void>;
}

export async function openWorkerStores(choice: StoreChoice): Promise<WorkerStores> {
  if (choice.kind === 'embedded') return embedded(choice.dataFolder);
  // a driver that is not needed is not loaded
  return (await import('./mongo-worker-stores.js')).openMongoWorkerStores(choice);
}

function embedded(dataFolder: string): WorkerStores {
  const registry = openEmbeddedRegistry(join(dataFolder, 'registry.db'));
  const resources = openEmbeddedResources(join(dataFolder, 'tenants'));
  const queue = new EmbeddedQueue();
  return {
    ...{ registry, resources, queue },
    replays: undefined,
    learn() {},
    written: () => resources.counters(),
    openLedger: async (options) => openArchiveLedger(join(dataFolder, 'archive'), options),
    async close() {
      await queue.close();
      await resources.close();
      await registry.close();
    },
  };
}
