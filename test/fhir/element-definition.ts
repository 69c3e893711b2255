import { type ElementModel, type TypeModel, typeModel } from '../../src/fhir/definitions/type-model.js';
import type { FhirVersion } from '../../src/fhir/version.js';

/**
 * The definition of an element by its path below a type, across data types: `elementDefinition('R4', 'Patient',
 * 'contact.name.family')`. A choice is named with or without `[x]`, or by its JSON name (`valueQuantity`).
 * Null when the version has no such element.
 */
export function elementDefinition(version: FhirVersion, type: string, path: string): ElementModel | null {
  let model: TypeModel | null = typeModel(version, type);
  let found: ElementModel | null = null;
  for (const part of path.split('.')) {
    if (model === null) return null;
    const name = part.endsWith('[x]') ? part.slice(0, -3) : part;
    const member = model.members.get(name);
    const element = member?.element ?? model.byName.get(name);
    if (element === undefined) return null;
    found = element;
    model = (member ?? element.members[0])?.model ?? null;
  }
  return found;
}
