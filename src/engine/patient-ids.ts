import type { TenantContext } from './prepare-batch.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Ids that the Patient of an identifier may have: `authority|value` names it, by the tenant's name of the authority or its
 * OID; a value alone may be of any of the tenant's authorities, or of none. An id stands for itself.
 */
export function patientIdsOf({ settings, names }: Pick<TenantContext, 'settings' | 'names'>, text: string): string[] {
  if (uuid.test(text)) return [text];
  const bar = text.lastIndexOf('|');
  const value = text.slice(bar + 1).trim();
  const named = bar < 0 ? undefined : text.slice(0, bar).trim();
  const known = settings.authorities.map(({ id }) => id);
  const first = settings.defaultAuthority === undefined ? [] : [settings.defaultAuthority.id];
  const byOid = settings.authorities.find(({ id, oid }) => id === named || (oid !== undefined && oid === named));
  const authorities = named === undefined ? [...known, ...first, ''] : [byOid?.id ?? named];
  return [...new Set(authorities)].map((authority) => names.idOf('Patient', [authority, value]));
}
