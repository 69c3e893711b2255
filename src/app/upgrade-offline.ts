/** The upgrade of a data folder on which nothing runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../core/clock.js';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import { silentLog } from '../core/log.js';
import { searchIndexOf } from '../engine/search-index.js';
import type { UpgradeJob, UpgradePlan, UpgradeState } from '../engine/upgrade-job.js';
import { searchEdition } from '../fhir/search-values.js';
import { openDataFolder } from '../store/embedded/data-folder.js';
import { embeddedEditions } from '../store/embedded/editions.js';
import { refuseMoved } from '../store/embedded/moved-marker.js';
import { openEmbeddedRegistry } from '../store/embedded/registry.js';
import { openEmbeddedResources } from '../store/embedded/resources.js';
import { planUpgrade } from './plan-upgrade.js';
import { UpgradeJobs } from './upgrade-jobs.js';
import { upgradeState } from './upgrade-notes.js';

export interface OfflineUpgrade {
  /** What there is to do; changes nothing. */
  plan(): Promise<UpgradePlan>;
  state(): Promise<UpgradeState>;
  /**
   * Carries it out as fast as it can, telling of its progress, and resolves when it has ended, or `stopped` says so. What an earlier
   * attempt has done is not done again.
   */
  run(told: (job: UpgradeJob) => void, stopped: () => boolean): Promise<UpgradeJob>;
  /** Ends one that was not finished. @throws Fault `not-found` where none was started */
  stop(): Promise<UpgradeJob>;
  close(): Promise<void>;
}

const lookEvery = 200;

/**
 * Opens the files and holds their folder.
 * @throws Fault `data-folder-locked` while a process runs on it, `not-found` where there is no installation, `installation-moved`, `format-too-new`
 */
export function openOfflineUpgrade({ dataFolder }: Pick<Config, 'dataFolder'>): OfflineUpgrade {
  if (!existsSync(join(dataFolder, 'registry.db')))
    throw fault('not-found', `there is no installation in ${dataFolder}`);
  const folder = openDataFolder(dataFolder);
  const opened: { close(): unknown }[] = [{ close: () => folder.release() }];
  const keep = <T extends { close(): unknown }>(part: T): T => {
    opened.push(part);
    return part;
  };
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    refuseMoved(folder.path);
    const registry = keep(openEmbeddedRegistry(folder.file('registry.db')));
    const tenants = folder.file('tenants');
    const jobs = (): UpgradeJobs =>
      keep(
        new UpgradeJobs({
          ...{ registry, resources: keep(openEmbeddedResources(tenants)), run: 0 },
          ...{ clock: systemClock, log: silentLog, shared: false },
          code: { edition: searchEdition, indexOf: searchIndexOf },
          queueFormat: async () => undefined,
          turn: (work) => work(),
          // a signal has to be heard
          rest: () => new Promise((resolve) => setImmediate(resolve)),
        }),
      );
    return {
      plan: async () => ({
        ...(await planUpgrade(registry, embeddedEditions(tenants), searchEdition)),
        ...{ queueFormat: undefined, otherProcesses: [] },
      }),
      state: () => upgradeState(registry, searchEdition),
      async run(told, stopped) {
        const here = jobs();
        await here.begin();
        let job = await here.start();
        while (job.state === 'running') {
          await new Promise((resolve) => setTimeout(resolve, lookEvery));
          if (stopped()) return here.stop();
          await here.step();
          job = (await here.state()).job ?? job;
          told(job);
        }
        // nobody mends meanwhile what it waits for
        return job.state === 'waiting' ? { ...(await here.stop()), waitsFor: job.waitsFor } : job;
      },
      stop: () => jobs().stop(),
      close,
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}
