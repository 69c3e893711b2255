/** The archive writer in a thread of its own, seen from the thread that takes messages in. */
import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { callsOver } from '../../core/thread-rpc.js';
import type { ArchiveEntry } from '../archive-port.js';
import type { ArchiveWriter, ArchiveWriterOptions } from './archive-writer.js';

/** What the thread serves. `learn` comes before the first append of a tenant. */
export interface ArchiveThread extends ArchiveWriter {
  ready(): Promise<void>;
  learn(tenant: string | null, key: Uint8Array): Promise<void>;
}

/** What the thread is started with. */
export interface ArchiveThreadData extends Omit<ArchiveWriterOptions, 'keyOf'> {
  readonly folder: string;
}

/**
 * Starts the thread and resolves when its files are open; rejects with what prevented that. `keyOf` is asked here, once
 * per tenant. When the thread ends by itself, calls reject with `store-unavailable`.
 */
export async function startArchiveThread(folder: string, options: ArchiveWriterOptions): Promise<ArchiveWriter> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { keyOf, ...rest } = options;
  const workerData: ArchiveThreadData = { folder, ...rest };
  const worker = new Worker(new URL('./archive-thread.js', import.meta.url), { workerData });
  const thread = callsOver<ArchiveThread>(worker, ['ready', 'learn', 'append', 'remove', 'tidy', 'close']);
  worker.on('error', () => undefined);
  const known = new Set<string | null>();
  try {
    await thread.ready();
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    async append(entries) {
      const learning: Promise<void>[] = [];
      for (const { tenant } of entries) {
        if (known.has(tenant)) continue;
        learning.push(thread.learn(tenant, keyOf(tenant)));
        known.add(tenant);
      }
      const [results] = await Promise.all([thread.append(entries.map(withOwnBytes)), ...learning]);
      return results;
    },
    remove: (ids) => thread.remove(ids),
    tidy: () => thread.tidy(),
    async close() {
      await thread.close();
      await worker.terminate();
    },
  };
}

/** A view of a shared buffer would take the whole buffer across. */
function withOwnBytes(entry: ArchiveEntry): ArchiveEntry {
  const { payload } = entry;
  return payload.byteLength === payload.buffer.byteLength ? entry : { ...entry, payload: new Uint8Array(payload) };
}
