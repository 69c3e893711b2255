import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { codeForm } from './code-forms.js';
import type { Member } from './definitions/type-model.js';
import { type ValueSetCodes, valueSetCodes } from './definitions/value-sets.js';
import type { FhirVersion } from './version.js';

/** Capability statements may name formats by these short codes too (R4 §2.21.0.6). */
const formatCodes: ReadonlySet<string> = new Set(['json', 'xml', 'ttl']);

/** What is wrong with a value whose element has a required binding, or null. */
export function bindingProblem(version: FhirVersion, member: Member, value: Json): string | null {
  const binding = member.element.binding;
  if (binding === null || binding.strength !== 'required') return null;
  const codes = valueSetCodes(version, binding.valueSet);
  const form = codeForm(binding.valueSet);
  if (codes === null && form === undefined) return null;
  const isMember = (system: Json | undefined, code: Json | undefined): boolean => {
    if (typeof code !== 'string') return false;
    if (codes === null) return form?.test(code) === true || (member.element.path === 'format' && formatCodes.has(code));
    return inSet(codes, system, code);
  };
  return describe(member.type, value, isMember) ? null : `must be a code of ${binding.valueSet}`;
}

function inSet(codes: ValueSetCodes, system: Json | undefined, code: string): boolean {
  return system === undefined ? codes.systems.has(code) : codes.pairs.has(`${String(system)}|${code}`);
}

type IsMember = (system: Json | undefined, code: Json | undefined) => boolean;

function describe(type: string, value: Json, isMember: IsMember): boolean {
  if (type === 'CodeableConcept' && isJsonObject(value)) {
    const codings = Array.isArray(value['coding']) ? value['coding'] : [];
    if (codings.length === 0) return isAbsent(value);
    return codings.some((coding) => isJsonObject(coding) && isMember(coding['system'] ?? null, coding['code']));
  }
  if (type === 'Coding' && isJsonObject(value)) {
    return value['code'] === undefined || isMember(value['system'] ?? null, value['code']);
  }
  return type !== 'code' || isMember(undefined, value);
}

/** A concept that says, by extension, that its code is not known. */
function isAbsent(concept: JsonObject): boolean {
  const extensions = Array.isArray(concept['extension']) ? concept['extension'] : [];
  return (
    extensions.some(
      (extension) =>
        isJsonObject(extension) && String(extension['url']).endsWith('/StructureDefinition/data-absent-reason'),
    ) || concept['text'] === undefined
  );
}
