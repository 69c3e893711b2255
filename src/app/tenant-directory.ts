import { plainTenantSettings, type TenantSettings } from '../core/tenant-settings.js';
import { settingsOf } from '../engine/tenant-contexts.js';
import type { RegistrySnapshot } from '../store/registry-port.js';

/** What intake has to know of tenants while it takes messages. */
export interface TenantDirectory {
  readonly settings: (tenant: string) => TenantSettings;
  ids(): string[];
  update(snapshot: RegistrySnapshot): void;
}

export function tenantDirectory(): TenantDirectory {
  let known = new Map<string, TenantSettings>();
  return {
    settings: (tenant) => known.get(tenant) ?? plainTenantSettings,
    ids: () => [...known.keys()],
    update(snapshot) {
      known = new Map(snapshot.tenants.map((tenant) => [tenant.id, settingsOf(tenant)]));
    },
  };
}
