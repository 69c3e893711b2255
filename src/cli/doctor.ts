import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { accessFileName } from '../admin/access-file.js';
import { parseEditions } from '../app/upgrade-notes.js';
import { type Config, loadConfig } from '../core/config.js';
import { Fault } from '../core/errors.js';
import { adminClient } from './admin-client.js';
import { counted } from './counted.js';
import { configFile, dataOption, jsonOption } from './data-folder-option.js';
import { demoConfigToCome } from './demo-bootstrap.js';
import { checkCertificates } from './doctor/check-certificates.js';
import { checkClock } from './doctor/check-clock.js';
import { checkDataFolder } from './doctor/check-data-folder.js';
import { checkDirectories } from './doctor/check-directories.js';
import { judgeEditions } from './doctor/check-editions.js';
import { checkMappings } from './doctor/check-mappings.js';
import { judgeMongo } from './doctor/check-mongodb.js';
import { checkPorts } from './doctor/check-ports.js';
import { judgeRedis } from './doctor/check-redis.js';
import { checkRunning } from './doctor/check-running.js';
import { checkStores, masterKeyProblem } from './doctor/check-stores.js';
import { area, type Finding, reasonOf } from './doctor/finding.js';
import { exitCodes } from './exit-codes.js';
import { printJson } from './print-table.js';
import { programVersion } from './program-version.js';

interface DoctorOptions {
  readonly config?: string;
  readonly data?: string;
  readonly full?: true;
  readonly json?: true;
}

/** `wardline doctor`: what stands in the way of a start, or troubles a running system. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Look at configuration, stores, servers, keys, certificates, clock, disk, ports, folders, mappings and the running system.',
    )
    .option('-c, --config <file>', 'configuration file (WARDLINE_CONFIG, else ./wardline.yaml)')
    .addOption(dataOption())
    .option('--full', 'read through store files of any size; while the system is stopped')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Each line is ok, warning or problem, with what to do. Works while the system is stopped, and while it runs; a running system
is asked through its admin API, its files are left alone. Changes nothing.
Ends with 0 when there is no problem, 1 when there is one.

Examples:
  wardline doctor
  wardline doctor --config /etc/wardline/wardline.yaml --json | jq '.findings[] | select(.state != "ok")'`,
    )
    .action(async (options: DoctorOptions) => {
      const findings = await examine(options, Date.now());
      const problems = findings.filter(({ state }) => state === 'problem').length;
      const warnings = findings.filter(({ state }) => state === 'warning').length;
      if (options.json) printJson({ problems, warnings, findings });
      else {
        for (const finding of findings) process.stdout.write(lineOf(finding));
        process.stdout.write(`${counted(problems, 'problem')}, ${counted(warnings, 'warning')}\n`);
      }
      process.exitCode = problems === 0 ? exitCodes.ok : exitCodes.failed;
    });
}

/** Looks at everything; what cannot be looked at is a finding, too. `now` in epoch ms. */
async function examine(options: DoctorOptions, now: number): Promise<Finding[]> {
  const node = checkNode();
  const read = readConfig(options);
  if (read.config === undefined) return [node, ...read.findings];
  const { config } = read;
  const running = await askRunning(config, now);
  return [
    node,
    ...read.findings,
    ...checkDataFolder(config),
    ...(running ?? (await checkStopped(config, options.full === true))),
    ...(await checkServers(config, running !== undefined)),
    ...checkCertificates(config, now),
    ...checkDirectories(config),
    ...checkClock(config, now),
    ...checkMappings(config),
  ];
}

/** What nobody holds while the system is stopped. */
async function checkStopped(config: Config, full: boolean): Promise<Finding[]> {
  const stores = config.mongodb === undefined ? checkStores(config, full) : [];
  return [...stores, ...(await checkPorts(config))];
}

/** MongoDB and Redis, whether or not a process runs here: others share them. */
async function checkServers(config: Config, running: boolean): Promise<Finding[]> {
  const { inspectServers } = await import('../app/inspect-servers.js');
  const servers = await inspectServers(config);
  if (servers === undefined) return [];
  const { mongodb, redis, masterKey } = servers;
  const key = masterKey === undefined ? [] : [masterKeyProblem(masterKey)];
  // a running system has told of them
  const primary = running || mongodb instanceof Fault ? undefined : mongodb.primary;
  const editions = primary?.installed ? judgeEditions(parseEditions(primary.editions)) : [];
  return [...judgeMongo(mongodb, config), ...editions, ...key, ...judgeRedis(redis)];
}

/** The configuration as `start` would read it; the demo's, with nothing written, where there is none. */
function readConfig({ config: named, data }: DoctorOptions): {
  readonly config?: Config;
  readonly findings: Finding[];
} {
  const here = area('configuration');
  const file = configFile(named);
  const flags = data === undefined ? {} : { data };
  try {
    if (file !== undefined) {
      return { config: loadConfig({ file, env: process.env, flags }), findings: [here.ok(`${file} is valid`)] };
    }
    const config = demoConfigToCome(process.env, flags);
    return { config, findings: [here.ok('no wardline.yaml: a start runs the demo hospital')] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { findings: [here.problem(error.message, 'correct the places named; docs/configuration.md has every key')] };
  }
}

/** What the running system says; undefined when none runs. */
async function askRunning(config: Config, now: number): Promise<Finding[] | undefined> {
  if (!existsSync(join(config.dataFolder, accessFileName))) return undefined;
  try {
    return await checkRunning(adminClient(config.dataFolder), programVersion, now);
  } catch (error) {
    if (error instanceof Fault && error.code === 'not-reachable') return undefined;
    return [area('system').problem(`the admin API answers: ${reasonOf(error)}`, 'look at the log of the system')];
  }
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const here = area('node');
  if (major > 20 || (major === 20 && minor >= 19)) return here.ok(process.versions.node);
  return here.problem(`${process.versions.node} is too old`, 'use Node 20.19 or newer');
}

function lineOf({ area: name, state, detail, todo }: Finding): string {
  const advice = todo === undefined ? '' : `\n${' '.repeat(25)}→ ${todo}`;
  return `${state.padEnd(9)}${name.padEnd(16)}${detail.replaceAll('\n', `\n${' '.repeat(25)}`)}${advice}\n`;
}
