import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { resourceTypes } from '../../src/fhir/definitions/type-model.js';
import { resourceItem } from '../../src/fhir/fhirpath-items.js';
import { ExpressionError } from '../../src/fhir/fhirpath-syntax.js';
import { compileSearchExpression } from '../../src/fhir/search-expression.js';
import { extractorsOf } from '../../src/fhir/search-extractors.js';
import { type FhirVersion, fhirVersions } from '../../src/fhir/version.js';

test('every search parameter of every carried type compiles, in three versions', () => {
  let count = 0;
  for (const version of fhirVersions) {
    for (const type of resourceTypes(version)) count += extractorsOf(version, type).length;
  }
  assert.ok(count > 1400, `${count}`);
});

const observation: JsonObject = {
  resourceType: 'Observation',
  subject: { reference: 'Patient/p' },
  code: { text: 'c' },
  valueQuantity: { value: 1 },
  component: [{ code: { text: 'k' }, valueString: 's' }],
};
const patient: JsonObject = {
  resourceType: 'Patient',
  telecom: [
    { system: 'phone', value: '1' },
    { system: 'email', value: 'a@b' },
  ],
  name: [{ given: ['A', 'B'] }],
  deceasedBoolean: false,
};

const cases: [FhirVersion, JsonObject, string, unknown[]][] = [
  ['R4', patient, 'Patient.name.given', ['A', 'B']],
  ['R4', patient, 'Patient.name.given[1]', ['B']],
  ['R4', patient, 'Resource.id | Patient.name.given', ['A', 'B']],
  ['R4', patient, "Patient.telecom.where(system='email').value", ['a@b']],
  ['DSTU2', patient, 'Patient.telecom(system=email)', [{ system: 'email', value: 'a@b' }]],
  ['R4', patient, 'Patient.deceased.exists() and Patient.deceased != false', [false]],
  [
    'R4',
    { resourceType: 'Patient', deceasedDateTime: '2020' },
    'Patient.deceased.exists() and Patient.deceased != false',
    [true],
  ],
  ['R4', { resourceType: 'Patient' }, 'Patient.deceased.exists() and Patient.deceased != false', [false]],
  ['R4', observation, '(Observation.value as Quantity)', [{ value: 1 }]],
  ['STU3', observation, 'Observation.value.as(Quantity)', [{ value: 1 }]],
  ['STU3', observation, 'Observation.component.value.as(String)', ['s']],
  ['STU3', { resourceType: 'Observation', valueDateTime: '2020' }, 'Observation.value.as(DateTime)', ['2020']],
  ['DSTU2', observation, 'Observation.valueQuantity', [{ value: 1 }]],
  ['DSTU2', observation, 'Observation.component.valueString', ['s']],
  ['DSTU2', observation, 'Observation.value[x]', [{ value: 1 }]],
  ['R4', observation, 'Observation.value.is(Quantity)', [true]],
  ['R4', observation, 'Observation.code | Observation.component.code', [{ text: 'c' }, { text: 'k' }]],
  ['R4', observation, 'Observation.subject.where(resolve() is Patient)', [{ reference: 'Patient/p' }]],
  ['R4', observation, 'Observation.subject.where(resolve() is Device)', []],
  [
    'R4',
    { resourceType: 'Observation', valueCodeableConcept: { text: 't' } },
    '(Observation.value as CodeableConcept).text',
    ['t'],
  ],
  [
    'DSTU2',
    { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'MessageHeader', id: 'm' } }] },
    'Bundle.entry.resource(0)',
    [{ resourceType: 'MessageHeader', id: 'm' }],
  ],
];
for (const [version, resource, expression, expected] of cases) {
  test(`${version} ${expression} gives ${JSON.stringify(expected)}`, () => {
    const compiled = compileSearchExpression(version, String(resource.resourceType), expression);
    const root = resourceItem(version, resource);
    assert.deepEqual(
      compiled.run([root], { resource: root, root }).map((item) => item.value),
      expected,
    );
  });
}

const broken: [FhirVersion, string][] = [
  ['R4', 'Patient.nickname'],
  ['R4', 'Observation.code'],
  ['R4', 'Patient.name.as(Quantity)'],
  ['R4', 'Patient.name.frobnicate()'],
  ['R4', 'Patient.name.constructor()'],
  ['R4', "Patient.telecom.where(system='email'"],
  ['R4', 'Patient.name §'],
  ['R4', ''],
  ['R4', 'Patient.deceasedBoolean'],
  ['STU3', 'Patient.telecom(system=email)'],
];
for (const [version, expression] of broken) {
  test(`${version} ${JSON.stringify(expression)} does not compile`, () => {
    assert.throws(() => compileSearchExpression(version, 'Patient', expression), ExpressionError);
  });
}
