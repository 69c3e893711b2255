import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { Config } from '../core/config.js';
import { Fault, fault } from '../core/errors.js';
import { compileFor, tenantLayerFolder } from '../engine/tenant-contexts.js';
import { readMappingFiles, shippedMappings } from '../store/mapping-files.js';
import type { RegistryPort } from '../store/registry-port.js';

/**
 * Publishes the mapping files of this installation; unchanged ones keep their number. Resolves the number.
 * @throws Fault `config-invalid` with one line per problem; then nothing is published
 */
export async function publishMappings(config: Config, registry: RegistryPort, clock: Clock): Promise<number> {
  const files = { ...readMappingFiles(config.mappings ?? shippedMappings, 'mappings/') };
  for (const tenant of config.tenants) {
    if (tenant.mappings !== undefined) {
      Object.assign(files, readMappingFiles(tenant.mappings, tenantLayerFolder(tenant.id)));
    }
  }
  try {
    compileFor(files);
    for (const tenant of config.tenants) if (tenant.mappings !== undefined) compileFor(files, tenant.id);
  } catch (error) {
    if (error instanceof Fault) throw fault('config-invalid', error.message);
    throw error;
  }
  const hash = createHash('sha256').update(JSON.stringify(files)).digest('base64url');
  return registry.publishMapping(hash, files, clock.now());
}
