/** The listeners and watched directories of a process. */
import type { Config } from '../core/config.js';
import type { StartedParts } from '../core/lifecycle.js';
import { deriveKey } from '../core/seal.js';
import { type Intake, startIntake } from '../intake/intake.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { ArchivePort } from '../store/archive-port.js';
import type { AuditPort } from '../store/audit-port.js';
import { defaultPartitions } from '../store/tenant-record.js';
import type { Installation } from './installation.js';
import { repeatEvery } from './schedule.js';
import { directorySettings, listenerSettings } from './source-config.js';

/** Milliseconds between two looks at messages that another process may have settled, and how many at a look. */
const lookAgain = 250;
const looked = 200;

/** Starts all of them, or none. @throws Fault `config-invalid`, `port-in-use` naming the listener */
export async function takeMessages(
  parts: StartedParts,
  here: Installation,
  config: Config,
  to: { readonly archive: ArchivePort; readonly queue: Pick<QueuePort, 'enqueue'>; readonly audit: AuditPort },
): Promise<Intake> {
  const { archive, queue, audit } = to;
  const { clock, metrics, log, tenants, verifier, master } = here;
  const intake = parts.add(
    'intake',
    await startIntake(
      listenerSettings(config),
      {
        ...{ archive, queue, clock, metrics, log },
        partitions: defaultPartitions,
        tenantSettings: tenants.settings,
        minFreeDisk: config.minFreeDisk,
        http: { verifier, audit },
        owner: Buffer.from(deriveKey(master, `owner of ${config.dataFolder}`))
          .toString('hex')
          .slice(0, 12),
      },
      directorySettings(config),
    ),
    (running) => running.stop(),
  );
  if (here.choice.kind === 'mongodb') {
    // what another process settles is not told here
    const look = async (): Promise<void> => {
      const due = intake.applicationAcks.due(looked);
      for (const found of await Promise.all(due.map((sequence) => archive.get(sequence)))) {
        if (found?.outcome === undefined) continue;
        intake.applicationAcks.onSettled(found.row.sequence, found.outcome.state, found.outcome.reason);
      }
    };
    parts.add('later acknowledgements', repeatEvery(lookAgain, log, look), (stop) => stop());
  }
  return intake;
}
