import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../core/clock.js';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import { tenantLayerFolder } from '../engine/tenant-contexts.js';
import type { RegistryPort } from '../store/registry-port.js';

/** The mapping files that come with Wardline. */
export const shippedMappings = fileURLToPath(new URL('../../../mappings', import.meta.url));

/** The texts of all YAML files below a folder, by name relative to it. @throws Fault `config-invalid` when it cannot be read */
export function readMappingFiles(folder: string, prefix = ''): Record<string, string> {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
    return Object.fromEntries(
      names.sort().map((name) => [prefix + name.split(sep).join('/'), readFileSync(join(folder, name), 'utf8')]),
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw fault('config-invalid', `the mapping folder ${folder} cannot be read (${code})`);
  }
}

/** Publishes the mapping files of this installation; unchanged ones keep their number. Resolves the number. */
export async function publishMappings(config: Config, registry: RegistryPort, clock: Clock): Promise<number> {
  const files = readMappingFiles(config.mappings ?? shippedMappings, 'mappings/');
  for (const tenant of config.tenants) {
    if (tenant.mappings !== undefined) {
      Object.assign(files, readMappingFiles(tenant.mappings, tenantLayerFolder(tenant.id)));
    }
  }
  const hash = createHash('sha256').update(JSON.stringify(files)).digest('base64url');
  return registry.publishMapping(hash, files, clock.now());
}
