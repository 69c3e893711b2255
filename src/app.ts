/** Composition: from a configuration to running parts. The only place that chooses adapters. */
import { startHealthServer } from './admin/health-server.js';
import { backlogMetrics } from './app/backlog-metrics.js';
import { stateOfFolders, watchFolders } from './app/folder-watch.js';
import { type Installation, openInstallation } from './app/installation.js';
import { mappingFolders } from './app/mapping-files.js';
import { startPatiently } from './app/patient-start.js';
import { type QueueWatch, watchQueue } from './app/queue-watch.js';
import { type ReloadStep, takeOver } from './app/reload.js';
import { dutiesOf } from './app/role.js';
import type { RunningSystem, StartSystem } from './app/running-system.js';
import { repeatEvery } from './app/schedule.js';
import { serveAdmin } from './app/serve-admin.js';
import { serveFhir } from './app/serve-fhir.js';
import { directorySettings, listenerSettings } from './app/source-config.js';
import { type Engine, startEngine } from './app/start-engine.js';
import { storeChoice } from './app/store-choice.js';
import { takeMessages } from './app/take-messages.js';
import { maintainSigningKeys } from './auth/signing-keys.js';
import type { Config } from './core/config.js';
import { fault } from './core/errors.js';
import { type StartedParts, startAll } from './core/lifecycle.js';
import { deriveKey } from './core/seal.js';
import type { Intake } from './intake/intake.js';
import type { ArchivePort } from './store/archive-port.js';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
/** What one process does for all goes to another when the one that has it was silent for so long. */
const leaseTime = 15 * second;

const scheduleLease = 'schedule';

/**
 * Starts everything that the configuration names and the role does in this process, or nothing.
 * @throws Fault `port-in-use`, `data-folder-locked`, `data-folder-unusable`, `seal-broken`, `mapping-invalid`,
 * `config-invalid`: one clear sentence each, and nothing is left half-started
 */
export const startWardline: StartSystem = (config, options) => {
  const start = () => startAll(options.log, (parts) => startSystem(parts, config, options), options.cancelled);
  return config.mongodb === undefined ? start() : startPatiently(start, options);
};

