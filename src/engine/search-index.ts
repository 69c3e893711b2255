import type { JsonObject } from '../core/json.js';
import { type Extraction, extractAgain } from '../fhir/extract-search-values.js';
import { renderResource } from '../fhir/render.js';
import type { SearchValue } from '../fhir/search-values.js';
import { sortDate } from '../fhir/sort-date.js';
import { movedValues, visitValues } from '../fhir/visit-reference.js';

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
  'MedicationDispense',
  'Medication',
  'PractitionerRole',
  'ServiceRequest',
  'Specimen',
  'DocumentReference',
  'Binary',
];

/** How R4's `meta.source` names an archived message, `run-number`. */
export function sourceUri(source: string): string {
  return `urn:wardline:message:${source}`;
}

/** What was extracted of resources that are still in memory: of most writes that of the resource before. */
const extracted = new WeakMap<JsonObject, Extraction>();

/**
 * Search values of what a document shows, as each version renders it, and its place in the default order.
 * A document that shows nothing or stands aside for another is found by its id alone. What `before`, the resource that it
 * showed before, has in common with it is not worked out again, where it is known.
 */
export function searchIndexOf(
  {
    resource,
    standsFor,
    source,
    moved,
  }: {
    readonly resource: JsonObject | null;
    readonly standsFor: string;
    readonly source: string;
    readonly moved: readonly string[];
  },
  before?: JsonObject | null,
): { values: readonly SearchValue[]; sortDate: number | null } {
  if (resource === null || standsFor !== '') return { values: [], sortDate: null };
  const type = String(resource['resourceType']);
  const known = before == null ? undefined : extracted.get(before);
  const extraction = extractAgain(
    {
      R4: source === '' ? resource : { ...resource, meta: { source: sourceUri(source) } },
      STU3: renderResource('STU3', resource),
      DSTU2: renderResource('DSTU2', resource),
    },
    known,
  );
  extracted.set(resource, extraction);
  return {
    values: [...extraction.values, ...visitValues(type, resource, moved), ...movedValues(type, moved)],
    sortDate: sortDate(resource),
  };
}
