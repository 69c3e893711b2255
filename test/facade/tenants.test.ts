/** Two tenants, crossed: nothing of one is seen by the other, by any road. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { basePath, fhirVersions } from '../../src/fhir/version.js';
import { south } from '../auth/open-auth.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids, sampleResources } from './sample-resources.js';

const stranger: JsonObject = {
  resourceType: 'Patient',
  id: '0b7e7a52-0000-8000-8000-0000000000aa',
  name: [{ family: 'Southerner' }],
};
/** Points at ids that exist in the other tenant only. */
const pointing: JsonObject = {
  resourceType: 'Encounter',
  id: '0b7e7a52-0000-8000-8000-0000000000ab',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  subject: { reference: `Patient/${ids.anna}` },
  location: [{ location: { reference: `Location/${ids.ward}` } }],
};

test('reads, searches, history, includes, batches and displays stay in the tenant of the token', async (t) => {
  const facade = await openFacade(t);
  await writeResources(facade.store, south, [stranger, pointing], facade.auth.clock.now());
  const authorization = facade.southToken;
  for (const version of fhirVersions) {
    const get = (path: string) => facade.get(version, path, { authorization });
    for (const resource of sampleResources) {
      const { resourceType, id } = resource;
      for (const rest of ['', '/_history', '/_history/1']) {
        const answer = await get(`/${resourceType}/${id}${rest}`);
        assert.equal(answer.status, 404, `${resourceType}${rest}`);
      }
    }
    const all = [
      '/Patient',
      `/Patient?_id=${ids.anna}`,
      '/Patient?family:contains=chau',
      `/Observation?patient=${ids.anna}`,
      `/Observation?patient=Patient/${ids.annaOld}`,
      `/MedicationStatement?patient=${ids.anna}`,
      `/Encounter?_include=Encounter:patient&_include=Encounter:location`,
      `/Encounter?patient=${ids.anna}`,
      '/_history',
      '/Patient/_history',
    ];
    for (const path of all) {
      const answer = await get(path);
      assert.equal(answer.status, 200, `${path} ${answer.text}`);
      assert.doesNotMatch(answer.text, /Chaudhary|Chau|Ward 3|Nowak|Aspirin|8867-4/, path);
    }
    assert.equal((await get('/Patient')).body.total, 1);
    const bundle = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [...all.slice(0, 8), `/Patient/${ids.anna}`].map((url) => ({ request: { method: 'GET', url } })),
    };
    const batch = await facade.post(version, '', bundle, { authorization });
    assert.equal(batch.body.entry.length, 9);
    assert.doesNotMatch(batch.text, /Chaudhary|Chau|Ward 3|Nowak|Aspirin|8867-4/);
    assert.match(batch.body.entry[8].response.status, /^404/);

    const cursor = await facade.get(version, '/Patient?_count=1');
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const next = cursor.body.link.find((one: any) => one.relation === 'next').url;
    const query = new URL(next).search;
    const crossed = await facade.request('GET', `/fhir/${basePath[version]}/Patient${query}`, { authorization });
    assert.equal(crossed.status, 400);
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const ours = (await facade.get(version, '/Patient')).body.entry.map((entry: any) => entry.resource.id);
    assert.ok(!ours.includes(stranger['id']));
  }
});
