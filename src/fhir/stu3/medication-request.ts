import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { changed, codeOf, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/**
 * R4 MedicationRequest to STU3. Null for an order not to give something: STU3 has no `doNotPerform`, and without it the
 * resource would say the opposite.
 */
export function stu3MedicationRequest(source: JsonObject): JsonObject | null {
  if (source.doNotPerform === true) return null;
  const intent = text(source.intent);
  return changed(renamed(source, { encounter: 'context' }), {
    requester: source.requester === undefined ? undefined : { agent: source.requester },
    intent: intent === undefined ? undefined : oldCode('STU3', 'MedicationRequest.intent', intent),
    substitution: substitution(source.substitution),
  });
}

/** HL7 table 0167, substitution status: 1 and 7 say that none was allowed. */
const substitutionStatus = 'http://terminology.hl7.org/CodeSystem/v2-0167';

/** R4 may name the kind of substitution allowed; STU3 knows whether. `N` is v3's and table 0161's code for none. */
function substitution(value: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const { allowedCodeableConcept: kind } = value;
  const code = codeOf(kind);
  const status = isJsonObject(kind) && objects(kind.coding)[0]?.system === substitutionStatus;
  // `N` of table 0167 says no more than no value does.
  if (status && code === 'N') return undefined;
  const none = status ? ['1', '7'] : ['N'];
  const allowed = typeof value.allowedBoolean === 'boolean' ? value.allowedBoolean : code && !none.includes(code);
  return changed(renamed(value, { allowedBoolean: null, allowedCodeableConcept: null }), {
    allowed: typeof allowed === 'boolean' ? allowed : undefined,
  });
}
