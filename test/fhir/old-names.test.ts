import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderResource } from '../../src/fhir/render.js';
import { renderSystemUri } from '../../src/fhir/system-uri.js';
import { validateResource } from '../../src/fhir/validate.js';

for (const [name, old] of [
  ['v2-0203', 'v2/0203'],
  ['v2-0360|2.7', 'v2/0360/2.7'],
  ['v3-ActCode', 'v3/ActCode'],
  ['observation-category', 'observation-category'],
  ['condition-category', 'condition-category'],
  ['admit-source', 'admit-source'],
  ['discharge-disposition', 'discharge-disposition'],
  ['diagnosis-role', 'diagnosis-role'],
  ['location-physical-type', 'location-physical-type'],
  ['encounter-type', 'encounter-type'],
  ['allergyintolerance-clinical', 'allergy-clinical-status'],
  ['subscriber-relationship', 'policyholder-relationship'],
] as const) {
  test(`${name} was http://hl7.org/fhir/${old}`, () => {
    const r4 = `http://terminology.hl7.org/CodeSystem/${name}`;
    assert.equal(renderSystemUri('R4', r4), r4);
    assert.equal(renderSystemUri('STU3', r4), `http://hl7.org/fhir/${old}`);
    assert.equal(renderSystemUri('DSTU2', r4), `http://hl7.org/fhir/${old}`);
  });
}

test('systems of others keep their names', () => {
  assert.equal(renderSystemUri('STU3', 'http://loinc.org'), 'http://loinc.org');
  assert.equal(renderSystemUri('DSTU2', 'http://hl7.org/fhir/sid/us-npi'), 'http://hl7.org/fhir/sid/us-npi');
});

test('DSTU2 folds the roles of a practitioner into it', () => {
  const practitioner = { resourceType: 'Practitioner', name: [{ family: 'A' }, { family: 'B' }] };
  const role = {
    resourceType: 'PractitionerRole',
    practitioner: { reference: 'Practitioner/1' },
    organization: { reference: 'Organization/1' },
    code: [{ text: 'surgeon' }, { text: 'head' }],
    specialty: [{ text: 'heart' }],
  };
  const rendered = renderResource('DSTU2', practitioner, { roles: [role] });
  assert.deepEqual(rendered, {
    resourceType: 'Practitioner',
    name: { family: ['A'] },
    practitionerRole: [
      {
        managingOrganization: { reference: 'Organization/1' },
        role: { text: 'surgeon' },
        specialty: [{ text: 'heart' }],
      },
    ],
  });
  assert.deepEqual(validateResource('DSTU2', rendered), []);
});
