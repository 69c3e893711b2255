/** Thread entry: archives what intake hands over. Its commits wait for the disk without keeping anybody else waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { fault } from '../../core/errors.js';
import { serveCalls } from '../../core/thread-rpc.js';
import type { ArchiveThread, ArchiveThreadData } from './archive-client.js';
import { packResults, unpackEntries } from './archive-packing.js';
import { type ArchiveWriter, openArchiveWriter } from './archive-writer.js';

const { folder, ...options } = workerData as ArchiveThreadData;
const keys = new Map<string | null, Uint8Array>();
const keyOf = (tenant: string | null): Uint8Array => {
  const key = keys.get(tenant);
  if (key === undefined) throw fault('internal', 'the archive thread was not told the key of this tenant');
  return key;
};

let writer: ArchiveWriter | undefined;
const open = (): ArchiveWriter => {
  writer ??= openArchiveWriter(folder, { ...options, keyOf });
  return writer;
};

const thread: ArchiveThread = {
  async ready() {
    open();
  },
  async learn(tenant, key) {
    keys.set(tenant, key);
  },
  append: async (entries) => packResults(await open().append(unpackEntries(entries))),
  remove: (tenant, ids) => open().remove(tenant, ids),
  tidy: () => open().tidy(),
  close: () => open().close(),
};

if (parentPort !== null) serveCalls(parentPort, thread);
