/** What the engine knows of each tenant, made anew when the registry changes. */
import { plainTenantSettings, type TenantSettings } from '../core/tenant-settings.js';
import type { CompiledMapping } from '../mapping/compile.js';
import { filesDigest } from '../store/mapping-files.js';
import type { RegistryPort, RegistrySnapshot, TenantRecord } from '../store/registry-port.js';
import { idKeyOf } from '../store/tenant-record.js';
import { compileFiles, mapperOver } from './mapping-mapper.js';
import type { TenantContext } from './prepare-batch.js';
import { type MessageMemory, RepeatedMessages } from './repeated-messages.js';
import { tenantNames } from './tenant-names.js';

/** Where a tenant's own layer files stand in a published mapping set. */
export function tenantLayerFolder(tenant: string): string {
  return `tenants/${tenant}/`;
}

/** Settings of a tenant as the registry keeps them; they were validated when the tenant was registered. */
export function settingsOf(record: TenantRecord): TenantSettings {
  return { ...plainTenantSettings, ...(record.settings as Partial<TenantSettings>) };
}

/** The files of a published set that count for one tenant: those of everybody and its own. */
function filesFor(
  files: Readonly<Record<string, string>>,
  tenant: string,
): { files: Record<string, string>; own: boolean } {
  const folder = tenantLayerFolder(tenant);
  const entries = Object.entries(files).filter(([name]) => !name.startsWith('tenants/') || name.startsWith(folder));
  return { files: Object.fromEntries(entries), own: entries.some(([name]) => name.startsWith(folder)) };
}

/**
 * Compiles what counts for a tenant of a set of mapping files, or for those without layers of their own.
 * @throws Fault `mapping-invalid`
 */
export function compileFor(files: Readonly<Record<string, string>>, tenant = ''): CompiledMapping {
  return compileOnce(filesFor(files, tenant).files);
}

/** Those compiled last, by their files: a set is checked first, and then put to work. */
const lastCompiled = new Map<string, CompiledMapping>();

function compileOnce(files: Readonly<Record<string, string>>): CompiledMapping {
  const content = filesDigest(files);
  const compiled = lastCompiled.get(content) ?? compileFiles(files);
  keepLast(lastCompiled, content, compiled);
  return compiled;
}

function keepLast(kept: Map<string, CompiledMapping>, name: string, compiled: CompiledMapping): void {
  kept.delete(name);
  kept.set(name, compiled);
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
}

/** Compiled mappings that are kept beside those in use: traces ask for versions of the past. */
const mostKept = 8;

interface KnownTenant {
  /** All that the context was made of, as a text. */
  readonly record: string;
  readonly context: TenantContext;
  readonly memory: MessageMemory;
}

export class TenantContexts {
  readonly #master: Uint8Array;
  readonly #registry: Pick<RegistryPort, 'mapping'>;
  /** The one asked for last stands last. */
  readonly #compiled = new Map<string, CompiledMapping>();
  #contexts = new Map<string, KnownTenant>();
  readonly #repeated = new RepeatedMessages();

  constructor(master: Uint8Array, registry: Pick<RegistryPort, 'mapping'>) {
    this.#master = master;
    this.#registry = registry;
  }

  get(tenant: string): TenantContext | undefined {
    return this.#contexts.get(tenant)?.context;
  }

  /**
   * Takes over a snapshot; tenants that did not change keep their caches.
   * @throws Fault `mapping-invalid` when the published mapping does not compile; what was there then stays
   */
  async update(snapshot: RegistrySnapshot): Promise<void> {
    const next = new Map<string, KnownTenant>();
    for (const record of snapshot.tenants) {
      const text = JSON.stringify([record, snapshot.mappingVersion]);
      const known = this.#contexts.get(record.id);
      if (known?.record === text) next.set(record.id, known);
      else {
        const memory = this.#repeated.memory();
        const context = { ...(await this.#make(record, snapshot.mappingVersion)), memory };
        next.set(record.id, { record: text, context, memory });
      }
    }
    const before = this.#contexts;
    this.#contexts = next;
    // what was said under settings or a mapping of before is not kept
    for (const [id, { memory }] of before) if (next.get(id)?.memory !== memory) memory.end();
  }

  /** The mapping of a version with a tenant's layers, compiled once. */
  async mapping(tenant: string, version: number): Promise<CompiledMapping | undefined> {
    const published = await this.#registry.mapping(version);
    if (published === undefined) return undefined;
    const { files, own } = filesFor(published.files, tenant);
    const name = `${version} ${own ? tenant : ''}`;
    const compiled = this.#compiled.get(name) ?? compileOnce(files);
    keepLast(this.#compiled, name, compiled);
    return compiled;
  }

  async #make(record: TenantRecord, version: number): Promise<TenantContext> {
    const settings = settingsOf(record);
    const mapping = await this.mapping(record.id, version);
    return {
      settings,
      names: tenantNames(idKeyOf(this.#master, record), settings),
      mapper: mapperOver(mapping ?? compileOnce({}), version),
    };
  }
}
