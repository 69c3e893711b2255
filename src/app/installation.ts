/** What every process of an installation opens first, whatever its role: stores, keys, tenants, and what it says of itself. */
import { hostname } from 'node:os';
import { openRegistryCopy, type RegistryCopy } from '../auth/registry-copy.js';
import { maintainSigningKeys } from '../auth/signing-keys.js';
import { openTokenVerifier, type TokenVerifier } from '../auth/verify-token.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { Config } from '../core/config.js';
import type { JsonObject } from '../core/json.js';
import type { StartedParts } from '../core/lifecycle.js';
import type { Log } from '../core/log.js';
import { createMetrics, type Metrics } from '../core/metrics.js';
import { type RememberingLog, rememberFailures } from '../core/recent-failures.js';
import { searchEdition } from '../fhir/search-values.js';
import { openDataFolder } from '../store/embedded/data-folder.js';
import { openMasterKey } from '../store/master-key.js';
import type { ProcessRecord, RegistryPort } from '../store/registry-port.js';
import { type ArchiveKeys, archiveKeys } from './archive-keys.js';
import { type ClientRegistry, knownAtOnce } from './client-registry.js';
import { declareFromConfig } from './declared.js';
import { embeddedStores } from './embedded-stores.js';
import { masterKeySource } from './master-key-source.js';
import { publicUrlOf } from './public-url.js';
import { openRebuildPlan, type RebuildPlan } from './rebuild-plan.js';
import type { Role } from './role.js';
import { type StoreChoice, storeChoice } from './store-choice.js';
import type { Stores } from './stores.js';
import { type TenantDirectory, tenantDirectory } from './tenant-directory.js';
import { type ThreadStates, threadStates } from './thread-states.js';
import type { TransformService } from './transform-service.js';

export interface Installation {
  readonly clock: Clock;
  readonly log: Log;
  readonly recentFailures: RememberingLog['recent'];
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly metrics: Metrics;
  readonly threads: ThreadStates;
  readonly choice: StoreChoice;
  readonly stores: Stores;
  readonly registry: RegistryPort;
  readonly clientRegistry: ClientRegistry;
  readonly copy: RegistryCopy;
  readonly master: Uint8Array;
  readonly keys: ArchiveKeys;
  readonly tenants: TenantDirectory;
  readonly plan: RebuildPlan;
  /** The number of this run of the process. */
  readonly run: number;
  readonly publicUrl: { readonly url: string; readonly port: number };
  readonly verifier: TokenVerifier;
  /** Takes over what any process changed of tenants. */
  learnTenants(): Promise<void>;
  /** Brings tenants and clients of a configuration into the registry. */
  declare(config: Config): Promise<void>;
  /** True while the registry has answered not long ago. */
  answers(): boolean;
  /** What this process says of itself. */
  describe(listeners: ProcessRecord['listeners'], ready: boolean): Promise<ProcessRecord>;
}

/** Milliseconds without an answer of the registry after which the process is not ready. */
const silence = 10_000;

/** @throws Fault of the catalogue, as `startWardline` */
export async function openInstallation(
  parts: StartedParts,
  config: Config,
  options: { readonly log: Log; readonly version: string; readonly role: Role; transform(): TransformService },
): Promise<Installation> {
  const { version, role } = options;
  const clock = systemClock;
  const { log, recent } = rememberFailures(options.log, () => clock.now());
  const startedAt = clock.now();
  const metrics = createMetrics();
  const threads = threadStates(log, metrics);
  const folder = parts.add('data folder', openDataFolder(config.dataFolder), (data) => data.release());
  const choice = storeChoice(config);
  const stores = parts.add(
    'stores',
    choice.kind === 'mongodb' ? await (await import('./mongo-stores.js')).mongoStores(choice) : embeddedStores(folder),
    (opened) => opened.close(),
  );
  const { registry } = stores;
  const master = await openMasterKey(registry, masterKeySource(config));
  const plan = openRebuildPlan({ registry, transform: options.transform, clock, log });
  const rekeyed = async (tenant: string): Promise<void> => {
    if (stores.mayHold(tenant)) await plan.note([tenant]);
  };
  const declare = (stated: Config): Promise<void> => declareFromConfig(stated, registry, master, clock, rekeyed);
  await declare(config);
  await maintainSigningKeys(registry, master, clock);
  const run = await registry.openRun(clock.now());
  const copy = parts.add('registry copy', openRegistryCopy(registry, clock), (opened) => opened.close());
  const keys = archiveKeys(master);
  const tenants = tenantDirectory();
  let answered = clock.monotonic();
  const learnTenants = async (): Promise<void> => {
    const snapshot = await copy.refresh();
    answered = clock.monotonic();
    keys.update(snapshot);
    stores.learn(snapshot.tenants);
    tenants.update(snapshot);
  };
  await learnTenants();
  const publicUrl = await publicUrlOf(config);
  return {
    ...{ clock, log, version, startedAt, metrics, threads, choice, stores, registry, copy, master, keys, tenants },
    ...{ plan, run, publicUrl, learnTenants, declare },
    recentFailures: recent,
    clientRegistry: knownAtOnce(registry, copy),
    verifier: openTokenVerifier(copy, clock, publicUrl.url),
    answers: () => clock.monotonic() - answered < silence,
    async describe(listeners, ready) {
      const figures = JSON.parse(JSON.stringify(await metrics.figures())) as JsonObject;
      const edition = searchEdition;
      return { run, role, host: hostname(), pid: process.pid, version, edition, startedAt, ready, listeners, figures };
    },
  };
}
