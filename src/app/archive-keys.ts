import { fault } from '../core/errors.js';
import { deriveKey } from '../core/seal.js';
import type { KeyOf } from '../store/archive-seal.js';
import type { RegistrySnapshot } from '../store/registry-port.js';
import { dataKeyOf } from '../store/tenant-record.js';

/** Keys that archive rows are sealed with: each tenant's own, and one for messages whose tenant is not known. */
export interface ArchiveKeys {
  readonly keyOf: KeyOf;
  update(snapshot: RegistrySnapshot): void;
}

export function archiveKeys(master: Uint8Array): ArchiveKeys {
  const keys = new Map<string | null, Uint8Array>([[null, deriveKey(master, 'archive without tenant')]]);
  return {
    keyOf(tenant) {
      const key = keys.get(tenant);
      if (key === undefined) throw fault('store-unavailable', 'the key of a tenant is not known yet');
      return key;
    },
    update(snapshot) {
      for (const tenant of snapshot.tenants) {
        if (!keys.has(tenant.id)) keys.set(tenant.id, dataKeyOf(master, tenant));
      }
    },
  };
}
