import { scopesAllow } from '../auth/scopes.js';
import type { Principal } from '../auth/verify-token.js';
import { fault } from '../core/errors.js';
import { fhirVersions, typeInVersion } from '../fhir/version.js';

/** True when the token's scopes let it read (or search) a stored type, by whichever version's name they know it. */
export function mayAccess(principal: Principal, action: 'read' | 'search', storedType: string): boolean {
  const names = fhirVersions.map((version) => typeInVersion(version, storedType));
  return scopesAllow(principal.scopes, action, names);
}

/** @throws Fault `forbidden` when the token's scopes do not reach that far */
export function requireAccess(principal: Principal, action: 'read' | 'search', storedType: string): void {
  if (!mayAccess(principal, action, storedType)) {
    throw fault('forbidden', `the scopes of this token do not let it ${action} ${storedType}`);
  }
}

/** True when the scopes reach every type. */
export function mayReadAll(principal: Principal): boolean {
  return scopesAllow(principal.scopes, 'read', []);
}
