/** Composition: from a configuration to running parts. The only place that chooses adapters. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startAdminServer } from './admin/admin-server.js';
import { archiveKeys } from './app/archive-keys.js';
import { declareFromConfig } from './app/declared.js';
import { listenerSettings, sourceProfiles } from './app/listener-config.js';
import { publishMappings } from './app/mapping-files.js';
import type { RunningSystem, StartOptions } from './app/running-system.js';
import { type SettledNotice, type TransformData, transformMethods, type TransformService } from './app/transform-service.js';
import { openAttemptLimit } from './auth/attempt-limit.js';
import { openRegistryCopy } from './auth/registry-copy.js';
import { maintainSigningKeys, openPrivateKeys } from './auth/signing-keys.js';
import { openTokenVerifier } from './auth/verify-token.js';
import { systemClock } from './core/clock.js';
import type { Config } from './core/config.js';
import { fault } from './core/errors.js';
import { type Part, startParts } from './core/lifecycle.js';
import type { Log } from './core/log.js';
import { createMetrics } from './core/metrics.js';
import { plainTenantSettings } from './core/tenant-settings.js';
import { callsOver } from './core/thread-rpc.js';
import { settingsOf } from './engine/tenant-contexts.js';
import { usualLimits } from './facade/facade-parts.js';
import { type RunningFacade, startFacade } from './facade/listen.js';
import { type Intake, startIntake } from './intake/intake.js';
import { composeArchive } from './store/embedded/archive.js';
import { startArchiveThread } from './store/embedded/archive-client.js';
import { startAuditThread } from './store/embedded/audit-client.js';
import { openDataFolder } from './store/embedded/data-folder.js';
import { startReadThread } from './store/embedded/read-client.js';
import { openEmbeddedRegistry } from './store/embedded/registry.js';
import { openMasterKey } from './store/master-key.js';
import { newTenantRecord } from './store/tenant-record.js';

const keyMaintenance = 3_600_000;
const pruneEvery = 3_600_000;
const depthEvery = 1000;

/**
 * Starts everything that the configuration names in this process, or nothing.
 * @throws Fault `port-in-use`, `data-folder-locked`, `data-folder-unusable`, `seal-broken`, `mapping-invalid`,
 * `config-invalid`: one clear sentence each, and nothing is left half-started
 */
