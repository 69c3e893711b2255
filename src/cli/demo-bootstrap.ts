import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientRegistry } from '../app/client-registry.js';
import { createClient } from '../auth/clients.js';
import { systemClock } from '../core/clock.js';
import { type Config, type ConfigFlags, type Environment, loadConfig } from '../core/config.js';
import { fault } from '../core/errors.js';
import { programFolder } from './program-version.js';

export const demoClient = 'demo-app';

/** The demo hospital's configuration with the tenant of this data folder, whose id is made on the first start. */
export function demoConfig(env: Environment, flags: ConfigFlags): { readonly config: Config; readonly tenant: string } {
  const data = flags.data ?? env.WARDLINE_DATA ?? 'data';
  const tenant = demoTenant(data);
  const config = loadConfig({
    file: join(programFolder, 'samples/demo/wardline.yaml'),
    env: { ...env, WARDLINE_DEMO_TENANT: tenant },
    flags: { ...flags, data },
  });
  return { config, tenant };
}

/** Makes the demo's client on the first start. The secret is known only then; undefined later. */
export async function demoSecret(registry: ClientRegistry, tenant: string): Promise<string | undefined> {
  const { clients } = await registry.snapshot();
  if (clients.some(({ id }) => id === demoClient)) return undefined;
  const { secret } = await createClient(registry, systemClock, { id: demoClient, name: 'Demo app', tenants: [tenant] });
  return secret;
}

function demoTenant(dataFolder: string): string {
  const file = join(dataFolder, 'demo-tenant');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(dataFolder, error);
  }
  const made = randomUUID();
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${made}\n`);
  } catch (error) {
    throw unusable(dataFolder, error);
  }
  return made;
}

function unusable(dataFolder: string, error: unknown) {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return fault(
    'data-folder-unusable',
    `data folder ${dataFolder} cannot be written (${code}); name another with --data`,
  );
}
