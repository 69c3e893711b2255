/** Composition: from a configuration to running parts. The only place that chooses adapters. */
import { startAdminServer } from './admin/admin-server.js';
import { archiveKeys } from './app/archive-keys.js';
import { messagesIn } from './app/archived-messages.js';
import { assignMessage } from './app/assign-message.js';
import { backlogMetrics } from './app/backlog-metrics.js';
import { knownAtOnce } from './app/client-registry.js';
import { declareFromConfig } from './app/declared.js';
import { dryRun } from './app/dry-run.js';
import { embeddedStores } from './app/embedded-stores.js';
import { stateOfFolders, watchFolders } from './app/folder-watch.js';
import { mappingFolders, mappingSources } from './app/mapping-files.js';
import { openMappingVersions } from './app/mapping-versions.js';
import { masterKeySource } from './app/master-key-source.js';
import { mongoStores } from './app/mongo-stores.js';
import { publicUrlOf } from './app/public-url.js';
import { openRebuildPlan } from './app/rebuild-plan.js';
import { type ReloadStep, takeOver } from './app/reload.js';
import type { RunningSystem, StartSystem } from './app/running-system.js';
import { repeatEvery } from './app/schedule.js';
import { directorySettings, listenerSettings, sourceProfiles } from './app/source-config.js';
import { startTransform } from './app/start-transform.js';
import { storeChoice } from './app/store-choice.js';
import { tenantDirectory } from './app/tenant-directory.js';
import { threadStates } from './app/thread-states.js';
import { openAttemptLimit } from './auth/attempt-limit.js';
import { openRegistryCopy } from './auth/registry-copy.js';
import { maintainSigningKeys, openPrivateKeys } from './auth/signing-keys.js';
import { openTokenVerifier } from './auth/verify-token.js';
import { systemClock } from './core/clock.js';
import type { Config } from './core/config.js';
import { fault } from './core/errors.js';
import { type StartedParts, startAll } from './core/lifecycle.js';
import { createMetrics } from './core/metrics.js';
import { rememberFailures } from './core/recent-failures.js';
import { deriveKey } from './core/seal.js';
import { usualLimits } from './facade/facade-parts.js';
import { startFacade } from './facade/listen.js';
import { type Intake, startIntake } from './intake/intake.js';
import { openDataFolder } from './store/embedded/data-folder.js';
import { openMasterKey } from './store/master-key.js';
import { defaultPartitions, newTenantRecord } from './store/tenant-record.js';

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Starts everything that the configuration names in this process, or nothing.
 * @throws Fault `port-in-use`, `data-folder-locked`, `data-folder-unusable`, `seal-broken`, `mapping-invalid`,
 * `config-invalid`: one clear sentence each, and nothing is left half-started
 */
export const startWardline: StartSystem = (config, options) =>
  startAll(options.log, (parts) => startSystem(parts, config, options), options.cancelled);

