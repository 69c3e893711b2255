import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import { withNarrative } from '../../src/fhir/generate-narrative.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { arbitraryResource } from './versions/arbitrary-resource.js';

const shownTypes = [
  'Patient',
  'Encounter',
  'Observation',
  'Condition',
  'AllergyIntolerance',
  'MedicationRequest',
  'MedicationStatement',
  'MedicationDispense',
  'Medication',
  'Immunization',
  'Coverage',
  'Location',
];

function div(resource: JsonObject): string {
  const { text } = withNarrative(resource);
  return isJsonObject(text) ? String(text.div) : '';
}

test('a text tells what the resource says, in each version', () => {
  const allergy = {
    resourceType: 'AllergyIntolerance',
    code: { text: 'Nuts' },
    verificationStatus: { coding: [{ code: 'confirmed' }] },
    patient: { reference: 'Patient/1' },
    reaction: [{ manifestation: [{ text: 'Hives' }] }],
  };
  for (const version of fhirVersions) {
    const rendered = renderResource(version, allergy);
    assert.ok(rendered !== null);
    assert.match(div(rendered), /<b>Allergy<\/b>: Nuts.*confirmed.*Hives/);
  }
});

test('values with units, components and dates', () => {
  const told = div({
    resourceType: 'Observation',
    code: { text: 'BP' },
    effectiveDateTime: '2020-01-01',
    component: [
      { code: { text: 'Systolic' }, valueQuantity: { value: 120, unit: 'mmHg' } },
      { code: { text: 'Diastolic' }, valueQuantity: { value: 80, unit: 'mmHg' } },
    ],
  });
  assert.match(told, /2020-01-01/);
  assert.match(told, /Systolic 120 mmHg, Diastolic 80 mmHg/);
});

test('everything is escaped, and what XML forbids left out', () => {
  const told = div({ resourceType: 'Location', name: '<script>&"\u0000\ud800x\ny' });
  assert.equal(
    told,
    '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Name</b>: &lt;script&gt;&amp;&quot;x<br/>y</p></div>',
  );
});

test('a text that is there stays; types that no app shows get none', () => {
  const told = { resourceType: 'Patient', text: { status: 'additional', div: '<div/>' } };
  assert.equal(withNarrative(told), told);
  const organization = { resourceType: 'Organization', name: 'x' };
  assert.equal(withNarrative(organization), organization);
});

test('texts are valid for anything', () => {
  for (const type of shownTypes) {
    fc.assert(
      fc.property(arbitraryResource(type), (resource) => {
        for (const version of fhirVersions) {
          const { text: _, ...silent } = resource;
          const rendered = renderResource(version, silent);
          if (rendered === null) continue;
          const issues = validateResource(version, withNarrative(rendered));
          assert.deepEqual(
            issues.filter((issue) => issue.code !== 'invariant' && issue.severity === 'error'),
            [],
          );
        }
      }),
      { numRuns: 15 },
    );
  }
});
