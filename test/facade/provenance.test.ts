import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { north } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

test('Provenance tells which message made each version of a target', async (t) => {
  const facade = await openFacade(t);
  const narrow = await facade.tokenOf('narrow', north, ['system/Provenance.read', 'system/Location.read']);
  for (const version of fhirVersions) {
    const target = `Patient/${ids.anna}`;
    const answer = await facade.get(version, `/Provenance?target=${target}`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.total, 3, 'two versions, and one of the id that she had before');
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const found: any[] = answer.body.entry.map((entry: any) => entry.resource);
    assert.equal(found[0].id, `Patient-${ids.anna}-2`);
    assert.equal(found[0].target[0].reference, target);
    for (const query of [`patient=${ids.anna}`, `patient=${target}`, `patient=${ids.annaOld}`]) {
      const { status, body } = await facade.get(version, `/Provenance?${query}`, { prefer: 'handling=strict' });
      assert.deepEqual([status, body.entry], [200, answer.body.entry], query);
    }
    assert.equal((await facade.get(version, `/Provenance?patient=${ids.pulse}`)).body.total, 0);
    if (version === 'R4') assert.equal(found[0].entity[0].what.identifier.value, 'urn:wardline:message:1-1');
    const read = await facade.get(version, `/Provenance/${found[0].id}`);
    assert.deepEqual([read.status, read.body.id], [200, found[0].id]);
    assert.equal((await facade.get(version, `/Provenance?_id=${found[0].id}`)).body.total, 1);
    assert.equal((await facade.get(version, '/Provenance?target=Patient/nobody')).body.total, 0);
    for (const path of [`Patient-${ids.anna}-9`, 'nobody', `Nothing-${ids.anna}-1`]) {
      assert.equal((await facade.get(version, `/Provenance/${path}`)).status, 404);
    }
    assert.equal((await facade.get(version, '/Provenance')).status, 400);
    assert.equal((await facade.get(version, '/Provenance?target=1')).status, 400);
    const denied = await facade.get(version, `/Provenance?target=${target}`, { authorization: narrow });
    assert.equal(denied.body.total, 0);
    const foreign = await facade.get(version, `/Provenance?target=${target}`, { authorization: facade.southToken });
    assert.equal(foreign.body.total, 0);
  }
});
