import type { UpgradePlan } from '../../engine/upgrade-job.js';
import type { JobJson, StateJson } from './upgrade-texts.js';

/** How the command reaches what it upgrades: a running system, or files on which none runs. */
export interface UpgradeWay {
  plan(): Promise<UpgradePlan>;
  state(): Promise<StateJson>;
  /** Starts it, or finds the one that runs; resolves when it has ended. */
  run(told: (job: JobJson) => void): Promise<JobJson>;
  stop(): Promise<JobJson>;
  close(): Promise<void>;
}
