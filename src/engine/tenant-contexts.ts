/** What the engine knows of each tenant, made anew when the registry changes. */
import { plainTenantSettings, type TenantSettings } from '../core/tenant-settings.js';
import type { RegistrySnapshot, TenantRecord } from '../store/registry-port.js';
import { idKeyOf } from '../store/tenant-record.js';
import type { Mapper } from './mapper.js';
import type { TenantContext } from './process-batch.js';
import { tenantNames } from './tenant-names.js';

/** Settings of a tenant as the registry keeps them; they were validated when the tenant was registered. */
export function settingsOf(record: TenantRecord): TenantSettings {
  return { ...plainTenantSettings, ...(record.settings as Partial<TenantSettings>) };
}

export class TenantContexts {
  readonly #master: Uint8Array;
  readonly #mapperFor: (record: TenantRecord) => Mapper;
  #contexts = new Map<string, { record: string; context: TenantContext }>();

  /** `mapperFor` gives the compiled mapping with the tenant's layers. */
  constructor(master: Uint8Array, mapperFor: (record: TenantRecord) => Mapper) {
    this.#master = master;
    this.#mapperFor = mapperFor;
  }

  get(tenant: string): TenantContext | undefined {
    return this.#contexts.get(tenant)?.context;
  }

  /** Takes over a snapshot; tenants that did not change keep their caches. */
  update(snapshot: RegistrySnapshot): void {
    const next = new Map<string, { record: string; context: TenantContext }>();
    for (const record of snapshot.tenants) {
      const text = JSON.stringify([record, snapshot.mappingVersion]);
      const known = this.#contexts.get(record.id);
      next.set(record.id, known?.record === text ? known : { record: text, context: this.#make(record) });
    }
    this.#contexts = next;
  }

  #make(record: TenantRecord): TenantContext {
    const settings = settingsOf(record);
    return { settings, names: tenantNames(idKeyOf(this.#master, record), settings), mapper: this.#mapperFor(record) };
  }
}
