import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { accessFileName } from '../admin/access-file.js';
import { type Config, loadConfig } from '../core/config.js';
import { Fault, fault } from '../core/errors.js';
import { adminClient } from './admin-client.js';
import { configFile, dataOption, jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { printJson } from './print-table.js';
import { offlineUpgrade } from './upgrade/offline.js';
import { runningUpgrade } from './upgrade/running.js';
import { type JobJson, outcomeText, planText, stateText } from './upgrade/upgrade-texts.js';
import type { UpgradeWay } from './upgrade/upgrade-way.js';
import { watchUpgrade } from './upgrade/watch-upgrade.js';

interface UpgradeOptions {
  readonly config?: string;
  readonly data?: string;
  readonly dry?: true;
  readonly status?: true;
  readonly stop?: true;
  readonly json?: true;
}

const help = `
After a new version was started: documents whose search values an older one made are indexed again, in the background, while messages are
applied and searches answered. What a document shows, its versions and its times stay as they are. One process does it; when that
ends another one goes on, and so does the next start. It goes on when this command is ended. Where nothing runs on the data
folder, this command does it by itself.

Examples:
  wardline upgrade --dry
  wardline upgrade
  wardline upgrade --status
  wardline upgrade --stop`;

/** `wardline upgrade`. */
export function upgradeCommand(): Command {
  return new Command('upgrade')
    .description('Bring stored data to the form of this version, while the system works.')
    .option('--dry', 'only say what there is to do')
    .option('--status', 'only say how far it is')
    .option('--stop', 'stop it; what it has done stays, and the next one goes on there')
    .option('-c, --config <file>', 'configuration file (WARDLINE_CONFIG, else ./wardline.yaml)')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', help)
    .action(async (options: UpgradeOptions) => {
      const ways = [options.dry, options.status, options.stop].filter(Boolean).length;
      if (ways > 1) throw fault('usage', 'state one of --dry, --status, --stop');
      const way = await openWay(configOf(options));
      try {
        process.exitCode = await act(way, options);
      } finally {
        await way.close();
      }
    });
}

async function act(way: UpgradeWay, { dry, status, stop, json }: UpgradeOptions): Promise<number> {
  const print = (value: unknown, text: () => string): number => {
    if (json) printJson(value);
    else process.stdout.write(text());
    return exitCodes.ok;
  };
  if (status) {
    const state = await way.state();
    return print(state, () => stateText(state));
  }
  if (stop) {
    const job = await way.stop();
    return print(job, () => outcomeText(job));
  }
  const plan = await way.plan();
  if (dry) return print(plan, () => planText(plan));
  if (!json) process.stdout.write(planText(plan));
  const watch = watchUpgrade(json === true);
  let job: JobJson;
  try {
    job = await way.run(watch.told);
  } finally {
    watch.stop();
  }
  print(job, () => outcomeText(job));
  return job.state === 'done' && job.refused === 0 ? exitCodes.ok : exitCodes.failed;
}

/** Through the system that runs on the data folder, else by itself on its files. */
async function openWay(config: Config): Promise<UpgradeWay> {
  if (existsSync(join(config.dataFolder, accessFileName))) {
    const client = adminClient(config.dataFolder);
    try {
      await client.call('GET', '/upgrade');
      return runningUpgrade(client);
    } catch (error) {
      // a process that was killed leaves its access file
      if (!(error instanceof Fault) || error.code !== 'not-reachable') throw error;
    }
  }
  if (config.mongodb !== undefined) {
    const todo = 'run it with the data folder of a process of the role transform or all, while that runs';
    throw fault('not-reachable', `no such process runs on ${config.dataFolder}; ${todo}`);
  }
  return offlineUpgrade(config);
}

function configOf({ config: named, data }: UpgradeOptions): Config {
  const file = configFile(named);
  return loadConfig({
    ...(file === undefined ? {} : { file }),
    env: process.env,
    flags: data === undefined ? {} : { data },
  });
}
