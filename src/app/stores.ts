/** The stores and the queue that the main thread works with, whichever they are. */
import type { ThreadEvents } from '../core/kept-thread.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { ArchivePort } from '../store/archive-port.js';
import type { KeyOf } from '../store/archive-seal.js';
import type { AuditOptions } from '../store/audit-chain.js';
import type { AuditPort } from '../store/audit-port.js';
import type { RegistryPort, TenantRecord } from '../store/registry-port.js';
import type { ResourceReader } from '../store/resource-port.js';
import type { TransformService } from './transform-service.js';

export interface ArchiveWish {
  readonly run: number;
  readonly keyOf: KeyOf;
  readonly repeatDays: number;
}

/** Each part is stopped by whoever opened it, the registry too. */
export interface Stores {
  readonly registry: RegistryPort;
  /** True when there is, or may be, data of the tenant, or of any. */
  mayHold(tenant?: string): boolean;
  openAudit(options: AuditOptions, events: ThreadEvents): Promise<AuditPort>;
  /** What of it has to be open before the transform thread begins; gives the whole when that has. Files ask for that thread. */
  openArchive(wish: ArchiveWish, transform: () => TransformService, events: ThreadEvents): Promise<StartedArchive>;
  openReader(events: ThreadEvents): Promise<ResourceReader>;
  openQueue(transform: () => TransformService): Pick<QueuePort, 'enqueue' | 'depth' | 'close'>;
  /** Takes over where each tenant's resources are. */
  learn(tenants: readonly TenantRecord[]): void;
  close(): Promise<void>;
}

export interface StartedArchive {
  readonly port: ArchivePort;
  close(): Promise<void>;
}