export async function startWardline(config: Config, { log, version }: StartOptions): Promise<RunningSystem> {
  const clock = systemClock;
  const startedAt = clock.now();
  const metrics = createMetrics();
  const parts: Part[] = [];
  /** Starts `open` in its turn; `get` is for parts that start later. */
  const part = <T>(name: string, open: () => Promise<T>, close: (opened: T) => Promise<void>): (() => T) => {
    let opened: T | undefined;
    parts.push({
      name,
      async start() {
        const made = await open();
        opened = made;
        return () => close(made);
      },
    });
    return () => {
      if (opened === undefined) throw fault('internal', `${name} has not started`);
      return opened;
    };
  };

  const folder = part(
    'data folder',
    async () => openDataFolder(config.dataFolder),
    async (data) => data.release(),
  );
  const registry = part(
    'registry',
    async () => openEmbeddedRegistry(folder().file('registry.db')),
    (port) => port.close(),
  );
  const base = part(
    'installation',
    async () => {
      const source = { folder: config.dataFolder, ...masterSource(config) };
      const master = await openMasterKey(registry(), source);
      await declareFromConfig(config, registry(), master, clock);
      await publishMappings(config, registry(), clock);
      await maintainSigningKeys(registry(), master, clock);
      const keys = archiveKeys(master);
      keys.update(await registry().snapshot());
      return { master, run: await registry().openRun(clock.now()), keys };
    },
    async () => undefined,
  );
  const copy = part(
    'registry copy',
    async () => {
      const opened = openRegistryCopy(registry(), clock);
      await opened.refresh();
      return opened;
    },
    async (opened) => opened.close(),
  );
  const audit = part(
    'audit',
    async () => startAuditThread(folder().file('audit.db'), base().run),
    (port) => port.close(),
  );
  const transform = part(
    'transform',
    async () => startTransform(config, base(), (notice) => settled(notice)),
    async ({ service, worker }) => {
      await service.end();
      await worker.terminate();
    },
  );
  const archive = part(
    'archive',
    async () => {
      const files = folder().file('archive');
      mkdirSync(files, { recursive: true, mode: 0o700 });
      const { run, keys } = base();
      const writer = await startArchiveThread(files, { run, keyOf: keys.keyOf });
      await transform().service.begin();
      const { service } = transform();
      return composeArchive(files, writer, { ...service, close: async () => undefined });
    },
    (port) => port.close(),
  );
  const reader = part(
    'facade reads',
    async () => startReadThread(folder().file('tenants')),
    (port) => port.close(),
  );
  const facade = part('facade', () => openFacade(), (running: RunningFacade) => running.close());
  const createTenant = async (wish: { readonly name: string; readonly id?: string }) => {
    const record = newTenantRecord(base().master, wish, clock.now());
    const { tenants } = await registry().snapshot();
    if (tenants.some((tenant) => tenant.id === record.id)) throw fault('conflict', `a tenant ${record.id} exists already`);
    await registry().putTenant(record);
    base().keys.update(await copy().refresh());
    await transform().service.refresh();
    return record;
  };
  let ready = false;
  const admin = part(
    'admin',
    () =>
      startAdminServer(
        {
          registry: registry(),
          archive: archive(),
          audit: audit(),
          clock,
          log,
          metrics,
          createTenant,
          explain: (message) => transform().service.explain(message),
          release: async (message) => {
            if (!(await archive().release(message))) return false;
            const found = await archive().get(message);
            if (found?.row.tenant == null) return false;
            const { tenant, partition, sequence } = found.row;
            await transform().service.enqueue([{ tenant, partition, sequence }]);
            return true;
          },
          park: (message) => transform().service.park(message),
          replay: (message) => transform().service.replay(message),
          status: async () => ({
            version,
            startedAt,
            publicUrl: publicUrl(),
            listeners: listening().map((listener) => ({ ...listener, connections: 0 })),
            queueDepth: await transform().service.depth(),
            freeBytes: (await archive().freeBytes()) ?? null,
          }),
          ready: () => ready,
        },
        { ...config.admin, dataFolder: config.dataFolder },
      ),
    (server) => server.stop(),
  );
  const intake = part(
    'intake',
    () => openIntake(),
    (running: Intake) => running.stop(),
  );
  part(
    'schedule',
    async () => {
      const tasks = [
        every(keyMaintenance, () => maintainSigningKeys(registry(), base().master, clock), log),
        every(pruneEvery, () => prune(), log),
        every(depthEvery, async () => metrics.queueDepth.set({}, await transform().service.depth()), log),
      ];
      return tasks;
    },
    async (timers) => {
      for (const timer of timers) clearInterval(timer);
    },
  );

  const publicUrl = (): string =>
    config.publicUrl ?? `${config.http.tls === undefined ? 'http' : 'https'}://${hostPort(config.http.host, facade().port)}`;
  const listening = () =>
    intake().addresses.map(({ address, port }, index) => ({
      name: config.listeners[index]?.name ?? '',
      host: address,
      port,
    }));
  const settled = ({ settled: outcomes, seconds }: SettledNotice): void => {
    for (const { sequence, state, reason } of outcomes) {
      metrics.settled.add({ state });
      metrics.transform.observe({}, seconds / outcomes.length);
      intake().applicationAcks.onSettled(sequence, state, reason);
    }
  };
  const openFacade = (): Promise<RunningFacade> => {
    const url = config.publicUrl ?? `http://${hostPort(config.http.host, config.http.port)}`;
    return startFacade(
      {
        publicUrl: url,
        resources: { ...reader(), write: readOnly, touch: readOnly, dropTenant: readOnly },
        audit: audit(),
        verifier: openTokenVerifier(copy(), clock, url),
        token: {
          registry: registry(),
          copy: copy(),
          clock,
          limit: openAttemptLimit(clock),
          privateKey: openPrivateKeys(base().master),
          publicUrl: url,
          tokenLife: config.tokenLife,
        },
        clock,
        log,
        master: base().master,
        software: { name: 'Wardline', version },
        limits: usualLimits,
      },
      { ...config.http },
    );
  };
  const openIntake = (): Promise<Intake> => {
    const known = new Map<string, ReturnType<typeof settingsOf>>();
    return startIntake(listenerSettings(config), {
      archive: archive(),
      queue: { enqueue: (items) => transform().service.enqueue(items) },
      clock,
      metrics,
      log,
      partitions: 32,
      tenantSettings: (tenant) => known.get(tenant) ?? plainTenantSettings,
      minFreeDisk: config.minFreeDisk,
    });
  };
  const prune = async (): Promise<void> => {
    const { age } = config.retention;
    if (age === undefined) return;
    const { tenants } = await copy().current();
    for (const tenant of [null, ...tenants.map(({ id }) => id)]) await archive().prune(tenant, clock.now() - age);
  };

  const running = await startParts(parts, log);
  ready = true;
  return {
    listeners: listening(),
    http: { host: config.http.host, port: facade().port },
    admin: { host: config.admin.host, port: admin().port },
    publicUrl: publicUrl(),
    registry: registry(),
    stop() {
      ready = false;
      return running.stop();
    },
  };
}
