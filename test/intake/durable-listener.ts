/** A process of its own: a listener over the embedded archive in its thread, as a running system has it. For the test of durability. */
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { createMetrics } from '../../src/core/metrics.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { startIntake } from '../../src/intake/intake.js';
import { composeArchive } from '../../src/store/embedded/archive.js';
import { startArchiveThread } from '../../src/store/embedded/archive-client.js';
import { openArchiveLedger } from '../../src/store/embedded/archive-ledger.js';
import { keyOf, plainListener } from './installation.js';

export const durableListener = fileURLToPath(import.meta.url);

/** Prints its port, and stops when its standard input ends. */
async function serve(folder: string, durability: 'fsync' | 'none'): Promise<void> {
  const options = { run: 1, keyOf, durability };
  const writer = await startArchiveThread(folder, options);
  const archive = composeArchive(folder, writer, openArchiveLedger(folder, options));
  const intake = await startIntake([plainListener], {
    archive,
    queue: { enqueue: async () => undefined },
    clock: systemClock,
    metrics: createMetrics(),
    log: silentLog,
    partitions: 32,
    tenantSettings: () => plainTenantSettings,
    minFreeDisk: 0,
  });
  console.log(intake.listening()[0]?.address.port);
  process.stdin.resume();
  process.stdin.once('end', async () => {
    await intake.stop();
    await archive.close();
  });
}

if (process.argv[1] === durableListener) {
  const [folder = '', durability] = process.argv.slice(2);
  await serve(folder, durability === 'none' ? 'none' : 'fsync');
}
