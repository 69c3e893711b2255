import { Command, InvalidArgumentError, Option } from 'commander';
import { stateOfFile, watchState } from '../app/folder-watch.js';
import { type Role, roles } from '../app/role.js';
import type { RunningSystem, StartSystem } from '../app/running-system.js';
import { type Config, loadConfig } from '../core/config.js';
import { stopOnSignal } from '../core/lifecycle.js';
import { createLog, type Log } from '../core/log.js';
import { configFile } from './data-folder-option.js';
import { demoConfig, demoSecret } from './demo-bootstrap.js';
import { startDemoFeed } from './demo-feed.js';
import { addressLine, demoLines } from './demo-greeting.js';
import { programVersion } from './program-version.js';

interface StartOptions {
  readonly config?: string;
  readonly data?: string;
  readonly mllpPort?: number;
  readonly httpPort?: number;
  readonly adminPort?: number;
  readonly healthPort?: number;
  readonly role: Role;
  readonly demo: boolean;
}

/** Milliseconds between two messages of the demo feed, and until a graceful stop is given up. */
const pace = 2000;
const deadline = 20_000;

/** `wardline start`: runs the system until SIGTERM or SIGINT; without a configuration the demo hospital. */
export function startCommand(startSystem: StartSystem): Command {
  return new Command('start')
    .description('Run Wardline: with wardline.yaml when there is one, else the demo hospital with a live feed.')
    .option('-c, --config <file>', 'configuration file (WARDLINE_CONFIG, else ./wardline.yaml)')
    .option('-d, --data <folder>', 'data folder (WARDLINE_DATA)')
    .option('--mllp-port <port>', 'port of the first MLLP listener (WARDLINE_MLLP_PORT)', portNumber)
    .option('--http-port <port>', 'port of FHIR and OAuth (WARDLINE_HTTP_PORT)', portNumber)
    .option('--admin-port <port>', 'port of the admin API (WARDLINE_ADMIN_PORT)', portNumber)
    .option(
      '--health-port <port>',
      'serve /live, /ready and /metrics on a port of their own (WARDLINE_HEALTH_PORT)',
      portNumber,
    )
    .addOption(
      new Option('--role <role>', 'what this process does, beside others over the same MongoDB and Redis')
        .choices(roles)
        .default('all')
        .env('WARDLINE_ROLE'),
    )
    .option('--no-demo', 'never run the demo hospital')
    .addHelpText(
      'after',
      `
Ends with 0 after a graceful stop, 4 when it cannot start; then nothing is left half-started. SIGHUP takes up changed
tenants, clients, listeners, profiles and mapping folders of the configuration, and mapping files and certificates at once.

With MongoDB and Redis a role may run in as many processes as are needed: \`intake\` takes messages, \`transform\` makes FHIR of
them and serves the admin API, \`facade\` serves FHIR. Each process has a data folder of its own, and takes up a changed configuration file by itself.

Examples:
  wardline start
  wardline start --data /tmp/demo --mllp-port 3575 --http-port 9080 --admin-port 9081
  wardline start --config /etc/wardline/wardline.yaml
  wardline start --role transform --data /var/lib/wardline/transform-1 --health-port 9101`,
    )
    .action(async (options: StartOptions) => {
      process.exitCode = await start(startSystem, options);
    });
}

async function start(
  startSystem: StartSystem,
  { config: named, demo: demoWanted, role, ...flags }: StartOptions,
): Promise<number> {
  const file = configFile(named);
  const demo = file === undefined && demoWanted && role === 'all' ? demoConfig(process.env, flags) : undefined;
  const read = (): Config =>
    loadConfig({ ...(file === undefined ? {} : { file }), env: process.env, flags, files: true });
  const since = file === undefined ? '' : await stateOfFile(file);
  const config = demo?.config ?? read();
  const log = createLog({ level: config.logLevel });
  const cancelling = new AbortController();
  const { signal: cancelled } = cancelling;
  const starting = startSystem(config, { log, version: programVersion, role, cancelled });
  let stopDemo = async (): Promise<void> => {};
  let stopWatching = async (): Promise<void> => {};
  const stop = async (): Promise<void> => {
    cancelling.abort();
    const started = await starting.catch(() => undefined);
    await stopWatching();
    await stopDemo();
    await started?.stop();
  };
  const reload = async (): Promise<void> => {
    const system = await starting;
    try {
      await system.reload(demo === undefined ? read() : undefined);
    } catch (error) {
      log.error('the changed configuration is refused, the former one stays', { error });
      await system.reload();
    }
  };
  const stopped = stopOnSignal({ stop }, { log, deadline, ...(process.stdin.isTTY ? {} : { reload }) });
  const system = await starting.catch((error: unknown) => {
    if (!cancelled.aborted) throw error;
  });
  if (system === undefined || cancelled.aborted) return stopped;
  process.stdout.write(addressLine(system));
  // processes that share stores share a configuration, too, and are not all asked by hand
  if (file !== undefined && config.mongodb !== undefined) {
    stopWatching = watchState({ state: () => stateOfFile(file), since, changed: reload });
  }
  if (demo === undefined) return stopped;
  const demoRuns = runDemo(system, demo.tenant, config, log);
  stopDemo = async () => (await demoRuns)();
  try {
    await demoRuns;
  } catch (error) {
    await system.stop();
    throw error;
  }
  return stopped;
}

/** Prints how to look at the demo, then feeds it. */
async function runDemo(system: RunningSystem, tenant: string, config: Config, log: Log): Promise<() => Promise<void>> {
  const secret = await demoSecret(system.registry, tenant);
  const { publicUrl } = system;
  const { dataFolder } = config;
  process.stdout.write(demoLines({ publicUrl, tenant, secret, dataFolder }));
  const [listener] = system.listeners;
  if (listener === undefined) return async () => {};
  return startDemoFeed({ dataFolder, host: listener.host, port: listener.port, pace, log });
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) throw new InvalidArgumentError('must be a port, 0 to 65535.');
  return port;
}
