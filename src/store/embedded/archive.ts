/** The whole archive port, of a writer (here or in its thread) and a ledger. */
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { ArchivePort } from '../archive-port.js';
import { type ArchiveLedger, openArchiveLedger, type PrunableRow } from './archive-ledger.js';
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
    bytes: (tenant) => ledger.bytes(tenant),
    prune: (tenant, before) => prune(writer, ledger, tenant, before, () => true),
    async trim(tenant, bytes) {
      let over = (await ledger.bytes(tenant)) - bytes;
      return prune(writer, ledger, tenant, Number.MAX_SAFE_INTEGER, ({ size }) => {
        const goes = over > 0;
        over -= size;
        return goes;
      });
    },
    // counted in the transaction that it is a count of
    async recount() {},
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

/** Removes prunable rows up to the first that does not go; in small steps, so that appending goes on between them. */
async function prune(
  writer: ArchiveWriter,
  ledger: ArchiveLedger,
  tenant: string | null,
  before: number,
  goes: (row: PrunableRow) => boolean,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const rows = await ledger.prunable(tenant, before, rowsPerRemoval);
    const kept = rows.findIndex((row) => !goes(row));
    const ids = rows.slice(0, kept < 0 ? rows.length : kept).map(({ id }) => id);
    if (ids.length === 0) break;
    removed += await writer.remove(tenant, ids);
    await ledger.forget(ids);
  }
  if (removed > 0) await writer.tidy();
  return removed;
}
