/** Stores that are files of the data folder, written by threads of this process. */

import { composeArchive } from '../store/embedded/archive.js';
import { startArchiveThread } from '../store/embedded/archive-client.js';
import { startAuditThread } from '../store/embedded/audit-client.js';
import type { DataFolder } from '../store/embedded/data-folder.js';
import { refuseMoved } from '../store/embedded/moved-marker.js';
import { startReadThread } from '../store/embedded/read-client.js';
import { openEmbeddedRegistry } from '../store/embedded/registry.js';
import { holdsTenant, holdsTenants } from '../store/embedded/tenant-files.js';
import type { Stores } from './stores.js';

/** @throws Fault `installation-moved` where the installation of the folder lies in MongoDB now */
export function embeddedStores(folder: DataFolder): Stores {
  refuseMoved(folder.path);
  const registry = openEmbeddedRegistry(folder.file('registry.db'));
  const tenants = folder.file('tenants');
  return {
    registry,
    mayHold: (tenant) => (tenant === undefined ? holdsTenants(tenants) : holdsTenant(tenants, tenant)),
    openAudit: (options, events) => startAuditThread(folder.file('audit.db'), options, events),
    async openArchive(wish, transform, events) {
      const files = folder.file('archive');
      const writer = await startArchiveThread(files, wish, events);
      const port = composeArchive(files, writer, { ...transform(), close: async () => undefined });
      return { port, close: () => writer.close() };
    },
    openReader: (events) => startReadThread(tenants, events),
    openQueue: (transform) => ({
      enqueue: (items) => transform().enqueue(items),
      depth: () => transform().depth(),
      // it is the transform thread's
      close: async () => undefined,
    }),
    learn() {},
    close: () => registry.close(),
  };
}
