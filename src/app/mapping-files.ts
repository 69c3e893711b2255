import type { Config } from '../core/config.js';
import { compileFor, tenantLayerFolder } from '../engine/tenant-contexts.js';
import { filesDigest, readMappingFiles, shippedMappings } from '../store/mapping-files.js';
import { changedKeys } from './changed-keys.js';

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
  /** Keys that these files change against those that are live; one line each. */
  readonly rekeys: readonly string[];
}

export function mappingSources(config: Config): MappingSources {
  const tenants = config.tenants.flatMap(({ id, mappings }) => (mappings === undefined ? [] : [[id, mappings]]));
  return { base: config.mappings ?? shippedMappings, tenants: Object.fromEntries(tenants) };
}

export function mappingFolders({ base, tenants }: MappingSources): string[] {
  return [...new Set([base, ...Object.values(tenants)])];
}

/** The set that is live. */
export interface LiveFiles {
  readonly files: MappingFiles;
  readonly hash: string;
}

/**
 * Reads the files, or takes `base` in place of those of the base folder, compiles what counts for each tenant, and compares its keys
 * with those of what is live.
 * @throws Fault `mapping-invalid` with one line per problem
 */
export function readAndCheck(sources: MappingSources, base?: MappingFiles, live?: LiveFiles): CheckedFiles {
  const files: Record<string, string> = { ...(base ?? readMappingFiles(sources.base, 'mappings/')) };
  for (const [tenant, folder] of Object.entries(sources.tenants)) {
    Object.assign(files, readMappingFiles(folder, tenantLayerFolder(tenant)));
  }
  const scopes = ['', ...Object.keys(sources.tenants)];
  const compiled = scopes.map((tenant) => ({ tenant, now: compileFor(files, tenant) }));
  const hash = filesDigest(files);
  const rekeys =
    live === undefined || live.hash === hash
      ? []
      : compiled.flatMap(({ tenant, now }) => changedKeys(compileFor(live.files, tenant), now));
  return { files, hash, rekeys: [...new Set(rekeys)] };
}
