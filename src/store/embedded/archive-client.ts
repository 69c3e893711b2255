/** The archive writer in a thread of its own, seen from the thread that takes messages in. */
import { mkdirSync } from 'node:fs';
import { keepThread, type ThreadEvents } from '../../core/kept-thread.js';
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
 * per tenant and thread. When the thread ends by itself, calls reject with `store-unavailable` until a fresh one works.
 */
export async function startArchiveThread(
  folder: string,
  options: ArchiveWriterOptions,
  events?: ThreadEvents,
): Promise<ArchiveWriter> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { keyOf, ...rest } = options;
  const workerData: ArchiveThreadData = { folder, ...rest };
  let known = new Set<string | null>();
  const kept = keepThread<ArchiveThread>({
    entry: new URL('./archive-thread.js', import.meta.url),
    methods: ['ready', 'learn', 'append', 'remove', 'tidy', 'close'],
    workerData: () => workerData,
    async begin(fresh) {
      await fresh.ready();
      known = new Set();
    },
    end: (now) => now.close(),
    ...(events === undefined ? {} : { events }),
  });
  await kept.start();
  const thread = kept.calls;
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
    close: () => kept.close(),
  };
}

/** A view of a shared buffer would take the whole buffer across. */
function withOwnBytes(entry: ArchiveEntry): ArchiveEntry {
  const { payload } = entry;
  return payload.byteLength === payload.buffer.byteLength ? entry : { ...entry, payload: new Uint8Array(payload) };
}
