/** `_summary` and `_elements` (R4 §3.1.1.5.9). */

import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { objects, text } from '../fhir/members.js';
import type { FhirVersion } from '../fhir/version.js';
import { type Parameters, parameterOf } from './interaction.js';

/** Which part of a resource is asked for. */
export type Subset =
  | { readonly kind: 'all' | 'summary' | 'text' | 'data' | 'count' }
  | { readonly kind: 'elements'; readonly names: ReadonlySet<string> };

const whole: Subset = { kind: 'all' };

/** @throws Fault `invalid-request` for a `_summary` of no known kind */
export function readSubset(parameters: Parameters): Subset {
  const summary = parameterOf(parameters, '_summary')?.toLowerCase();
  const elements = parameterOf(parameters, '_elements');
  switch (summary) {
    case 'true':
      return { kind: 'summary' };
    case 'text':
    case 'data':
    case 'count':
      return { kind: summary };
    case undefined:
    case '':
    case 'false':
      break;
    default:
      throw fault('invalid-request', '_summary is one of true, text, data, count, false');
  }
  const names = (elements ?? '').split(',').map((name) => name.trim().replace(/^[A-Z][A-Za-z]*\./, ''));
  const asked = names.filter((name) => name !== '');
  return asked.length === 0 ? whole : { kind: 'elements', names: new Set(asked) };
}

/**
 * Elements of served types that change how the rest must be read (`isModifier` in the definitions of the three versions): a
 * part without them would say that what was withdrawn, refused or merged stands.
 */
const modifiers: ReadonlySet<string> = new Set([
  ...['active', 'animal', 'clinicalStatus', 'deceased', 'doNotPerform', 'intent', 'isSubpotent', 'link', 'mode'],
  ...['modifierExtension', 'notDone', 'notGiven', 'notPerformed', 'relatesTo', 'status', 'taken', 'verificationStatus'],
  ...['wasNotGiven', 'wasNotTaken'],
]);

/** Elements without which a part of a resource would break a rule of its type: org-1, prr-1. */
const ruled: Readonly<Record<string, readonly string[]>> = {
  Organization: ['identifier', 'name'],
  ServiceRequest: ['code'],
};

/** The asked part of a rendered resource, tagged SUBSETTED where something was left out. What the type requires and modifiers stay. */
export function subsetOf(version: FhirVersion, resource: JsonObject, subset: Subset): JsonObject {
  if (subset.kind === 'all' || subset.kind === 'count') return resource;
  const type = text(resource.resourceType) ?? '';
  const model = typeModel(version, type);
  if (model === null) return resource;
  const kept = (key: string): boolean => {
    if (key === 'resourceType' || key === 'id' || key === 'meta' || key === 'implicitRules') return true;
    if (subset.kind === 'data') return key !== 'text';
    const element = model.members.get(key.startsWith('_') ? key.slice(1) : key)?.element;
    if (element === undefined) return false;
    if (element.min > 0 || modifiers.has(element.name) || ruled[type]?.includes(element.name)) return true;
    if (subset.kind === 'text') return key === 'text';
    if (subset.kind === 'summary') return element.summary;
    return subset.kind === 'elements' && subset.names.has(element.name);
  };
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(resource)) if (kept(key)) out[key] = value;
  const meta = objects(resource.meta)[0] ?? {};
  const system = version === 'R4' ? 'http://terminology.hl7.org/CodeSystem/v3-' : 'http://hl7.org/fhir/v3/';
  const tag = { system: `${system}ObservationValue`, code: 'SUBSETTED', display: 'subsetted' };
  return { ...out, meta: { ...meta, tag: [...objects(meta.tag), tag] } };
}