/** Stores and queue are files and threads of this process, or MongoDB and Redis where the configuration names them. */
async function startSystem(
  parts: StartedParts,
  config: Config,
  { log: given, version, role = 'all' }: Parameters<StartSystem>[1],
): Promise<RunningSystem> {
  const duties = dutiesOf(role, storeChoice(config));
  let current = config;
  let ready = false;
  // named before the parts that may speak of them while they start
  let engine: Engine | undefined;
  let intake: Intake | undefined;
  let waiting: QueueWatch | undefined;
  const transform = () => {
    if (engine === undefined) throw fault('internal', `a process of the role ${role} has no engine`);
    return engine.transform;
  };
  const here = await openInstallation(parts, config, { log: given, version, role, transform });
  const { log, metrics, stores, registry, master, run, threads } = here;
  const folders = () => (engine === undefined ? [] : mappingFolders(engine.sources()));
  const isReady = (): boolean =>
    ready && threads.allRunning() && here.answers() && (role !== 'transform' || waiting?.answers() !== false);
  const listeners = () =>
    (intake?.listening() ?? []).map(({ name, address, connections }) => ({
      ...{ name, host: address.address, port: address.port, connections },
    }));

  const audit = parts.add(
    'audit',
    await stores.openAudit({ run, key: deriveKey(master, 'audit') }, threads.watch('audit')),
    (port) => port.close(),
  );
  if (duties.engine) {
    engine = await startEngine(parts, here, {
      current: () => current,
      settled: ({ sequence, state, reason }) => intake?.applicationAcks.onSettled(sequence, state, reason),
    });
  }
  const since = await stateOfFolders(folders());
  const { port: archive } = parts.add(
    'archive',
    await stores.openArchive(
      { run, keyOf: here.keys.keyOf, repeatDays: config.repeatsWindow / day },
      transform,
      threads.watch('archive'),
    ),
    (opened) => opened.close(),
  );
  await engine?.transform.begin();
  const queue = parts.add('queue', stores.openQueue(transform), (opened) => opened.close());
  const watched = watchQueue(queue, metrics);
  waiting = watched;
  const facade = duties.facade ? await serveFhir(parts, here, config, { archive, audit }) : undefined;
  const admin =
    engine === undefined
      ? undefined
      : await serveAdmin(parts, here, config, {
          ...{ archive, audit, queue, engine, listeners },
          current: () => current,
          directories: () => intake?.directories() ?? [],
          ready: isReady,
        });
  const health =
    config.health === undefined
      ? undefined
      : parts.add('health', await startHealthServer({ ready: isReady, metrics }, config.health), (server) =>
          server.stop(),
        );
  if (duties.intake) intake = await takeMessages(parts, here, config, { archive, queue, audit });

  const sayAlive = async (): Promise<void> => registry.sayAlive(await here.describe(listeners(), isReady()));
  const tasks = [
    // another process may have made a tenant
    repeatEvery(second / 2, log, here.learnTenants),
    repeatEvery(second, log, watched.look),
    repeatEvery(second, log, async () => metrics.ready.set({}, isReady() ? 1 : 0)),
    repeatEvery(2 * second, log, sayAlive),
    ...(engine === undefined ? [] : [repeatEvery(5 * second, log, backlogMetrics(archive, metrics, here.clock))]),
    ...(engine === undefined ? [] : await tasksOfOne(here, config, archive)),
  ];
  parts.add('schedule', tasks, () => {
    for (const stop of tasks) stop();
  });
  if (engine !== undefined) {
    const { publish } = engine.mapping;
    const changed = (): Promise<void> => publish().then(ignore, ignore);
    parts.add('mapping files', watchFolders({ folders, since, changed }), (stop) => stop());
  }
  // starting may have taken longer than a silence may last
  await here.learnTenants();
  ready = true;
  await sayAlive();
  parts.add('sign of life', `run ${run}`, async (owner) => {
    await registry.sayGone(run);
    // whoever is left need not wait until the time is over
    if (engine !== undefined) await registry.lease(scheduleLease, owner, 0);
  });

  const steps: readonly ReloadStep[] = [
    here.declare,
    here.learnTenants,
    async () => engine?.transform.refresh(),
    async (next) => engine?.useProfiles(next),
    async (next) => intake?.change(listenerSettings(next), directorySettings(next)),
  ];
  let reloaded: Promise<void> = Promise.resolve();
  return {
    listeners: listeners(),
    http: facade === undefined ? undefined : { host: config.http.host, port: facade.port },
    admin: admin === undefined ? undefined : { host: config.admin.host, port: admin.port },
    health: health === undefined ? undefined : { host: config.health?.host ?? '', port: health.port },
    publicUrl: here.publicUrl.url,
    registry: here.clientRegistry,
    reload(next = current) {
      reloaded = reloaded.then(async () => {
        current = next;
        await takeOver(config, next, steps, log);
        intake?.reloadCertificates();
        facade?.reloadCertificate();
        await engine?.mapping.publish().then(ignore, ignore);
      });
      return reloaded;
    },
    stop() {
      ready = false;
      return parts.stop();
    },
  };
}

/** What one process at a time does for all. */
async function tasksOfOne(here: Installation, config: Config, archive: ArchivePort): Promise<(() => void)[]> {
  const { log, registry, master, clock, tenants, plan, run } = here;
  const { age, bytes } = config.retention;
  let mine = false;
  const ask = async (): Promise<void> => {
    mine = await registry.lease(scheduleLease, `run ${run}`, leaseTime);
  };
  await ask();
  const whereMine = (task: () => Promise<void>) => async (): Promise<void> => {
    if (mine) await task();
  };
  return [
    repeatEvery(leaseTime / 3, log, ask),
    repeatEvery(
      second,
      log,
      whereMine(() => plan.step()),
    ),
    repeatEvery(
      hour,
      log,
      whereMine(() => maintainSigningKeys(registry, master, clock)),
    ),
    repeatEvery(
      hour,
      log,
      whereMine(async () => {
        for (const tenant of [null, ...tenants.ids()]) {
          if (age !== undefined) await archive.prune(tenant, clock.now() - age);
          if (bytes !== undefined) await archive.trim(tenant, bytes);
        }
        await archive.recount();
      }),
    ),
  ];
}

/** For what tells of its failure by itself. */
function ignore(): void {}
