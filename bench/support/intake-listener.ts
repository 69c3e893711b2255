/** Intake alone: a listener over an archive, which nobody empties. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { createMetrics } from '../../src/core/metrics.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { startIntake } from '../../src/intake/intake.js';
import { BullmqQueue } from '../../src/queue/bullmq/queue.js';
import type { QueuePort } from '../../src/queue/queue-port.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import { composeArchive } from '../../src/store/embedded/archive.js';
import { startArchiveThread } from '../../src/store/embedded/archive-client.js';
import { openArchiveLedger } from '../../src/store/embedded/archive-ledger.js';
import { openMongoArchive } from '../../src/store/mongodb/archive.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import type { RealServers } from './real-servers.js';

export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

const options = { run: 1, keyOf: () => Buffer.alloc(32, 1) };

/** Over files, in a folder that goes with it. */
export async function embeddedIntake(durability: 'fsync' | 'none'): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
  const writer = await startArchiveThread(folder, { ...options, durability });
  const archive = composeArchive(folder, writer, openArchiveLedger(folder, options));
  return listenOver(archive, { enqueue: async () => undefined }, async () => {
    rmSync(folder, { recursive: true });
  });
}

/** Over MongoDB, in a database of this name, and Redis. */
export async function mongoIntake(servers: RealServers, database: string): Promise<Running> {
  const client = connectMongo(servers.mongodb);
  const queue = new BullmqQueue({ url: servers.redis, prefix: database });
  const archive = await openMongoArchive(client.db(database), options);
  return listenOver(archive, queue, async () => {
    await queue.close();
    await client.close();
  });
}

async function listenOver(
  archive: ArchivePort,
  queue: Pick<QueuePort, 'enqueue'>,
  stopped: () => Promise<void>,
): Promise<Running> {
  const listener = {
    ...{ name: 'bench', host: '127.0.0.1', port: 0, allow: [], maxConnections: 100, maxFrameBytes: 1 << 24 },
    ...{ frameTimeout: 30_000, tenant: 'bench', ack: 'original' as const, unavailable: 'AR' as const },
    ...{ checkProcessingIds: [], checkVersions: [], authority: {}, snapshot: [] },
  };
  const running = await startIntake([listener], {
    archive,
    queue,
    clock: systemClock,
    metrics: createMetrics(),
    log: silentLog,
    partitions: 32,
    tenantSettings: () => plainTenantSettings,
    minFreeDisk: 0,
  });
  return {
    port: running.listening()[0]?.address.port ?? 0,
    async stop() {
      await running.stop();
      await archive.close();
      await stopped();
    },
  };
}
