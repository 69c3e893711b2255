import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medicationStatementView } from '../../src/fhir/medication-view.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';

const order = {
  resourceType: 'MedicationRequest',
  id: 'o1',
  meta: { versionId: '3' },
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: 'Aspirin' },
  subject: { reference: 'Patient/1' },
  encounter: { reference: 'Encounter/1' },
  authoredOn: '2020-01-01',
  requester: { reference: 'Practitioner/1', display: 'Dr' },
  dosageInstruction: [{ text: 'daily', timing: { repeat: { boundsPeriod: { start: '2020-01-02' } } } }],
};

test('an order is shown as a statement with the same medication, dosage and dates', () => {
  assert.deepEqual(medicationStatementView(order, 's1'), {
    resourceType: 'MedicationStatement',
    id: 's1',
    meta: { versionId: '3' },
    basedOn: [{ reference: 'MedicationRequest/o1' }],
    status: 'active',
    medicationCodeableConcept: { text: 'Aspirin' },
    subject: { reference: 'Patient/1' },
    context: { reference: 'Encounter/1' },
    effectivePeriod: { start: '2020-01-02' },
    dateAsserted: '2020-01-01',
    informationSource: { reference: 'Practitioner/1', display: 'Dr' },
    dosage: order.dosageInstruction,
  });
});

for (const [status, shown] of [
  ['draft', 'intended'],
  ['cancelled', 'not-taken'],
  ['stopped', 'stopped'],
  ['on-hold', 'on-hold'],
  ['completed', 'completed'],
  ['unknown', 'unknown'],
  ['entered-in-error', 'entered-in-error'],
] as const) {
  test(`an order that is ${status} is a statement that is ${shown}, valid in every version`, () => {
    const view = medicationStatementView({ ...order, status }, 's1');
    assert.ok(view !== null);
    assert.equal(view.status, shown);
    for (const version of fhirVersions) {
      const rendered = renderResource(version, view);
      assert.ok(rendered !== null);
      assert.deepEqual(validateResource(version, rendered), []);
      assert.ok(JSON.stringify(rendered).includes(version === 'DSTU2' ? 'MedicationOrder/o1' : 'MedicationRequest/o1'));
    }
  });
}

test('an order not to give something is no statement', () => {
  assert.equal(medicationStatementView({ ...order, doNotPerform: true }, 's1'), null);
});
