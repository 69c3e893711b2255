import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { north, publicUrl } from '../auth/open-auth.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids } from './sample-resources.js';

const taken: JsonObject = {
  resourceType: 'MedicationStatement',
  id: '0b7e7a52-0000-8000-8000-0000000000b1',
  status: 'active',
  medicationCodeableConcept: { text: 'Vitamin D' },
  subject: { reference: `Patient/${ids.anna}` },
  effectiveDateTime: '2026-11-01',
};

test('statements: those stored, then a view of each order', async (t) => {
  const facade = await openFacade(t);
  await writeResources(facade.store, north, [taken], facade.auth.clock.now());
  const views = [`order-${ids.order}`, `order-${ids.stopped}`];
  for (const version of fhirVersions) {
    const find = async (query: string): Promise<{ total: number; ids: string[] }> => {
      const answer = await facade.get(version, `/MedicationStatement?${query}`);
      assert.equal(answer.status, 200, answer.text);
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const entries: any[] = answer.body.entry ?? [];
      return { total: answer.body.total, ids: entries.map((entry) => entry.resource.id) };
    };
    const all = [String(taken['id']), ...views];
    assert.deepEqual(await find(`patient=${ids.annaOld}`), { total: 3, ids: all });
    assert.deepEqual(await find(''), { total: 3, ids: all });
    assert.deepEqual(await find(`patient=${ids.anna}&_count=2`), { total: 3, ids: all.slice(0, 2) });
    assert.deepEqual(await find(`patient=${ids.anna}&_count=0`), { total: 3, ids: [] });
    assert.deepEqual(await find(`_id=order-${ids.order}`), { total: 1, ids: views.slice(0, 1) });
    assert.deepEqual(await find(`patient=${ids.bert}`), { total: 0, ids: [] });
    assert.deepEqual(await find(`patient=${ids.anna}&status=active`), { total: 2, ids: all.slice(0, 2) });
    assert.deepEqual(await find(`source=${ids.doctor}`), { total: 1, ids: views.slice(0, 1) });

    for (const count of [1, 2]) {
      const found: string[] = [];
      let url: string | undefined = `/fhir/${version.toLowerCase()}/MedicationStatement?_count=${count}`;
      while (url !== undefined) {
        const answer = await facade.request('GET', url, { authorization: facade.northToken });
        assert.equal(answer.body.total, 3);
        // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
        found.push(...(answer.body.entry ?? []).map((entry: any) => entry.resource.id));
        // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
        url = answer.body.link.find((one: any) => one.relation === 'next')?.url.slice(publicUrl.length);
      }
      assert.deepEqual(found, all, `${version} by ${count}`);
    }
    const read = await facade.get(version, `/MedicationStatement/${views[0]}`);
    assert.equal(read.body.medicationCodeableConcept.text, 'Aspirin 100 mg');
    assert.equal((await facade.get(version, '/MedicationStatement/order-nobody')).status, 404);
  }
});
