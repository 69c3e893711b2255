/** What in a registry decides on ids, so that a backup knows whether it changed while resources were copied. */
import type { TenantRecord } from '../registry-port.js';

/** The registry's setting that lists the tenants whose ids are to be made anew. */
export const rebuildSetting = 'rebuild';

export interface RebuildMarks {
  readonly mappingVersion: number;
  readonly tenants: readonly TenantRecord[];
  /** Tenants that wait for their rebuild. */
  readonly rebuild: readonly string[];
}

/**
 * Tenants to be rebuilt where resources were copied while the registry went from one state to another: all that wait for it in either,
 * and those whose ids may have been made anew in between.
 */
export function toRebuild(before: RebuildMarks, after: RebuildMarks): string[] {
  const settings = new Map(before.tenants.map((tenant) => [tenant.id, JSON.stringify(tenant.settings)]));
  const changed = after.tenants.filter(
    (tenant) =>
      settings.has(tenant.id) &&
      (before.mappingVersion !== after.mappingVersion || settings.get(tenant.id) !== JSON.stringify(tenant.settings)),
  );
  return [...new Set([...before.rebuild, ...after.rebuild, ...changed.map(({ id }) => id)])];
}
