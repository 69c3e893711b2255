import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { changed, codeOf, objects, renamed, text } from '../members.js';

/** STU3 Coverage to DSTU2. There is no official map; these are our rules (fhir-versions: Coverage). */
export function dstu2Coverage(source: JsonObject, original: JsonObject): JsonObject {
  const grouping = isJsonObject(source.grouping) ? source.grouping : {};
  const [issuer] = objects(source.payor);
  const bin = objects(original.class).find((entry) => codeOf(entry.type) === 'rxbin');
  const binValue = text(bin?.value);
  const self = codeOf(source.relationship) === 'self';
  return changed(renamed(source, { payor: null, grouping: null, beneficiary: null }), {
    issuer,
    bin: binValue === undefined ? undefined : { value: binValue },
    group: grouping.group ?? grouping.groupDisplay,
    plan: grouping.planDisplay ?? grouping.plan,
    subPlan: grouping.subPlanDisplay ?? grouping.subPlan,
    subscriber: source.subscriber ?? (self ? source.beneficiary : undefined),
    dependent: positive(source.dependent),
    sequence: positive(source.sequence),
  });
}

/** DSTU2 numbers what later versions name: a name that is no number has no place. */
function positive(value: Json | undefined): number | undefined {
  const digits = text(value);
  return digits !== undefined && /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}
