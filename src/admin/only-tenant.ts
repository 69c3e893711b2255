import { fault } from '../core/errors.js';
import type { AdminParts } from './admin-parts.js';

/** The tenant where none is named: the only one. Throws `invalid-request` where there is not just one. */
export async function onlyTenant(registry: Pick<AdminParts['registry'], 'snapshot'>): Promise<string> {
  const { tenants } = await registry.snapshot();
  const [only] = tenants;
  if (only === undefined || tenants.length > 1) {
    throw fault('invalid-request', 'tenant: name it; there is not just one');
  }
  return only.id;
}
