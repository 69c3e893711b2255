import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, displayOf } from '../../src/fhir/definitions/code-display.js';
import { definitionsOf } from '../../src/fhir/definitions/definition-files.js';
import { isResourceType, resourceTypes, typeModel } from '../../src/fhir/definitions/type-model.js';
import { impliedSystem, valueSetCodes } from '../../src/fhir/definitions/value-sets.js';
import { type FhirVersion, fhirVersions, r4TypeOf, typeInVersion, versionNumber } from '../../src/fhir/version.js';
import { elementDefinition } from './element-definition.js';

test('the data say which version they are of', () => {
  for (const version of fhirVersions) assert.equal(definitionsOf(version).fhirVersion, versionNumber[version]);
});

test('every element of every carried type leads to a model or a primitive', () => {
  for (const version of fhirVersions) {
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const model = typeModel(version, name);
      assert.ok(model !== null, `${version} ${name}`);
      for (const member of model.members.values()) {
        if (member.primitive || member.type === 'Resource') continue;
        assert.ok(member.model !== null, `${version} ${name}.${member.jsonName}`);
        visit(member.model.name);
      }
    };
    for (const type of resourceTypes(version)) visit(type);
  }
});

const paths: [FhirVersion, string, string, number, number, string[]][] = [
  ['R4', 'Patient', 'contact.name', 0, 1, ['HumanName']],
  ['R4', 'Patient', 'contact.name.family', 0, 1, ['string']],
  ['R4', 'Patient', 'contact.id', 0, 1, ['string']],
  ['R4', 'Patient', 'id', 0, 1, ['id']],
  ['R4', 'Observation', 'component.referenceRange.low', 0, 1, ['Quantity']],
  ['R4', 'Observation', 'valueQuantity.value', 0, 1, ['decimal']],
  ['STU3', 'Observation', 'code', 1, 1, ['CodeableConcept']],
  ['DSTU2', 'Patient', 'name.family', 0, Number.POSITIVE_INFINITY, ['string']],
  ['DSTU2', 'DiagnosticReport', 'effective[x]', 1, 1, ['dateTime', 'Period']],
];
for (const [version, type, path, min, max, types] of paths) {
  test(`${version} ${type}.${path}`, () => {
    const element = elementDefinition(version, type, path);
    assert.deepEqual([element?.min, element?.max, element?.types], [min, max, types]);
  });
}

test('what a version does not define is null', () => {
  assert.equal(elementDefinition('DSTU2', 'Patient', 'generalPractitioner'), null);
  assert.equal(elementDefinition('R4', 'Patient', 'name.family.more'), null);
  assert.equal(typeModel('R4', 'MedicationOrder'), null);
  assert.equal(typeModel('R4', 'toString'), null);
  assert.equal(isResourceType('R4', 'DomainResource'), false);
  assert.equal(isResourceType('R4', 'constructor'), false);
});

test('summary, binding and reference targets are known', () => {
  assert.equal(elementDefinition('R4', 'Patient', 'gender')?.summary, true);
  assert.equal(elementDefinition('R4', 'Patient', 'photo')?.summary, false);
  assert.deepEqual(elementDefinition('R4', 'Patient', 'gender')?.binding, {
    strength: 'required',
    valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender',
  });
  assert.deepEqual(elementDefinition('STU3', 'Encounter', 'subject')?.targets, ['Group', 'Patient']);
});

test('a code element implies the system of its value set', () => {
  const valueSet = 'http://hl7.org/fhir/ValueSet/administrative-gender';
  assert.equal(impliedSystem('R4', valueSet, 'male'), 'http://hl7.org/fhir/administrative-gender');
  assert.equal(impliedSystem('R4', valueSet, 'm'), null);
  assert.equal(valueSetCodes('R4', 'http://hl7.org/fhir/ValueSet/mimetypes'), null);
});

test('displays are found under the URIs of every version', () => {
  assert.equal(displayOf('http://terminology.hl7.org/CodeSystem/v2-0203', 'MR'), 'Medical record number');
  assert.equal(displayOf('http://hl7.org/fhir/v2/0203', 'MR'), 'Medical record number');
  assert.equal(displayOf('http://hl7.org/fhir/v3/MaritalStatus', 'M'), 'Married');
  assert.equal(displayOf('http://hl7.org/fhir/observation-category', 'vital-signs'), 'Vital Signs');
  assert.equal(displayOf('http://hl7.org/fhir/administrative-gender', 'female'), 'Female');
  assert.equal(displayOf('http://terminology.hl7.org/CodeSystem/v2-0203', 'toString'), null);
  assert.equal(displayOf('http://example.org', 'x'), null);
  assert.equal(codesOf('http://example.org'), null);
  assert.ok('A' in (codesOf('http://terminology.hl7.org/CodeSystem/v2-0001') ?? {}));
});

test('names of types go over to the old versions and back', () => {
  assert.equal(typeInVersion('DSTU2', 'MedicationRequest'), 'MedicationOrder');
  assert.equal(typeInVersion('STU3', 'ServiceRequest'), 'ProcedureRequest');
  assert.equal(typeInVersion('STU3', 'MedicationRequest'), 'MedicationRequest');
  assert.equal(r4TypeOf('DSTU2', 'DiagnosticOrder'), 'ServiceRequest');
  assert.equal(r4TypeOf('R4', 'DiagnosticOrder'), 'DiagnosticOrder');
  for (const version of fhirVersions) {
    for (const type of ['Patient', 'ServiceRequest', 'MedicationRequest', 'CapabilityStatement']) {
      assert.equal(r4TypeOf(version, typeInVersion(version, type)), type);
    }
  }
});
