/** Thread entry: runs changed mapping files over archived messages, once. */
import { parentPort, workerData } from 'node:worker_threads';
import { fault } from '../core/errors.js';
import { serveCalls } from '../core/thread-rpc.js';
import { compareMappings } from '../engine/compare-mappings.js';
import { DryRunTally } from '../engine/dry-run.js';
import type { Mapper } from '../engine/mapper.js';
import { mapperOver } from '../engine/mapping-mapper.js';
import { compileFor, TenantContexts, tenantLayerFolder } from '../engine/tenant-contexts.js';
import type { ArchiveRow } from '../store/archive-port.js';
import { archiveKeys } from './archive-keys.js';
import type { DryRun, DryRunData } from './dry-run.js';
import { type MappingFiles, readAndCheck } from './mapping-files.js';
import { openWorkerStores } from './worker-stores.js';

const { stores: choice, run, master, profiles, sources, request } = workerData as DryRunData;
const page = 200;
const states = ['applied', 'filtered', 'unmapped', 'parked', 'unsettled'] as const;

const thread: DryRun = {
  async run() {
    const stores = await openWorkerStores(choice);
    const { registry } = stores;
    const keys = archiveKeys(master);
    const snapshot = await registry.snapshot();
    if (request.tenant !== undefined && !snapshot.tenants.some(({ id }) => id === request.tenant)) {
      throw fault('not-found', `no tenant ${request.tenant}`);
    }
    keys.update(snapshot);
    const after = changedMappers(changedFiles());
    const contexts = new TenantContexts(master, registry);
    await contexts.update(snapshot);
    const ledger = await stores.openLedger({ run, keyOf: keys.keyOf });
    const tally = new DryRunTally(request.show);
    let left = request.last;
    let before: ArchiveRow['sequence'] | undefined;
    while (left > 0) {
      const limit = Math.min(left, page);
      const messages = await ledger.list({
        states,
        limit,
        ...(request.tenant === undefined ? {} : { tenant: request.tenant }),
        ...(before === undefined ? {} : { before }),
      });
      for (const row of await ledger.read(messages.map((message) => message.row.sequence))) {
        const context = row.tenant === null ? undefined : contexts.get(row.tenant);
        if (row.tenant === null || context === undefined) continue;
        const profile = profiles[row.listener] ?? { authority: {}, snapshot: [] };
        tally.add(compareMappings(context.mapper, after(row.tenant), context, profile, row));
      }
      left -= messages.length;
      before = messages.at(-1)?.row.sequence;
      if (messages.length < limit) break;
    }
    await ledger.close();
    await stores.close();
    return tally.summary();
  },
};

/** @throws Fault `mapping-invalid` */
function changedFiles(): MappingFiles {
  const { base, layers, tenant } = request;
  if (layers === undefined || tenant === undefined) return readAndCheck(sources, base).files;
  const { [tenant]: _replaced, ...others } = sources.tenants;
  const { files } = readAndCheck({ ...sources, tenants: others }, base);
  const own = Object.entries(layers).map(([name, text]) => [tenantLayerFolder(tenant) + name, text]);
  return { ...files, ...Object.fromEntries(own) };
}

/** The mapper of each tenant, compiled when it is first asked for; those without layers of their own have one. */
function changedMappers(files: MappingFiles): (tenant: string) => Mapper {
  const mappers = new Map<string, Mapper>();
  const mapperOf = (tenant: string): Mapper => {
    const own = Object.keys(files).some((name) => name.startsWith(tenantLayerFolder(tenant)));
    const known = mappers.get(own ? tenant : '');
    if (known !== undefined) return known;
    const made = mapperOver(compileFor(files, own ? tenant : ''), 0);
    mappers.set(own ? tenant : '', made);
    return made;
  };
  // a layer that does not hold together is refused before anything is read
  mapperOf(request.tenant ?? '');
  return mapperOf;
}

if (parentPort !== null) serveCalls(parentPort, thread);
