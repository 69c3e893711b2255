/** The whole archive port, of a writer (here or in its thread) and a ledger. */
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { ArchivePort } from '../archive-port.js';
import { type ArchiveLedger, openArchiveLedger } from './archive-ledger.js';
import { type ArchiveWriter, type ArchiveWriterOptions, openArchiveWriter } from './archive-writer.js';

const rowsPerRemoval = 500;

/** The archive in this thread alone: for tests and tools. A running system puts the writer into its thread. */
export function openEmbeddedArchive(folder: string, options: ArchiveWriterOptions): ArchivePort {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const writer = openArchiveWriter(folder, options);
  return composeArchive(folder, writer, openArchiveLedger(folder, options));
}

/** The port over both parts; closing it closes them. */
export function composeArchive(folder: string, writer: ArchiveWriter, ledger: ArchiveLedger): ArchivePort {
  return {
    append: (entries) => writer.append(entries),
    read: (sequences) => ledger.read(sequences),
    settle: (outcomes) => ledger.settle(outcomes),
    unsettled: (limit, after) => ledger.unsettled(limit, after),
    list: (filter) => ledger.list(filter),
    get: (sequence) => ledger.get(sequence),
    release: (sequence) => ledger.release(sequence),
    counts: (tenant) => ledger.counts(tenant),
    prune: (tenant, before) => prune(writer, ledger, tenant, before),
    async freeBytes() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    async close() {
      await ledger.close();
      await writer.close();
    },
  };
}

/** In small steps, so that appending goes on between them. */
async function prune(
  writer: ArchiveWriter,
  ledger: ArchiveLedger,
  tenant: string | null,
  before: number,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const ids = await ledger.prunable(tenant, before, rowsPerRemoval);
    if (ids.length === 0) break;
    removed += await writer.remove(ids);
    await ledger.forget(ids);
  }
  if (removed > 0) await writer.tidy();
  return removed;
}
