import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { north } from '../auth/open-auth.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids } from './sample-resources.js';

test('an id that stands aside answers inactive and says who replaces it', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const { status, body } = await facade.get(version, `/Patient/${ids.annaOld}`);
    assert.equal(status, 200);
    assert.equal(body.active, false);
    const found = await facade.form(version, '/Patient/_search', `id=${ids.annaOld}`);
    assert.deepEqual([found.body.total, found.body.entry[0].resource.active], [1, false]);
    if (version === 'DSTU2') assert.equal(body.link, undefined);
    else assert.deepEqual([body.link[0].type, body.link[0].other.reference], ['replaced-by', `Patient/${ids.anna}`]);
  }
});

test('references lead to the survivor, and a search by any id of the class finds all of it', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const pulse = await facade.get(version, `/Observation/${ids.oldPulse}`);
    assert.equal(pulse.body.subject.reference, `Patient/${ids.anna}`);
    assert.equal(pulse.body.subject.display, 'Dr. Anna Žofie Müller-Chaudhary');
    for (const query of [
      `patient=${ids.annaOld}`,
      `patient=${ids.anna}`,
      `patient=Patient/${ids.annaOld}`,
      `subject=${ids.annaOld}`,
      `subject:Patient=${ids.annaOld}`,
    ]) {
      assert.equal((await facade.get(version, `/Observation?${query}`)).body.total, 4, query);
    }
    const included = await facade.get(version, `/Observation?_id=${ids.oldPulse}&_include=Observation:subject`);
    assert.equal(included.body.entry[1].resource.id, ids.anna);
  }
  const stored = await facade.get('R4', `/Observation/${ids.oldPulse}/_history/1`);
  assert.equal(stored.body.subject.reference, `Patient/${ids.annaOld}`, 'vread is not resolved');
});

test('an order under two numbers is one order: what is based on either is found by both', async (t) => {
  const facade = await openFacade(t);
  const [placed, filled, report] = [1, 2, 3].map((digit) => `0b7e7a52-0000-8000-8000-0000000009${digit}0`);
  const at = Date.parse('2026-03-01T08:00:00Z');
  const order: JsonObject = { resourceType: 'ServiceRequest', status: 'active', intent: 'order' };
  const members = [placed ?? '', filled ?? ''];
  await writeResources(facade.store, north, [{ ...order, id: placed ?? '' }], at, { members });
  await writeResources(facade.store, north, [{ ...order, id: filled ?? '' }], at, { members, standsFor: placed ?? '' });
  const told: JsonObject = {
    resourceType: 'DiagnosticReport',
    id: report ?? '',
    status: 'final',
    code: { text: 'CBC' },
    basedOn: [{ reference: `ServiceRequest/${filled}` }],
  };
  await writeResources(facade.store, north, [told], at);
  for (const [version, parameter, type] of [
    ['R4', 'based-on', 'ServiceRequest'],
    ['STU3', 'based-on', 'ProcedureRequest'],
    ['DSTU2', 'request', 'DiagnosticOrder'],
  ] as const) {
    for (const id of members) {
      for (const value of [id, `${type}/${id}`]) {
        const found = await facade.get(version, `/DiagnosticReport?${parameter}=${value}`);
        assert.equal(found.body.total, 1, `${version} ${value}`);
      }
    }
  }
});

test('DSTU2 cannot show an encounter entered in error: left out of totals and pages, gone when read', async (t) => {
  const facade = await openFacade(t);
  const total = async (version: 'R4' | 'STU3' | 'DSTU2') =>
    (await facade.get(version, `/Encounter?patient=${ids.anna}`)).body.total;
  assert.deepEqual([await total('R4'), await total('STU3'), await total('DSTU2')], [2, 2, 1]);
  const answer = await facade.get('DSTU2', `/Encounter/${ids.wrongVisit}`);
  assert.equal(answer.status, 410);
  const first = await facade.get('DSTU2', `/Encounter?patient=${ids.anna}&_count=1`);
  assert.equal(first.body.entry.length, 1);
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  assert.ok(!first.body.link.some((one: any) => one.relation === 'next'));
});

test('what an old version cannot show is left out of its totals and pages, and gone when read', async (t) => {
  const facade = await openFacade(t);
  const patient: JsonObject = { subject: { reference: `Patient/${ids.bert}` } };
  const aspirin: JsonObject = { medicationCodeableConcept: { text: 'Aspirin' } };
  const idOf = (digit: number): string => `0b7e7a52-0000-8000-8000-00000000c0${digit}0`;
  const [no, yes, refused, order] = [idOf(1), idOf(2), idOf(3), idOf(4)];
  const asked: JsonObject = { resourceType: 'MedicationRequest', status: 'active', intent: 'order', ...aspirin };
  await writeResources(
    facade.store,
    north,
    [
      { ...asked, ...patient, id: no, doNotPerform: true },
      { ...asked, ...patient, id: yes },
      {
        ...{ resourceType: 'MedicationDispense', id: refused, status: 'declined', ...aspirin, ...patient },
        statusReasonCodeableConcept: { text: 'refused' },
      },
      {
        ...{ resourceType: 'ServiceRequest', id: order, status: 'active', intent: 'order', ...patient },
        doNotPerform: true,
      },
    ],
    facade.auth.clock.now(),
  );
  const cases: ['R4' | 'STU3' | 'DSTU2', string, total: number, hidden?: string][] = [
    ['R4', 'MedicationRequest', 2],
    ['STU3', 'MedicationRequest', 1, no],
    ['DSTU2', 'MedicationOrder', 1, no],
    ['STU3', 'MedicationStatement', 1],
    ['DSTU2', 'MedicationStatement', 1],
    ['R4', 'MedicationDispense', 1],
    ['DSTU2', 'MedicationDispense', 0, refused],
    ['R4', 'ServiceRequest', 1],
    ['STU3', 'ProcedureRequest', 1],
    ['DSTU2', 'DiagnosticOrder', 0, order],
  ];
  for (const [version, type, total, hidden] of cases) {
    for (const query of [`patient=${ids.bert}`, `_id=${no},${yes},${refused},${order}`]) {
      if (type === 'MedicationStatement' && query.startsWith('_id')) continue;
      const { body } = await facade.get(version, `/${type}?${query}`);
      assert.deepEqual([body.total, body.entry?.length ?? 0], [total, total], `${version} ${type}?${query}`);
    }
    if (hidden !== undefined) assert.equal((await facade.get(version, `/${type}/${hidden}`)).status, 410);
  }
});
