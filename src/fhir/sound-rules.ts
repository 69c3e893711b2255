import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { absentConcept } from './absent.js';
import { changed, codeOf } from './members.js';

/**
 * What the invariants of R4 ask beyond what each element may be, where messages say otherwise; nothing that they say is lost:
 * - nothing is clinically anything that was entered in error (con-5, ait-2), and an allergy says its clinical status or that it
 *   is unknown (ait-1);
 * - an organization has no home: the use of its addresses and numbers goes (org-2, org-3);
 * - details of an order stand beside what is ordered, or that this is unknown (prr-1).
 */
export function withSoundRules(resource: JsonObject): JsonObject {
  switch (resource.resourceType) {
    case 'Condition':
    case 'AllergyIntolerance':
      return withSoundStatuses(resource);
    case 'Organization':
      return withoutHome(withoutHome(resource, 'address'), 'telecom');
    case 'ServiceRequest':
      return resource.orderDetail === undefined || resource.code !== undefined
        ? resource
        : { ...resource, code: absentConcept };
    default:
      return resource;
  }
}

function withSoundStatuses(resource: JsonObject): JsonObject {
  const mistaken = codeOf(resource.verificationStatus) === 'entered-in-error';
  if (mistaken)
    return resource.clinicalStatus === undefined ? resource : changed(resource, { clinicalStatus: undefined });
  if (resource.resourceType === 'Condition' || resource.clinicalStatus !== undefined) return resource;
  return { ...resource, clinicalStatus: absentConcept };
}

function withoutHome(resource: JsonObject, name: 'address' | 'telecom'): JsonObject {
  const items = resource[name];
  if (!Array.isArray(items) || !items.some(isHome)) return resource;
  const without = items.flatMap((item): Json[] => {
    if (!isJsonObject(item) || !isHome(item)) return [item];
    const { use: _, ...rest } = item;
    return Object.keys(rest).length === 0 ? [] : [rest];
  });
  return changed(resource, { [name]: without.length === 0 ? undefined : without });
}

function isHome(item: Json): boolean {
  return isJsonObject(item) && item.use === 'home';
}
