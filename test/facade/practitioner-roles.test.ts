import assert from 'node:assert/strict';
import { test } from 'node:test';
import { north } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

const shown = {
  managingOrganization: { reference: `Organization/${ids.insurer}`, display: 'North Mutual' },
  role: {
    coding: [{ system: 'http://hl7.org/fhir/v2/0286', code: 'CP', display: 'Consulting provider' }],
    text: 'Consulting provider',
  },
  specialty: [
    { coding: [{ system: 'http://snomed.info/sct', code: '394579002', display: 'Cardiology' }], text: 'Cardiology' },
  ],
  location: [{ reference: `Location/${ids.ward}`, display: 'Ward 3 West, bed 2' }],
};

test('DSTU2 shows the roles of a practitioner inside: by read, search and include', async (t) => {
  const facade = await openFacade(t);
  const read = await facade.get('DSTU2', `/Practitioner/${ids.doctor}`);
  assert.deepEqual(read.body.practitionerRole, [shown]);
  const found = await facade.get('DSTU2', '/Practitioner?family=nowak');
  assert.deepEqual(found.body.entry[0].resource, read.body);
  const included = await facade.get('DSTU2', `/Patient?_id=${ids.anna}&_include=Patient:careprovider`);
  assert.deepEqual(included.body.entry[1].resource.practitionerRole, [shown]);
  assert.equal((await facade.get('DSTU2', `/PractitionerRole/${ids.role}`)).status, 404);
  for (const version of ['R4', 'STU3'] as const) {
    const { body } = await facade.get(version, `/Practitioner/${ids.doctor}`);
    assert.equal(body.practitionerRole, undefined, 'there it is a resource of its own');
    assert.equal((await facade.get(version, `/PractitionerRole/${ids.role}`)).status, 200);
  }
});

test('DSTU2 finds a practitioner by what the roles show', async (t) => {
  const facade = await openFacade(t);
  const cases: [query: string, total: number][] = [
    ['role=CP', 1],
    ['role=http://hl7.org/fhir/v2/0286|CP', 1],
    ['role=http://terminology.hl7.org/CodeSystem/v2-0286|CP', 0],
    ['role=AT', 0],
    ['role=AT,CP', 1],
    ['role:not=CP', 0],
    ['role:not=AT', 1],
    ['role:missing=true', 0],
    ['role:missing=false', 1],
    ['specialty=394579002&family=nowak', 1],
    ['specialty=394579002&family=else', 0],
    [`organization=${ids.insurer}`, 1],
    [`organization=Organization/${ids.insurer}&location=${ids.ward}`, 1],
    ['organization=nobody', 0],
  ];
  for (const [query, total] of cases) {
    const answer = await facade.get('DSTU2', `/Practitioner?${query}`, { prefer: 'handling=strict' });
    assert.deepEqual([answer.status, answer.body.total], [200, total], query);
  }
});

test('a token that may not read roles sees none, and finds nobody by them', async (t) => {
  const facade = await openFacade(t);
  const authorization = await facade.tokenOf('narrow', north, ['system/Practitioner.read']);
  const read = await facade.get('DSTU2', `/Practitioner/${ids.doctor}`, { authorization });
  assert.deepEqual([read.status, read.body.practitionerRole], [200, undefined]);
  const found = await facade.get('DSTU2', '/Practitioner?role=CP', { authorization });
  assert.equal(found.body.total, 0);
});
