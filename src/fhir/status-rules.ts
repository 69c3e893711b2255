import type { JsonObject } from '../core/json.js';
import { absentConcept } from './absent.js';
import { changed, codeOf } from './members.js';

/**
 * What the invariants of R4 ask of the two statuses of a condition or an allergy: none is clinically anything that was
 * entered in error (con-5, ait-2), and an allergy says its clinical status or that it is unknown (ait-1).
 */
export function withSoundStatuses(resource: JsonObject): JsonObject {
  const type = resource.resourceType;
  if (type !== 'Condition' && type !== 'AllergyIntolerance') return resource;
  const mistaken = codeOf(resource.verificationStatus) === 'entered-in-error';
  if (mistaken)
    return resource.clinicalStatus === undefined ? resource : changed(resource, { clinicalStatus: undefined });
  if (type === 'Condition' || resource.clinicalStatus !== undefined) return resource;
  return { ...resource, clinicalStatus: absentConcept };
}
