/** For every resource served and every search parameter of its version, a search for the value shown finds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { computedTypes, storedTypes } from '../../src/facade/served-types.js';
import { isResourceType } from '../../src/fhir/definitions/type-model.js';
import { extractSearchValues } from '../../src/fhir/extract-search-values.js';
import { basePath, type FhirVersion, fhirVersions, typeInVersion, versionBit } from '../../src/fhir/version.js';
import { north } from '../auth/open-auth.js';
import { fullResource } from '../support/full-resource.js';
import { openFacade, writeResources } from './open-facade.js';
import { ids, sampleResources } from './sample-resources.js';
import { queriesFor } from './value-searches.js';

test('a search for every value that is served finds it, in three versions', async (t) => {
  const facade = await openFacade(t);
  const views: JsonObject[] = [{ resourceType: 'MedicationStatement', id: `order-${ids.order}` }];
  let asked = 0;
  for (const version of fhirVersions) {
    for (const { resourceType, id } of [...sampleResources, ...views]) {
      const type = typeInVersion(version, String(resourceType));
      if (!isResourceType(version, type)) continue;
      const served = await facade.get(version, `/${type}/${id}`);
      if (served.status === 410) continue;
      assert.equal(served.status, 200);
      // What a coverage of DSTU2 does not show is asked of R4's rendering.
      const r4 = (await facade.get('R4', `/${resourceType}/${id}`)).body;
      const values = extractSearchValues({ R4: r4, [version]: served.body });
      for (const value of values.filter(({ versions }) => (versions & versionBit[version]) !== 0)) {
        for (const query of queriesFor(version, value)) {
          const found = await facade.get(version, `/${type}?${query}`, { prefer: 'handling=strict' });
          assert.equal(found.status, 200, `${version} ${type}?${query} ${found.text}`);
          // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
          const entries: any[] = found.body.entry ?? [];
          assert.ok(
            entries.some((entry) => entry.resource.id === id),
            `${version} ${type}?${decodeURIComponent(query)} does not find ${id}`,
          );
          asked++;
        }
      }
    }
  }
  assert.ok(asked > 500, `only ${asked} searches`);
});

test('the same of every served type with all that it can hold', { timeout: 120_000 }, async (t) => {
  const facade = await openFacade(t);
  const types = storedTypes.filter((type) => !computedTypes.has(type));
  const idOf = (type: string): string => `0b7e7a52-0000-8000-8000-${String(types.indexOf(type) + 1).padStart(12, '0')}`;
  const refer = (type: string) => (types.includes(type) ? `${type}/${idOf(type)}` : undefined);
  const full = types.map((type) => fullResource(type, idOf(type), refer));
  await facade.store.dropTenant(north);
  await writeResources(facade.store, north, full, facade.auth.clock.now());
  // what is made of definitions alone need not be valid, so that the application is asked without the validator
  const ask = async (version: FhirVersion, path: string, bundle?: JsonObject) => {
    const answer = await facade.app.inject({
      method: bundle === undefined ? 'GET' : 'POST',
      url: `/fhir/${basePath[version]}${path}`,
      headers: { authorization: facade.northToken, prefer: 'handling=strict', 'content-type': 'application/json' },
      ...(bundle === undefined ? {} : { payload: JSON.stringify(bundle) }),
    });
    assert.equal(answer.statusCode, 200, `${version} ${path} ${answer.payload.slice(0, 500)}`);
    return JSON.parse(answer.payload);
  };
  const missed: string[] = [];
  for (const version of fhirVersions) {
    let asked = 0;
    for (const stored of types) {
      const type = typeInVersion(version, stored);
      if (!isResourceType(version, type)) continue;
      const id = idOf(stored);
      const shown = await ask(version, `/${type}/${id}`);
      const r4 = version === 'R4' ? shown : await ask('R4', `/${stored}/${id}`);
      const values = extractSearchValues({ R4: r4, [version]: shown });
      const urls = values
        .filter(({ versions }) => (versions & versionBit[version]) !== 0)
        .flatMap((value) => queriesFor(version, value))
        .map((query) => `${type}?${query}&_elements=id`);
      asked += urls.length;
      for (let at = 0; at < urls.length; at += 200) {
        const some = urls.slice(at, at + 200);
        const entry = some.map((url) => ({ request: { method: 'GET', url } }));
        const { entry: answers } = await ask(version, '', { resourceType: 'Bundle', type: 'batch', entry });
        for (const [index, { resource, response }] of answers.entries()) {
          // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
          const there = resource?.entry?.some((one: any) => one.resource.id === id) === true;
          if (!there) missed.push(`${version} ${decodeURIComponent(some[index] ?? '')} ${response.status}`);
        }
      }
    }
    assert.ok(asked > 500, `${version}: only ${asked} searches`);
  }
  assert.deepEqual(missed, []);
});
