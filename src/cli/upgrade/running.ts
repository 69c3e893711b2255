import type { UpgradePlan } from '../../engine/upgrade-job.js';
import type { AdminClient } from '../admin-client.js';
import type { JobJson, StateJson } from './upgrade-texts.js';
import type { UpgradeWay } from './upgrade-way.js';

const pollEvery = 500;

/** The upgrade that a running system carries out. */
export function runningUpgrade(client: AdminClient): UpgradeWay {
  return {
    plan: () => client.call<UpgradePlan>('GET', '/upgrade/plan'),
    state: () => client.call<StateJson>('GET', '/upgrade'),
    async run(told) {
      let job = await client.call<JobJson>('POST', '/upgrade');
      while (job.state === 'running' || job.state === 'waiting') {
        told(job);
        await new Promise((resolve) => setTimeout(resolve, pollEvery));
        job = (await client.call<StateJson>('GET', '/upgrade')).job ?? job;
      }
      return job;
    },
    stop: () => client.call<JobJson>('POST', '/upgrade/stop'),
    close: async () => undefined,
  };
}
