import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { ArchivePort } from '../store/archive-port.js';
import { ApplicationAcks } from './application-acks.js';
import type { IntakeMetrics } from './counts.js';
import type { WatchedDirectory } from './directory.js';
import { DirectorySet } from './directory-set.js';
import type { DirectorySettings } from './directory-settings.js';
import { DiskWatch } from './disk-watch.js';
import { GroupCommit } from './group-commit.js';
import type { HttpDoor } from './http-listener.js';
import { type ListenerParts, ListenerSet, type ListeningAt } from './listener-set.js';
import type { ListenerSettings } from './listener-settings.js';

export interface IntakeParts {
  readonly archive: Pick<ArchivePort, 'append' | 'release' | 'get' | 'settle' | 'freeBytes'>;
  readonly queue: Pick<QueuePort, 'enqueue'>;
  readonly clock: Clock;
  readonly metrics: IntakeMetrics;
  readonly log: Log;
  /** Queue partitions per tenant. */
  readonly partitions: number;
  readonly tenantSettings: (tenant: string) => TenantSettings;
  /** Bytes that must be free where the archive lies. */
  readonly minFreeDisk: number;
  /** Who checks tokens and records sends; needed for listeners of HTTP. */
  readonly http?: HttpDoor;
  /** Names this installation in the work folders of watched directories; the same after every start. */
  readonly owner?: string;
  /** Milliseconds between two looks at the free disk; 5 s when left out. */
  readonly diskInterval?: number;
}

/** The running listeners and watched directories of a process. */
export interface Intake {
  /** The listeners that listen, in the order of their settings. */
  listening(): readonly ListeningAt[];
  /** The watched directories, in the order of their settings. */
  directories(): readonly WatchedDirectory[];
  /**
   * Makes these the sources; what stays the same goes on untouched. One that cannot be started is logged, and goes on as it
   * was where there was one of its name. Resolves when what has left has finished.
   */
  change(listeners: readonly ListenerSettings[], directories?: readonly DirectorySettings[]): Promise<void>;
  /** To be told what became of each message: enhanced mode's later acknowledgements go by it. */
  readonly applicationAcks: Pick<ApplicationAcks, 'onSettled' | 'due'>;
  /** Takes up changed certificate files now; it happens by itself twice a minute. */
  reloadCertificates(): void;
  /**
   * Accepts nothing more, finishes and acknowledges what is under way, closes; connections that take longer than `grace`
   * milliseconds are cut. The archive and the queue are the caller's to close, afterwards.
   */
  stop(grace?: number): Promise<void>;
}

/**
 * Starts all listeners and watches the directories, or none: rejects with `config-invalid` or `port-in-use` naming the listener, and then nothing listens.
 */
export async function startIntake(
  listeners: readonly ListenerSettings[],
  parts: IntakeParts,
  directories: readonly DirectorySettings[] = [],
): Promise<Intake> {
  const { archive, queue, clock, metrics, log, partitions, tenantSettings, minFreeDisk } = parts;
  const commit = new GroupCommit(archive);
  const disk = new DiskWatch({ archive, log, minFreeDisk, interval: parts.diskInterval ?? 5_000 });
  const applicationAcks = new ApplicationAcks();
  const shared: ListenerParts = {
    ...(parts.http === undefined ? {} : { http: parts.http }),
    ...{ archive, commit, queue, applicationAcks, clock, metrics, log, partitions, tenantSettings },
    taking: () => disk.enough,
  };
  const set = new ListenerSet(shared);
  const watched = new DirectorySet({ ...shared, owner: parts.owner ?? 'wardline' });
  await disk.start();
  try {
    await set.start(listeners);
  } catch (error) {
    disk.stop();
    throw error;
  }
  await watched.change(directories);
  return {
    listening: () => set.list(),
    directories: () => watched.list(),
    async change(next, nextDirectories = []) {
      await set.change(next, (name, error) => {
        log.error('a listener cannot be started with its new settings', { listener: name, error });
      });
      await watched.change(nextDirectories);
    },
    applicationAcks,
    reloadCertificates: () => set.reloadCertificates(),
    async stop(grace) {
      await Promise.all([set.stop(grace), watched.stop()]);
      disk.stop();
    },
  };
}
