import type { AddressInfo } from 'node:net';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { ArchivePort } from '../store/archive-port.js';
import type { AcceptParts } from './accept.js';
import { ApplicationAcks } from './application-acks.js';
import type { IntakeMetrics } from './counts.js';
import { DiskWatch } from './disk-watch.js';
import { GroupCommit } from './group-commit.js';
import { Listener } from './listener.js';
import type { ListenerSettings } from './listener-settings.js';

export interface IntakeParts {
  readonly archive: Pick<ArchivePort, 'append' | 'release' | 'get' | 'freeBytes'>;
  readonly queue: Pick<QueuePort, 'enqueue'>;
  readonly clock: Clock;
  readonly metrics: IntakeMetrics;
  readonly log: Log;
  /** Queue partitions per tenant. */
  readonly partitions: number;
  readonly tenantSettings: (tenant: string) => TenantSettings;
  /** Bytes that must be free where the archive lies. */
  readonly minFreeDisk: number;
  /** Milliseconds between two looks at the free disk; 5 s when left out. */
  readonly diskInterval?: number;
}

/** The running listeners of a process. */
export interface Intake {
  /** Where each listener listens, in the order of their settings. */
  readonly addresses: readonly AddressInfo[];
  /** Open connections of each listener, in the order of their settings. */
  connections(): readonly number[];
  /** To be told what became of each message: enhanced mode's later acknowledgements go by it. */
  readonly applicationAcks: Pick<ApplicationAcks, 'onSettled'>;
  /** Takes up changed certificate files now; it happens by itself twice a minute. */
  reloadCertificates(): void;
  /**
   * Accepts nothing more, finishes and acknowledges what is under way, closes; connections that take longer than `grace`
   * milliseconds are cut. The archive and the queue are the caller's to close, afterwards.
   */
  stop(grace?: number): Promise<void>;
}

/**
 * Starts all listeners, or none: rejects with `config-invalid` or `port-in-use` naming the listener, and then nothing listens.
 */
export async function startIntake(listeners: readonly ListenerSettings[], parts: IntakeParts): Promise<Intake> {
  const { archive, queue, clock, metrics, log, partitions, tenantSettings, minFreeDisk } = parts;
  const commit = new GroupCommit(archive);
  const disk = new DiskWatch({ archive, log, minFreeDisk, interval: parts.diskInterval ?? 5_000 });
  const applicationAcks = new ApplicationAcks();
  const shared: AcceptParts = {
    ...{ archive, commit, queue, applicationAcks, clock, metrics, log, partitions, tenantSettings },
    taking: () => disk.enough,
  };
  const running = listeners.map((settings) => new Listener(settings, shared));
  const stop = async (grace = 10_000): Promise<void> => {
    await Promise.all(running.map((listener) => listener.stop(grace)));
    disk.stop();
  };
  const reloadCertificates = () => {
    for (const listener of running) listener.reloadCertificates();
  };
  await disk.start();
  try {
    const addresses: AddressInfo[] = [];
    for (const listener of running) addresses.push(await listener.start());
    const connections = () => running.map((listener) => listener.connectionCount);
    return { addresses, connections, applicationAcks, reloadCertificates, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}
