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
  const data = folderOf(env, flags);
  const tenant = knownTenant(data) ?? makeTenant(data);
  return { config: configOf(tenant, data, env, flags), tenant };
}

/** The same configuration with nothing written; before the first start its tenant is none. */
export function demoConfigToCome(env: Environment, flags: ConfigFlags): Config {
  const data = folderOf(env, flags);
  return configOf(knownTenant(data) ?? '00000000-0000-4000-8000-000000000000', data, env, flags);
}

/** Makes the demo's client on the first start. The secret is known only then; undefined later. */
export async function demoSecret(registry: ClientRegistry, tenant: string): Promise<string | undefined> {
  const { clients } = await registry.snapshot();
  if (clients.some(({ id }) => id === demoClient)) return undefined;
  const { secret } = await createClient(registry, systemClock, { id: demoClient, name: 'Demo app', tenants: [tenant] });
  return secret;
}

function folderOf(env: Environment, flags: ConfigFlags): string {
  return flags.data ?? env.WARDLINE_DATA ?? 'data';
}

function configOf(tenant: string, data: string, env: Environment, flags: ConfigFlags): Config {
  return loadConfig({
    file: join(programFolder, 'samples/demo/wardline.yaml'),
    env: { ...env, WARDLINE_DEMO_TENANT: tenant },
    flags: { ...flags, data },
  });
}

const tenantFile = 'demo-tenant';

function knownTenant(dataFolder: string): string | undefined {
  try {
    return readFileSync(join(dataFolder, tenantFile), 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(dataFolder, error);
  }
}

function makeTenant(dataFolder: string): string {
  const made = randomUUID();
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(join(dataFolder, tenantFile), `${made}\n`);
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
