/** Whether a registry is a later state of another, and whose ids it makes from something else. */
import { Fault } from '../core/errors.js';
import { compileFor, settingsOf, tenantLayerFolder } from '../engine/tenant-contexts.js';
import { type MasterKeySource, verifyMasterKey } from '../store/master-key.js';
import type { TenantRecord } from '../store/registry-port.js';
import { changedKeys, settingsRekey } from './changed-keys.js';

/** A state of a registry: its tenants, and the mapping files that were live. */
export interface KeyState {
  readonly tenants: readonly TenantRecord[];
  readonly files: Readonly<Record<string, string>>;
}

/** Ids of the tenants of both states whose settings or mapping files make other ids in the later one. */
export function rekeyedTenants(before: KeyState, after: KeyState): string[] {
  const [old, now] = [before.files, after.files];
  const isSame = JSON.stringify(old) === JSON.stringify(now);
  const changedFor = (tenant: string): boolean =>
    !isSame && changedKeys(compileFor(old, tenant), compileFor(now, tenant)).length > 0;
  const changedForAll = changedFor('');
  const hasLayer = (tenant: string): boolean =>
    [...Object.keys(old), ...Object.keys(now)].some((name) => name.startsWith(tenantLayerFolder(tenant)));
  const known = new Map(before.tenants.map((tenant) => [tenant.id, tenant]));
  return after.tenants.flatMap((tenant) => {
    const former = known.get(tenant.id);
    if (former === undefined) return [];
    if (changedForAll || settingsRekey(settingsOf(former), settingsOf(tenant))) return [tenant.id];
    return hasLayer(tenant.id) && changedFor(tenant.id) ? [tenant.id] : [];
  });
}

interface Registry {
  readonly generation: number;
  readonly tenants: readonly TenantRecord[];
}

/** True where a registry is a later state of the other: sealed by the same master key, no tenant is another, and no change is missing. */
export function isLaterRegistry(
  before: Registry,
  after: Registry & { readonly masterKeyCheck: string },
  key: MasterKeySource,
): boolean {
  try {
    verifyMasterKey(after.masterKeyCheck, key);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
  const kept = new Map(after.tenants.map((tenant) => [tenant.id, tenant.sealedDataKey]));
  return (
    after.generation >= before.generation &&
    before.tenants.every(({ id, sealedDataKey }) => kept.get(id) === sealedDataKey)
  );
}
