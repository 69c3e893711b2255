/** The archive writer in a thread of its own, seen from the thread that takes messages in. */
import { mkdirSync } from 'node:fs';
import { keepThread, type ThreadEvents } from '../../core/kept-thread.js';
import { type PackedEntries, type PackedResults, packEntries, unpackResults } from './archive-packing.js';
import type { ArchiveWriter, ArchiveWriterOptions } from './archive-writer.js';

/** What the thread serves. `learn` comes before the first append of a tenant. */
export interface ArchiveThread extends Omit<ArchiveWriter, 'append'> {
  ready(): Promise<void>;
  learn(tenant: string | null, key: Uint8Array): Promise<void>;
  append(entries: PackedEntries): Promise<PackedResults>;
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
  let known = new Set<string | null>();
  /** A fresh thread does not give numbers again whose rows have been removed: who reads may remember them. */
  let highest = 0;
  const kept = keepThread<ArchiveThread>({
    entry: new URL('./archive-thread.js', import.meta.url),
    methods: ['ready', 'learn', 'append', 'remove', 'tidy', 'close'],
    workerData: (): ArchiveThreadData => ({ folder, ...rest, after: highest }),
    async begin(fresh) {
      await fresh.ready();
      known = new Set();
    },
    end: (now) => now.close(),
    ...(events === undefined ? {} : { events }),
  });
  await kept.start();
  const thread = kept.calls;
  /** Calls keep their order, so the key is there before what needs it. */
  const learn = (tenant: string | null): Promise<void> | undefined => {
    if (known.has(tenant)) return undefined;
    const learning = thread.learn(tenant, keyOf(tenant));
    known.add(tenant);
    return learning;
  };
  return {
    async append(entries) {
      const learning = entries.map(({ tenant }) => learn(tenant));
      const [results] = await Promise.all([thread.append(packEntries(entries)), ...learning]);
      const unpacked = unpackResults(results);
      for (const { outcome, sequence } of unpacked) if (outcome === 'archived') highest = sequence.number;
      return unpacked;
    },
    async remove(tenant, ids) {
      const learning = isKnown(keyOf, tenant) ? learn(tenant) : undefined;
      const [removed] = await Promise.all([thread.remove(tenant, ids), learning]);
      return removed;
    },
    tidy: () => thread.tidy(),
    close: () => kept.close(),
  };
}

function isKnown(keyOf: ArchiveWriterOptions['keyOf'], tenant: string | null): boolean {
  try {
    return keyOf(tenant).length > 0;
  } catch {
    return false;
  }
}
