import type { JsonObject } from '../../core/json.js';
import { objects } from '../members.js';

/**
 * A DSTU2 Practitioner with the roles that STU3 keeps as resources of their own. `roles` are the practitioner's STU3
 * PractitionerRole resources (roles that have ended included; their period says so).
 */
export function withPractitionerRoles(practitioner: JsonObject, roles: readonly JsonObject[]): JsonObject {
  const practitionerRole = roles.map(practitionerRoleOf).filter((role) => Object.keys(role).length > 0);
  return practitionerRole.length === 0 ? practitioner : { ...practitioner, practitionerRole };
}

function practitionerRoleOf(role: JsonObject): JsonObject {
  const [code] = objects(role.code);
  const out: JsonObject = {};
  if (role.organization !== undefined) out.managingOrganization = role.organization;
  if (code !== undefined) out.role = code;
  for (const same of ['specialty', 'period', 'location', 'healthcareService']) {
    const value = role[same];
    if (value !== undefined) out[same] = value;
  }
  return out;
}
