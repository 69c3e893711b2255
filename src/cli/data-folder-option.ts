import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { loadConfig } from '../core/config.js';

/** The configuration file that a command goes by: the one named, else `wardline.yaml` here when there is one. */
export function configFile(named: string | undefined): string | undefined {
  return named ?? process.env.WARDLINE_CONFIG ?? (existsSync('wardline.yaml') ? 'wardline.yaml' : undefined);
}

/** Where the running system keeps its data, and with it the way to its admin API. */
export function dataFolder(named: string | undefined): string {
  const file = configFile(undefined);
  return loadConfig({
    ...(file === undefined ? {} : { file }),
    env: process.env,
    flags: named === undefined ? {} : { data: named },
  }).dataFolder;
}

export function dataOption(): Option {
  return new Option('-d, --data <folder>', 'data folder of the running system (WARDLINE_DATA, else ./data)');
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON for scripts');
}
