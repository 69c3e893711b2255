import { Worker } from 'node:worker_threads';
import { fault } from '../../core/errors.js';
import { callsOver } from '../../core/thread-rpc.js';
import type { AuditPort } from '../audit-port.js';
import type { AuditOptions } from './audit.js';

/**
 * Starts the audit in a thread of its own and resolves when its file is open; rejects with `audit-unavailable` where that
 * is not possible. When the thread ends by itself, `append` rejects with `audit-unavailable`.
 */
export async function startAuditThread(file: string, options: AuditOptions): Promise<AuditPort> {
  const worker = new Worker(new URL('./audit-thread.js', import.meta.url), { workerData: { file, options } });
  worker.on('error', () => undefined);
  const thread = callsOver<AuditPort & { ready(): Promise<void> }>(worker, [
    'ready',
    'append',
    'list',
    'verify',
    'close',
  ]);
  try {
    await thread.ready();
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    async append(events) {
      try {
        await thread.append(events);
      } catch (error) {
        throw fault('audit-unavailable', 'the audit cannot be written', { cause: error });
      }
    },
    list: (filter) => thread.list(filter),
    verify: () => thread.verify(),
    async close() {
      await thread.close();
      await worker.terminate();
    },
  };
}
