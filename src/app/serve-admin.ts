import type { DirectoryStatus, ListenerStatus } from '../admin/admin-parts.js';
import { type AdminServer, startAdminServer } from '../admin/admin-server.js';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { StartedParts } from '../core/lifecycle.js';
import { addFigures, type MessageFigures } from '../core/message-figures.js';
import { searchEdition } from '../fhir/search-values.js';
import type { QueuePort } from '../queue/queue-port.js';
import type { ArchivePort } from '../store/archive-port.js';
import type { AuditPort } from '../store/audit-port.js';
import { defaultPartitions, newTenantRecord } from '../store/tenant-record.js';
import { assignMessage } from './assign-message.js';
import { dryRun } from './dry-run.js';
import type { Installation } from './installation.js';
import { sourceProfiles } from './source-config.js';
import type { Engine } from './start-engine.js';
import { upgradeState } from './upgrade-notes.js';

interface AdminWork {
  readonly archive: ArchivePort;
  readonly audit: AuditPort;
  readonly queue: Pick<QueuePort, 'enqueue' | 'depth'>;
  readonly engine: Engine;
  /** The configuration in use. */
  current(): Config;
  /** Of this process. */
  listeners(): readonly ListenerStatus[];
  directories(): readonly DirectoryStatus[];
  ready(): boolean;
}

/** Milliseconds after which a process that says nothing is not believed to listen. */
const silence = 10_000;

function isHeard({ silentFor }: { readonly silentFor: number }): boolean {
  return silentFor <= silence;
}

/** Serves the admin API of the installation on loopback. @throws Fault `port-in-use` */
export async function serveAdmin(
  parts: StartedParts,
  here: Installation,
  config: Config,
  work: AdminWork,
): Promise<AdminServer> {
  const { registry, clientRegistry, clock, log, metrics, tenants, threads, master, run, choice } = here;
  const { archive, audit, queue, current, ready } = work;
  const { transform, mapping, sources } = work.engine;
  const others = async () => (await registry.processes()).filter((process) => process.run !== run);
  const admin = await startAdminServer(
    {
      registry: { ...clientRegistry, mappings: (limit) => registry.mappings(limit) },
      ...{ archive, audit, clock, log, mapping, ready },
      metrics: {
        scrape: () => metrics.scrape(),
        figures: async () =>
          (await others())
            .map(({ figures }) => figures as unknown as MessageFigures)
            .reduce(addFigures, await metrics.figures()),
      },
      async createTenant({ cluster, ...wish }) {
        if (cluster !== undefined && (choice.kind === 'embedded' || !Object.hasOwn(choice.mongodb.clusters, cluster)))
          throw fault('invalid-request', `no cluster ${cluster} in mongodb.clusters of the configuration`);
        const settings = cluster === undefined ? {} : { settings: { cluster } };
        const record = newTenantRecord(master, { ...wish, ...settings }, clock.now());
        const known = (await registry.snapshot()).tenants.some((tenant) => tenant.id === record.id);
        if (known) throw fault('conflict', `a tenant ${record.id} exists already`);
        await registry.putTenant(record);
        await here.learnTenants();
        await transform.refresh();
        return record;
      },
      explain: (message, by) => transform.explain(message, by),
      async release(message) {
        if (!(await archive.release(message))) return false;
        const { row } = (await archive.get(message)) ?? {};
        if (row === undefined || row.tenant === null) return false;
        await queue.enqueue([{ tenant: row.tenant, partition: row.partition, sequence: row.sequence }]);
        return true;
      },
      patientKey: (tenant, patient) => transform.patientKey(tenant, patient),
      park: (message) => transform.park(message),
      assign: (message, tenant) =>
        assignMessage(
          {
            ...{ archive, queue: transform, tenants, clock, partitions: defaultPartitions },
            charset: (listener) => sourceProfiles(current())[listener]?.charset,
          },
          message,
          tenant,
        ),
      dryRun: (request) =>
        dryRun({
          stores: choice,
          ...{ run, master, request },
          profiles: sourceProfiles(current()),
          sources: sources(),
        }),
      replays: {
        start: (request, dry) => transform.startReplay(request, dry),
        list: () => transform.replays(),
        get: (id) => transform.replay(id),
        differences: (id) => transform.replayDifferences(id),
        stop: (id) => transform.stopReplay(id),
      },
      upgrades: {
        plan: () => transform.upgradePlan(),
        state: () => upgradeState(registry, searchEdition),
        start: () => transform.startUpgrade(),
        stop: () => transform.stopUpgrade(),
      },
      async status() {
        const processes = await others();
        return {
          version: here.version,
          startedAt: here.startedAt,
          publicUrl: here.publicUrl.url,
          listeners: [...work.listeners(), ...processes.filter(isHeard).flatMap(({ listeners }) => listeners)],
          directories: work.directories(),
          processes: [{ ...(await here.describe(work.listeners(), ready())), silentFor: 0 }, ...processes].map(
            ({ role, host, pid, version, startedAt, ready: isReady, silentFor }) => {
              return { role, host, pid, version, startedAt, ready: isReady, silentFor };
            },
          ),
          threads: threads.list(),
          waiting: await transform.waiting().catch(() => []),
          queueDepth: await queue.depth().catch(() => null),
          freeBytes: (await archive.freeBytes().catch(() => undefined)) ?? null,
        };
      },
      recentFailures: here.recentFailures,
    },
    { ...config.admin, dataFolder: config.dataFolder },
  );
  return parts.add('admin', admin, (server) => server.stop());
}
