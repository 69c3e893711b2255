/** One process of Wardline, started by its command line with a configuration and a data folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../src/app/role.js';
import { programFolder } from '../../src/cli/program-version.js';
import { freePort, ServerProcess } from '../support/server-process.js';

export interface WardlineMember {
  readonly name: string;
  readonly role: Role;
  readonly process: ServerProcess;
  readonly mllpPort: number;
  readonly httpPort: number;
  readonly dataFolder: string;
  /** URL that answers 200 when it is ready. */
  readonly ready: string;
}

export interface MemberOptions {
  readonly folder: string;
  readonly name: string;
  readonly role: Role;
  /** What all processes of an installation have in common. */
  readonly configuration: object;
  /** Senders by MSH-3 with their tenants. */
  readonly senders: readonly { readonly msh3: string; readonly tenant: string }[];
  readonly env?: NodeJS.ProcessEnv;
  /** A program and its flags that start it, where it is not started directly. */
  readonly under?: readonly [program: string, ...flags: string[]];
}

/** Makes the configuration and the process; it is not started yet. */
export async function wardlineMember(options: MemberOptions): Promise<WardlineMember> {
  const { name, role, configuration, senders } = options;
  const dataFolder = join(options.folder, name);
  mkdirSync(dataFolder, { recursive: true });
  const [mllpPort, httpPort, healthPort] = [await freePort(), await freePort(), await freePort()];
  const file = join(options.folder, `${name}.yaml`);
  const own = {
    dataFolder,
    logLevel: 'warn',
    http: { port: httpPort },
    admin: { port: await freePort() },
    health: { port: healthPort },
    listeners: [{ name: 'feeds', port: mllpPort, senders }],
  };
  // JSON is YAML
  writeFileSync(file, JSON.stringify({ ...configuration, ...own }));
  const [program, ...before] = [...(options.under ?? []), process.execPath];
  const flags = [
    ...before,
    join(programFolder, 'dist', 'src', 'cli', 'main.js'),
    'start',
    '--role',
    role,
    '--config',
    file,
  ];
  const process_ = new ServerProcess(healthPort, program, flags, options.env ?? plainEnvironment());
  const ready = `http://127.0.0.1:${healthPort}/ready`;
  return { name, role, process: process_, mllpPort, httpPort, dataFolder, ready };
}

/** The environment without what would change the configuration. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const stays = ([name]: [string, unknown]): boolean => !/^(WARDLINE_|MONGODB_URL$|REDIS_URL$|NODE_TEST)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(stays));
}
