import { keepThread, type ThreadEvents } from '../../core/kept-thread.js';
import type { ResourceReader } from '../resource-port.js';

/** What the thread serves. */
export interface ReadThread extends ResourceReader {
  ready(): Promise<void>;
}

/**
 * Starts a thread that reads the tenants' files under `folder`, and resolves when it answers. When it ends by itself,
 * calls reject with `store-unavailable` until a fresh one works.
 */
export async function startReadThread(folder: string, events?: ThreadEvents): Promise<ResourceReader> {
  const { calls, start, close } = keepThread<ReadThread>({
    entry: new URL('./read-thread.js', import.meta.url),
    methods: ['ready', 'read', 'search', 'version', 'history', 'close'],
    workerData: () => ({ folder }),
    begin: (fresh) => fresh.ready(),
    end: (now) => now.close(),
    ...(events === undefined ? {} : { events }),
  });
  await start();
  return { ...calls, close };
}
