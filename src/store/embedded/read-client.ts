import { Worker } from 'node:worker_threads';
import { callsOver } from '../../core/thread-rpc.js';
import type { ResourceReader } from '../resource-port.js';

/** Starts a thread that reads the tenants' files under `folder`. Calls reject with `store-unavailable` once it has ended. */
export function startReadThread(folder: string): ResourceReader {
  const worker = new Worker(new URL('./read-thread.js', import.meta.url), { workerData: { folder } });
  worker.on('error', () => undefined);
  const reader = callsOver<ResourceReader>(worker, ['read', 'search', 'version', 'history', 'close']);
  return {
    ...reader,
    async close() {
      await reader.close();
      await worker.terminate();
    },
  };
}
