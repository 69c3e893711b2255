import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/core/json.js';
import { type Shape, type Slot, shapeOf } from '../../../src/fhir/shape.js';

/** The R4 types that are stored or made. */
export const servedTypes: readonly string[] = (
  'Account AllergyIntolerance Binary Condition Coverage DiagnosticReport DocumentReference Encounter Flag Immunization ' +
  'Location Medication MedicationDispense MedicationRequest MedicationStatement MessageHeader Observation Organization ' +
  'Patient Practitioner PractitionerRole Procedure Provenance RelatedPerson ServiceRequest Specimen'
).split(' ');

const words = fc.constantFrom('a', 'Größe', '<b>&', 'x'.repeat(40), '1', 'unknown');
const dateTimes = fc.constantFrom(
  '2020',
  '2020-02',
  '2020-02-03',
  '2020-02-03T04:05:06Z',
  '2020-02-03T04:05:06.789+01:00',
);
const codes = fc.constantFrom('a', 'active', 'IMP', 'group', 'plan', 'self', 'MR', 'N', 'OP', 'AP');
const systems = fc.constantFrom(
  'http://loinc.org',
  'http://terminology.hl7.org/CodeSystem/v2-0203',
  'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  'http://terminology.hl7.org/CodeSystem/observation-category',
);

const primitives: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  boolean: fc.boolean(),
  integer: fc.integer({ min: -9, max: 9 }),
  unsignedInt: fc.integer({ min: 0, max: 9 }),
  positiveInt: fc.integer({ min: 1, max: 9 }),
  decimal: fc.constantFrom(0, 1.5, -2.25),
  date: fc.constantFrom('2020', '2020-02', '2020-02-03'),
  dateTime: dateTimes,
  instant: fc.constantFrom('2020-02-03T04:05:06Z', '2020-02-03T04:05:06.789+01:00'),
  time: fc.constant('04:05:06'),
  id: fc.constant('id-1'),
  oid: fc.constant('urn:oid:1.2.3'),
  uuid: fc.constant('urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7'),
  uri: systems,
  url: systems,
  canonical: systems,
  base64Binary: fc.constant('AAAA'),
  code: codes,
  xhtml: fc.constant('<div xmlns="http://www.w3.org/1999/xhtml">x</div>'),
};

/** Elements whose code is a MIME type. */
const mimeType = /^(contentType|sigFormat|targetFormat)$/;

/** Valid R4 resources of a type, built from the definitions; `depth` says how deep elements nest. */
export function arbitraryResource(type: string, depth = 4): fc.Arbitrary<JsonObject> {
  const shape = shapeOf('R4', type);
  if (shape === undefined) throw new Error(`R4 has no ${type}`);
  return arbitraryMembers(shape, depth).map((members) => ({ resourceType: type, ...members }));
}

/** At most eight members at once, every required one among them, and one of each choice. */
function arbitraryMembers(shape: Shape, depth: number): fc.Arbitrary<JsonObject> {
  const required = shape.required.flatMap(({ members }) => members.slice(0, 1));
  const alternatives = new Set(shape.required.flatMap(({ members }) => members.slice(1)));
  const optional = [...shape.slots.keys()].filter(
    (name) =>
      name !== 'contained' && name !== 'modifierExtension' && !required.includes(name) && !alternatives.has(name),
  );
  return fc.subarray(optional, { maxLength: Math.min(8, optional.length) }).chain((chosen) => {
    const picked: Record<string, fc.Arbitrary<Json>> = {};
    const choices = new Set<string>();
    for (const name of [...required, ...chosen]) {
      const slot = shape.slots.get(name);
      if (slot === undefined || (depth <= 0 && !required.includes(name))) continue;
      const choice = name.slice(0, name.length - slot.type.length);
      const isChoice = choice !== '' && name.toLowerCase() === (choice + slot.type).toLowerCase();
      if (isChoice && choices.has(choice)) continue;
      choices.add(choice);
      const one = mimeType.test(name) ? fc.constant('text/plain') : arbitraryValue(slot, depth - 1);
      picked[name] = slot.list ? fc.array(one, { minLength: 1, maxLength: 2 }) : one;
    }
    return fc.record(picked);
  });
}

function arbitraryValue(slot: Slot, depth: number): fc.Arbitrary<Json> {
  if (slot.type === 'code' && slot.codes !== undefined) return fc.constantFrom(...slot.codes);
  if (slot.kind === 'primitive') return primitives[slot.type] ?? words;
  if (slot.type === 'Reference') return arbitraryReference(slot);
  if (slot.type === 'Extension') return arbitraryExtension();
  if (slot.type === 'CodeableConcept') return arbitraryConcept(slot);
  if (slot.type === 'Identifier') return arbitraryIdentifier;
  if (slot.type === 'Coding') return fc.record({ system: systems, code: codes });
  if (slot.type === 'Period') return arbitraryPeriod;
  return arbitraryMembers(slot.shape(), depth).map((value) =>
    Object.keys(value).some((key) => key !== 'id') ? value : said,
  );
}

/** A valid period ends after it begins (per-1). */
const arbitraryPeriod = fc.record(
  { start: dateTimes, end: fc.constantFrom('2021', '2021-02-03T04:05:06Z') },
  { requiredKeys: ['start'] },
);

const arbitraryIdentifier: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ value: words, use: fc.constantFrom('usual', 'old') }),
  fc.record({
    system: systems,
    value: words,
    type: fc.record({ coding: fc.tuple(fc.record({ system: systems, code: codes })) }),
  }),
);

function arbitraryConcept(slot: Slot): fc.Arbitrary<Json> {
  if (slot.codes !== undefined) {
    return fc.constantFrom(...slot.codes).map((code) => {
      const bar = code.lastIndexOf('|');
      return { coding: [{ system: code.slice(0, bar), code: code.slice(bar + 1) }] };
    });
  }
  return fc.oneof(
    fc.record({ text: words }),
    fc.record({
      coding: fc.array(fc.record({ system: systems, code: codes }), { minLength: 1, maxLength: 2 }),
      text: words,
    }),
    fc.record({ coding: fc.tuple(fc.record({ system: systems, code: codes, display: words })) }),
  );
}

function arbitraryReference(slot: Slot): fc.Arbitrary<Json> {
  const types = [...(slot.targets ?? ['Patient', 'Observation'])];
  return fc.oneof(
    fc.constantFrom(...types).map((type) => ({ reference: `${type}/1` })),
    fc.constantFrom(...types).map((type) => ({ reference: `${type}/1`, type, display: 'shown' })),
    fc.constant({ identifier: { value: '7' } }),
  );
}

const said: JsonObject = { extension: [{ url: 'http://example.org/x', valueString: 'x' }] };

const nested: JsonObject = {
  url: 'http://example.org/x',
  extension: [{ url: 'inner', valueCanonical: 'http://example.org/y' }],
};

function arbitraryExtension(): fc.Arbitrary<Json> {
  return fc.oneof(
    fc.record({ url: fc.constant('http://example.org/x'), valueString: words }),
    fc.record({ url: fc.constant('http://example.org/x'), valueUrl: systems }),
    fc.record({ url: fc.constant('http://example.org/x'), valueCoding: fc.record({ system: systems, code: codes }) }),
    fc.record({ url: fc.constant('http://example.org/x'), valueAge: fc.record({ value: fc.constant(3) }) }),
    fc.record({ url: fc.constant('http://example.org/x'), valueDosage: fc.record({ text: words }) }),
    fc.constant(nested),
  );
}
