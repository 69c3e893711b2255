import { equalJson, isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { changed, joinedNotes, objects, renamed, text } from '../members.js';

/** R4 Observation to STU3: one comment, related observations in one list, the value types of STU3. */
export function stu3Observation(source: JsonObject): JsonObject {
  const out = renamed(withValue(withEffective(source)), {
    encounter: 'context',
    note: null,
    hasMember: null,
    derivedFrom: null,
  });
  const comment = joinedNotes(source.note);
  if (comment !== undefined) out.comment = comment;
  const related = [...relatedTo('has-member', source.hasMember), ...relatedTo('derived-from', source.derivedFrom)];
  if (related.length > 0) out.related = related;
  if (source.component !== undefined) {
    out.component = objects(source.component).map((component) => withoutBoolean(withValue(component)));
  }
  return withoutDoubleCode(out);
}

/**
 * STU3 has no value beside a component of the observation's own code (obs-7), where R4 compares codings only: the value becomes the
 * first component of that code.
 */
function withoutDoubleCode(source: JsonObject): JsonObject {
  const value = Object.keys(source).find((name) => /^value[A-Z]/.test(name));
  const components = objects(source.component);
  if (value === undefined || !components.some((each) => equalJson(each.code, source.code))) return source;
  const moved = withoutBoolean({ code: source.code ?? {}, [value]: source[value] ?? null });
  return changed(source, { [value]: undefined, component: [moved, ...components] });
}

/** STU3 relates to observations and questionnaire responses only. */
function relatedTo(type: string, references: Json | undefined): JsonObject[] {
  return objects(references)
    .filter(
      (target) => !/^(DocumentReference|ImagingStudy|Media|MolecularSequence)\//.test(text(target.reference) ?? ''),
    )
    .map((target) => ({ type, target }));
}

/** A whole number is a quantity without a unit. */
function withValue(source: JsonObject): JsonObject {
  return typeof source.valueInteger === 'number'
    ? changed(source, { valueInteger: undefined, valueQuantity: { value: source.valueInteger } })
    : source;
}

/** Yes or no as a concept of HL7 table 0136, for the places where a version has no boolean value. */
export function withoutBoolean(source: JsonObject): JsonObject {
  const { valueBoolean } = source;
  if (typeof valueBoolean !== 'boolean') return source;
  const [code, display] = valueBoolean ? ['Y', 'Yes'] : ['N', 'No'];
  const valueCodeableConcept = { coding: [{ system: 'http://hl7.org/fhir/v2/0136', code, display }], text: display };
  return changed(source, { valueBoolean: undefined, valueCodeableConcept });
}

/** An instant is a date-time; of a timing, its one event or its bounds can be said. */
function withEffective(source: JsonObject): JsonObject {
  if (source.effectiveInstant !== undefined) return renamed(source, { effectiveInstant: 'effectiveDateTime' });
  const timing = source.effectiveTiming;
  if (!isJsonObject(timing)) return source;
  const events = Array.isArray(timing.event) ? timing.event : [];
  const bounds = isJsonObject(timing.repeat) ? timing.repeat.boundsPeriod : undefined;
  return changed(source, {
    effectiveTiming: undefined,
    effectiveDateTime: events.length === 1 ? text(events[0]) : undefined,
    effectivePeriod: events.length === 0 ? bounds : undefined,
  });
}
