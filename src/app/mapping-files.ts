import { createHash } from 'node:crypto';
import type { Config } from '../core/config.js';
import { compileFor, tenantLayerFolder } from '../engine/tenant-contexts.js';
import { readMappingFiles, shippedMappings } from '../store/mapping-files.js';

export type MappingFiles = Readonly<Record<string, string>>;

/** Where an installation's mapping files lie. */
export interface MappingSources {
  readonly base: string;
  /** Folders with layers of their own, by tenant. */
  readonly tenants: Readonly<Record<string, string>>;
}

/** A set of files that holds together. */
export interface CheckedFiles {
  readonly files: MappingFiles;
  /** SHA-256 of the set, base64url. */
  readonly hash: string;
}

export function mappingSources(config: Config): MappingSources {
  const tenants = config.tenants.flatMap(({ id, mappings }) => (mappings === undefined ? [] : [[id, mappings]]));
  return { base: config.mappings ?? shippedMappings, tenants: Object.fromEntries(tenants) };
}

export function mappingFolders({ base, tenants }: MappingSources): string[] {
  return [...new Set([base, ...Object.values(tenants)])];
}

/**
 * Reads the files, or takes `base` in place of those of the base folder, and compiles what counts for each tenant.
 * @throws Fault `mapping-invalid` with one line per problem
 */
export function readAndCheck(sources: MappingSources, base?: MappingFiles): CheckedFiles {
  const files: Record<string, string> = { ...(base ?? readMappingFiles(sources.base, 'mappings/')) };
  for (const [tenant, folder] of Object.entries(sources.tenants)) {
    Object.assign(files, readMappingFiles(folder, tenantLayerFolder(tenant)));
  }
  compileFor(files);
  for (const tenant of Object.keys(sources.tenants)) compileFor(files, tenant);
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { files, hash: createHash('sha256').update(JSON.stringify(sorted)).digest('base64url') };
}
