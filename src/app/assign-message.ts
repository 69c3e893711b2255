import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import { type Sequence, sequenceName } from '../core/stamp.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { isParseFault, parseMessage } from '../hl7/message.js';
import { partitionOf } from '../intake/partition.js';
import type { QueuePort } from '../queue/queue-port.js';
import { type ArchivePort, type ArchiveRow, parkedForTenant } from '../store/archive-port.js';
import type { TenantDirectory } from './tenant-directory.js';

type MessageName = Pick<Sequence, 'run' | 'number'>;

interface AssignParts {
  readonly archive: Pick<ArchivePort, 'get' | 'append' | 'settle'>;
  readonly queue: Pick<QueuePort, 'enqueue'>;
  readonly tenants: Pick<TenantDirectory, 'ids' | 'settings'>;
  readonly clock: Clock;
  /** Partitions per tenant. */
  readonly partitions: number;
  /** Character set of messages of a listener that name none. */
  readonly charset: (listener: string) => string | undefined;
}

/**
 * Gives a message of an unknown sender to a tenant: its row is copied under the tenant's key and processed as if it had just
 * arrived, and the one without a tenant is settled as `filtered`. Cut off between the two, it may be done again. Resolves with the
 * copy, which is an earlier one where the tenant has the same message already.
 * @throws Fault `not-found` for an unknown message or tenant, `conflict` for a message that needs no tenant
 */
export async function assignMessage(parts: AssignParts, message: MessageName, tenant: string): Promise<MessageName> {
  const { archive, queue, tenants, clock } = parts;
  const found = await archive.get(message);
  const name = `${message.run}-${message.number}`;
  if (found === undefined) throw fault('not-found', `no message ${name}`);
  const { row, outcome, payload } = found;
  if (row.kind !== 'message') throw fault('conflict', `message ${name} is ${row.kind}, which is never processed`);
  if (row.tenant !== null) throw fault('conflict', `message ${name} has a tenant already`);
  if (outcome?.state === 'filtered') throw fault('conflict', `message ${name} has a tenant already, ${outcome.reason}`);
  if (!tenants.ids().includes(tenant)) throw fault('not-found', `no tenant ${tenant}`);
  const partition = partitionFor(parts, row, payload, tenant);
  const flags = [...row.flags.filter((flag) => flag !== 'reused-control-id'), 'assigned'];
  const [copy] = await archive.append([{ ...row, tenant, partition, flags, payload, arrival: clock.now() }]);
  if (copy === undefined) throw fault('internal', 'the archive gave no result');
  const reason = `assigned: ${sequenceName(copy.sequence)}`;
  await archive.settle([{ ...parkedForTenant(row.sequence), state: 'filtered', reason }]);
  if (copy.outcome === 'archived') await queue.enqueue([{ tenant, partition, sequence: copy.sequence }]);
  return copy.sequence;
}

function partitionFor(parts: AssignParts, row: ArchiveRow, payload: Uint8Array, tenant: string): number {
  const decoded = decodeMessage(Buffer.from(payload), parts.charset(row.listener));
  const parsed = isCharsetFault(decoded) ? undefined : parseMessage(decoded.text);
  if (parsed === undefined || isParseFault(parsed)) return 0;
  return partitionOf(parsed, parts.tenants.settings(tenant), parts.partitions);
}
