/** Thread entry: reads and maps batches for the transform thread, which applies them. It writes nothing. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createLog } from '../core/log.js';
import { serveCalls } from '../core/thread-rpc.js';
import { prepareBatch } from '../engine/prepare-batch.js';
import { printPrepared } from '../engine/prepared-text.js';
import { TenantContexts } from '../engine/tenant-contexts.js';
import { rowId } from '../store/archive-ids.js';
import { ArchiveReader } from '../store/embedded/archive-reader.js';
import { openEmbeddedRegistry } from '../store/embedded/registry.js';
import { archiveKeys } from './archive-keys.js';
import type { PrepareService } from './prepare-service.js';
import { plainProfile } from './source-config.js';
import type { TransformData } from './transform-service.js';

const { stores, master, logLevel } = workerData as TransformData;
const { dataFolder } = stores;
let { profiles } = workerData as TransformData;
const log = createLog({ level: logLevel }).with({ part: 'transform' });
const registry = openEmbeddedRegistry(join(dataFolder, 'registry.db'));
const keys = archiveKeys(master);
const contexts = new TenantContexts(master, registry);
const archive = new ArchiveReader(join(dataFolder, 'archive'), keys.keyOf);
let generation = -1;
let refreshed: Promise<void> = Promise.resolve();

async function refresh(): Promise<void> {
  const snapshot = await registry.snapshot();
  if (snapshot.generation === generation) return;
  keys.update(snapshot);
  await contexts.update(snapshot);
  generation = snapshot.generation;
}

const service: PrepareService = {
  async prepare(batch, wanted) {
    if (generation !== wanted) {
      refreshed = refreshed.catch(() => undefined).then(refresh);
      await refreshed;
    }
    if (generation !== wanted) return undefined;
    const parts = {
      archive: {
        read: async (places: typeof batch.sequences) =>
          places.flatMap((place) => archive.rowWithPayload(rowId(place)) ?? []),
      },
      tenant: (id: string) => contexts.get(id),
      profile: (listener: string) => profiles[listener] ?? plainProfile,
      log,
    };
    return printPrepared(await prepareBatch(parts, batch));
  },
  async useProfiles(changed) {
    profiles = changed;
  },
  async end() {
    archive.close();
    await registry.close();
  },
};

if (parentPort !== null) serveCalls(parentPort, service);
