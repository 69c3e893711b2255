import type { JsonObject } from '../core/json.js';
import { renderResource } from '../fhir/render.js';
import { extractSearchValues, type SearchValue, sortDate } from '../fhir/search-values.js';

/** Types whose business key may hold a patient, so that a merge can make two documents one thing. */
export const patientKeyedTypes: readonly string[] = [
  'Encounter',
  'Observation',
  'DiagnosticReport',
  'Condition',
  'AllergyIntolerance',
  'Coverage',
  'RelatedPerson',
  'Procedure',
  'Immunization',
  'Flag',
  'Account',
  'MedicationRequest',
  'ServiceRequest',
];

/**
 * Search values of what a document shows, as each version renders it, and its place in the default order.
 * A document that shows nothing or stands aside for another is found by its id alone.
 */
export function searchIndexOf(
  resource: JsonObject | null,
  standsFor: string,
): { values: readonly SearchValue[]; sortDate: number | null } {
  if (resource === null || standsFor !== '') return { values: [], sortDate: null };
  const values = extractSearchValues({
    R4: resource,
    STU3: renderResource('STU3', resource),
    DSTU2: renderResource('DSTU2', resource),
  });
  return { values, sortDate: sortDate(resource) };
}
