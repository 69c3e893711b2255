import { isJsonObject, type Json } from '../core/json.js';
import type { ElementModel } from './definitions/type-model.js';
import { parseReference } from './reference.js';

/**
 * What is wrong with where a reference points, or null: it must be of a type that the element allows. A `#id` must name a
 * contained resource of such a type; what a URN or a foreign URL points to is not known.
 */
export function targetProblem(element: ElementModel, reference: Json, resource: Json): string | null {
  const parsed = parseReference(reference);
  if (parsed === null) return null;
  const type = parsed.contained ? containedType(reference, resource) : parsed.type;
  if (type === null || element.targets.length === 0 || element.targets.includes(type)) return null;
  return `must point to ${element.targets.join(' or ')}`;
}

function containedType(reference: Json, resource: Json): string | null {
  const text = isJsonObject(reference) ? reference['reference'] : null;
  const contained = isJsonObject(resource) && Array.isArray(resource['contained']) ? resource['contained'] : [];
  for (const one of contained) {
    if (!isJsonObject(one) || typeof text !== 'string' || `#${String(one['id'])}` !== text) continue;
    return typeof one['resourceType'] === 'string' ? one['resourceType'] : null;
  }
  return null;
}
