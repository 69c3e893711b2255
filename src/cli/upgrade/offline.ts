import { upgradeJobJson, upgradeJson } from '../../admin/upgrade-routes.js';
import type { Config } from '../../core/config.js';
import type { UpgradeWay } from './upgrade-way.js';

/** The upgrade of files on which nothing runs, in this process. A signal ends it between two turns. */
export async function offlineUpgrade(config: Config): Promise<UpgradeWay> {
  // what opens stores is not loaded where a running system is asked
  const { openOfflineUpgrade } = await import('../../app/upgrade-offline.js');
  const upgrade = openOfflineUpgrade(config);
  return {
    plan: upgrade.plan,
    async state() {
      const state = await upgrade.state();
      return { ...upgradeJson(state), tenants: state.job?.tenants ?? [] };
    },
    async run(told) {
      let stopped = false;
      const stop = (): void => {
        stopped = true;
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
      try {
        const job = await upgrade.run(
          (one) => told(upgradeJobJson(one)),
          () => stopped,
        );
        return upgradeJobJson(job);
      } finally {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
      }
    },
    stop: async () => upgradeJobJson(await upgrade.stop()),
    close: upgrade.close,
  };
}
