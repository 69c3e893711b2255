/** Thread entry: writes the audit. A request waits for its record to be durable; nobody else waits for the disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveCalls } from '../../core/thread-rpc.js';
import type { AuditOptions } from '../audit-chain.js';
import type { AuditPort } from '../audit-port.js';
import { openEmbeddedAudit } from './audit.js';
import type { AuditThread } from './audit-client.js';

const { file, options } = workerData as { readonly file: string; readonly options: AuditOptions };

let opened: AuditPort | undefined;
const audit = (): AuditPort => {
  opened ??= openEmbeddedAudit(file, options);
  return opened;
};

const thread: AuditThread = {
  async ready() {
    audit();
  },
  append: (events) => audit().append(events),
  list: (filter) => audit().list(filter),
  verify: () => audit().verify(),
  close: () => audit().close(),
};

if (parentPort !== null) serveCalls(parentPort, thread);
