/** Resources made from the definitions alone: whatever a type can hold, references to every type among it. */
import type { Json, JsonObject } from '../../src/core/json.js';
import { type ElementModel, type TypeModel, typeModel } from '../../src/fhir/definitions/type-model.js';
import { valueSetCodes } from '../../src/fhir/definitions/value-sets.js';

/** Values of primitives; a reader of these need not accept them as valid codes. */
const primitives: Readonly<Record<string, Json>> = {
  base64Binary: 'c2FtZQ==',
  // what is not to be done is shown by R4 alone
  boolean: false,
  code: 'same',
  date: '2026-03-01',
  dateTime: '2026-03-01T08:00:00Z',
  decimal: 1.5,
  instant: '2026-03-01T08:00:00Z',
  integer: 1,
  positiveInt: 1,
  time: '08:00:00',
  unsignedInt: 1,
};
const deepest = 2;
const left: ReadonlySet<string> = new Set([
  'id',
  'extension',
  'modifierExtension',
  'contained',
  'implicitRules',
  'text',
]);

/**
 * An R4 resource with every element of its type set, each choice to its first type but References first. `refer` gives
 * the reference of a type's resource; an element that may point to several has one of each.
 */
export function fullResource(type: string, id: string, refer: (type: string) => string | undefined): JsonObject {
  const model = typeModel('R4', type);
  if (model === null) throw new Error(`no type ${type}`);
  return { resourceType: type, id, ...members(model, refer, 0) };
}

function members(model: TypeModel, refer: (type: string) => string | undefined, depth: number): JsonObject {
  const made: JsonObject = {};
  for (const element of model.elements) {
    if (left.has(element.name) || (depth === 0 && element.name === 'meta')) continue;
    const member = element.members.find(({ type }) => type === 'Reference') ?? element.members[0];
    if (member === undefined) continue;
    const values: Json[] = [];
    if (member.type === 'Reference') {
      const targets = element.targets.flatMap((target) => refer(target) ?? []);
      values.push(...targets.slice(0, element.max).map((reference) => ({ reference })));
    } else if (member.primitive) values.push(codeOf(element) ?? primitives[member.type] ?? 'same');
    else if (member.model !== null && depth < deepest) {
      const value = members(member.model, refer, depth + 1);
      if (Object.keys(value).length > 0) values.push(value);
    }
    const [first] = values;
    if (first !== undefined) made[member.jsonName] = element.max > 1 ? values : first;
  }
  return made;
}

/** A code that every version has where there is one: a resource that some version cannot show would be crossed in vain. */
const everywhere: readonly string[] = ['active', 'completed', 'final', 'current', 'finished', 'order', 'available'];

function codeOf({ binding }: ElementModel): string | undefined {
  const codes = binding === null ? null : valueSetCodes('R4', binding.valueSet);
  if (codes === null) return undefined;
  return everywhere.find((code) => codes.systems.has(code)) ?? [...codes.systems.keys()][0];
}
