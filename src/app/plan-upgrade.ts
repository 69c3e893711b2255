import type { UpgradePlan } from '../engine/upgrade-job.js';
import type { RegistryPort } from '../store/registry-port.js';
import type { ReindexPort } from '../store/reindex-port.js';

/** What there is to do to bring data to this edition, by a look at every tenant's; changes nothing. */
export async function planUpgrade(
  registry: Pick<RegistryPort, 'snapshot'>,
  resources: Pick<ReindexPort, 'editions'>,
  edition: number,
): Promise<Pick<UpgradePlan, 'edition' | 'mappingVersion' | 'tenants'>> {
  const { tenants, mappingVersion } = await registry.snapshot();
  const found: UpgradePlan['tenants'][number][] = [];
  for (const { id, name } of tenants) {
    const stored = await resources.editions(id);
    if (stored !== undefined) found.push({ id, name, ...stored });
  }
  return { edition, mappingVersion, tenants: found };
}
