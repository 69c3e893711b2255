import type { Json, JsonObject } from '../core/json.js';

/** Extensions that say that a value is not known (FHIR: data-absent-reason). */
export const absentExtension: Json = [
  { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
];

/** The companion of a primitive that is not known. */
export const absentPrimitive: JsonObject = { extension: absentExtension };

export const absentConcept: JsonObject = { extension: absentExtension, text: 'unknown' };