/** One process with all parts; stores and queue are files and threads of its own, or MongoDB and Redis where the configuration names them. */
async function startSystem(
  parts: StartedParts,
  config: Config,
  { log: given, version }: Parameters<StartSystem>[1],
): Promise<RunningSystem> {
  const clock = systemClock;
  const { log, recent } = rememberFailures(given, () => clock.now());
  const startedAt = clock.now();
  const metrics = createMetrics();
  const threads = threadStates(log, metrics);
  const folder = parts.add('data folder', openDataFolder(config.dataFolder), (data) => data.release());
  const choice = storeChoice(config);
  const stores = parts.add(
    'stores',
    choice.kind === 'mongodb' ? await mongoStores(choice) : embeddedStores(folder),
    (opened) => opened.close(),
  );
  const { registry } = stores;
  const master = await openMasterKey(registry, masterKeySource(config));
  const plan = await openRebuildPlan({ registry, transform: () => transform, clock, log });
  const rekeyed = async (tenant: string): Promise<void> => {
    if (stores.mayHold(tenant)) await plan.note([tenant]);
  };
  await declareFromConfig(config, registry, master, clock, rekeyed);
  let current = config;
  const sources = () => mappingSources(current);
  const folders = () => mappingFolders(sources());
  const since = await stateOfFolders(folders());
  const mapping = await openMappingVersions({
    ...{ sources, registry, clock, log, metrics },
    // a thread that is just being started anew takes the newest by itself
    changed: () => transform.refresh().catch(ignore),
    hasData: () => stores.mayHold(),
    rebuild: () => plan.note(),
  });
  await maintainSigningKeys(registry, master, clock);
  const run = await registry.openRun(clock.now());
  const copy = parts.add('registry copy', openRegistryCopy(registry, clock), (opened) => opened.close());
  const clientRegistry = knownAtOnce(registry, copy);
  const keys = archiveKeys(master);
  const tenants = tenantDirectory();
  const learnTenants = async (): Promise<void> => {
    const snapshot = await copy.refresh();
    keys.update(snapshot);
    tenants.update(snapshot);
  };
  await learnTenants();

  // named before the parts that may speak of it while it starts
  let intake: Intake | undefined;
  let ready = false;
  const listeners = () =>
    (intake?.listening() ?? []).map(({ name, address, connections }) => ({
      ...{ name, host: address.address, port: address.port, connections },
    }));

  const audit = parts.add(
    'audit',
    await stores.openAudit({ run, key: deriveKey(master, 'audit') }, threads.watch('audit')),
    (port) => port.close(),
  );
  const transform = parts.add(
    'transform',
    startTransform(
      { stores: choice, run, master, logLevel: config.logLevel, profiles: sourceProfiles(config) },
      ({ settled, seconds, written }) => {
        for (const [kind, rows] of Object.entries(written)) metrics.written.add({ kind }, rows);
        for (const { sequence, state, reason } of settled) {
          metrics.settled.add({ state });
          metrics.transform.observe({}, seconds / settled.length);
          intake?.applicationAcks.onSettled(sequence, state, reason);
        }
      },
      threads.watch('transform'),
    ),
    (service) => service.end(),
  );
  const started = parts.add(
    'archive',
    await stores.openArchive(
      { run, keyOf: keys.keyOf, repeatDays: config.repeatsWindow / day },
      transform,
      threads.watch('archive'),
    ),
    (opened) => opened.close(),
  );
  const { port: archive } = started;
  await transform.begin();
  const queue = parts.add('queue', stores.openQueue(transform), (opened) => opened.close());
  const reader = parts.add('facade reads', await stores.openReader(threads.watch('facade reads')), (port) =>
    port.close(),
  );

  const publicUrl = await publicUrlOf(config);
  const verifier = openTokenVerifier(copy, clock, publicUrl.url);
  const facade = parts.add(
    'facade',
    await startFacade(
      {
        publicUrl: publicUrl.url,
        resources: reader,
        messages: messagesIn(archive),
        audit,
        verifier,
        token: {
          registry,
          copy,
          clock,
          limit: openAttemptLimit(clock),
          privateKey: openPrivateKeys(master),
          publicUrl: publicUrl.url,
          tokenLife: config.tokenLife,
        },
        clock,
        log,
        metrics,
        master,
        software: { name: 'Wardline', version },
        limits: usualLimits,
      },
      {
        host: config.http.host,
        port: publicUrl.port,
        trustedProxies: config.http.trustedProxies,
        ...(config.http.tls === undefined ? {} : { tls: config.http.tls }),
      },
    ),
    (running) => running.close(),
  );

  const admin = parts.add(
    'admin',
    await startAdminServer(
      {
        registry: { ...clientRegistry, mappings: (limit) => registry.mappings(limit) },
        archive,
        audit,
        clock,
        log,
        metrics,
        async createTenant(wish) {
          const record = newTenantRecord(master, wish, clock.now());
          const known = (await registry.snapshot()).tenants.some((tenant) => tenant.id === record.id);
          if (known) throw fault('conflict', `a tenant ${record.id} exists already`);
          await registry.putTenant(record);
          await learnTenants();
          await transform.refresh();
          return record;
        },
        explain: (message, mapping) => transform.explain(message, mapping),
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
              charset: (listener) => sourceProfiles(current)[listener]?.charset,
            },
            message,
            tenant,
          ),
        mapping,
        dryRun: (request) =>
          dryRun({
            stores: choice,
            run,
            master,
            profiles: sourceProfiles(current),
            sources: sources(),
            request,
          }),
        replays: {
          start: (request, dry) => transform.startReplay(request, dry),
          list: () => transform.replays(),
          get: (id) => transform.replay(id),
          differences: (id) => transform.replayDifferences(id),
          stop: (id) => transform.stopReplay(id),
        },
        status: async () => ({
          version,
          startedAt,
          publicUrl: publicUrl.url,
          listeners: listeners(),
          directories: intake?.directories() ?? [],
          threads: threads.list(),
          waiting: await transform.waiting().catch(() => []),
          queueDepth: await queue.depth().catch(() => null),
          freeBytes: (await archive.freeBytes().catch(() => undefined)) ?? null,
        }),
        recentFailures: recent,
        ready: () => ready && threads.allRunning(),
      },
      { ...config.admin, dataFolder: config.dataFolder },
    ),
    (server) => server.stop(),
  );

  intake = parts.add(
    'intake',
    await startIntake(
      listenerSettings(config),
      {
        archive,
        queue,
        clock,
        metrics,
        log,
        partitions: defaultPartitions,
        tenantSettings: tenants.settings,
        minFreeDisk: config.minFreeDisk,
        http: { verifier, audit },
        owner: Buffer.from(deriveKey(master, `owner of ${config.dataFolder}`))
          .toString('hex')
          .slice(0, 12),
      },
      directorySettings(config),
    ),
    (running) => running.stop(),
  );
  parts.add(
    'schedule',
    [
      repeatEvery(hour, log, () => maintainSigningKeys(registry, master, clock)),
      repeatEvery(1000, log, async () => metrics.queueDepth.set({}, await queue.depth())),
      repeatEvery(1000, log, async () => metrics.ready.set({}, ready && threads.allRunning() ? 1 : 0)),
      repeatEvery(5000, log, backlogMetrics(archive, metrics, clock)),
      repeatEvery(1000, log, () => plan.step()),
      // another process may have made a tenant
      repeatEvery(500, log, learnTenants),
      repeatEvery(hour, log, async () => {
        const { age, bytes } = config.retention;
        for (const tenant of [null, ...tenants.ids()]) {
          if (age !== undefined) await archive.prune(tenant, clock.now() - age);
          if (bytes !== undefined) await archive.trim(tenant, bytes);
        }
      }),
    ],
    (tasks) => {
      for (const stop of tasks) stop();
    },
  );
  const changed = () => mapping.publish().then(ignore, ignore);
  // listeners that have left may have messages waiting
  let profiles = sourceProfiles(config);
  const steps: readonly ReloadStep[] = [
    (next) => declareFromConfig(next, registry, master, clock, rekeyed),
    learnTenants,
    () => transform.refresh(),
    (next) => {
      profiles = { ...profiles, ...sourceProfiles(next) };
      return transform.useProfiles(profiles);
    },
    async (next) => intake?.change(listenerSettings(next), directorySettings(next)),
  ];
  let reloaded: Promise<void> = Promise.resolve();
  parts.add('mapping files', watchFolders({ folders, since, changed }), (stop) => stop());
  ready = true;
  return {
    listeners: listeners(),
    http: { host: config.http.host, port: facade.port },
    admin: { host: config.admin.host, port: admin.port },
    publicUrl: publicUrl.url,
    registry: clientRegistry,
    reload(next = current) {
      reloaded = reloaded.then(async () => {
        current = next;
        await takeOver(config, next, steps, log);
        intake?.reloadCertificates();
        facade.reloadCertificate();
        await changed();
      });
      return reloaded;
    },
    stop() {
      ready = false;
      return parts.stop();
    },
  };
}

/** For what tells of its failure by itself. */
function ignore(): void {}
