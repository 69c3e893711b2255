/** Two hospitals on one system: the same bytes sent to both are two patients, and no road leads from one to the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions, typeInVersion } from '../../src/fhir/version.js';
import type { FhirClient } from '../support/fhir-client.js';
import { pause } from '../support/pause.js';
import { north, runWardline, sample, south, tokenFor } from '../support/running-wardline.js';
import { startSecondFacade } from '../support/second-facade.js';

const files = ['adt-a01', 'oru-r01-vitals', 'oru-r01-lab-cbc', 'rde-o11', 'oru-r01-document'];
const types = [
  'Patient',
  'Encounter',
  'Observation',
  'Condition',
  'AllergyIntolerance',
  'MedicationRequest',
  'Coverage',
  'DiagnosticReport',
  'ServiceRequest',
  'RelatedPerson',
  'Location',
  'Practitioner',
  'Organization',
] as const;

/** Ids of all that a client sees, by type as its version names it. */
async function everything(fhir: FhirClient): Promise<Map<string, string[]>> {
  const seen = new Map<string, string[]>();
  for (const type of types) {
    const name = typeInVersion(fhir.version, type);
    const found = await fhir.find(`${name}?_count=1000`);
    seen.set(
      name,
      found.map((resource) => resource.id),
    );
  }
  return seen;
}

test('a token of one hospital never reaches the other', { timeout: 120_000 }, async (t) => {
  const wardline = await runWardline(t);
  for (const file of files) {
    await wardline.north.send(sample(`${file}.hl7`));
    await wardline.south.send(sample(`${file}.hl7`));
  }
  await wardline.settled();
  assert.equal((await wardline.counts())['applied'], 2 * files.length);

  for (const version of fhirVersions) {
    await t.test(version, async () => {
      const ours = await wardline.north.fhir(version);
      const theirs = await wardline.south.fhir(version);
      const here = await everything(ours);
      const there = await everything(theirs);
      const hidden = [...there.values()].flat();
      for (const [type, ids] of here) {
        assert.ok(ids.length > 0, type);
        assert.equal(ids.length, there.get(type)?.length, type);
        for (const id of ids) assert.ok(!hidden.includes(id), `${type} ${id} is one id in both hospitals`);
      }

      const order = typeInVersion(version, 'MedicationRequest');
      const [stranger = ''] = there.get('Patient') ?? [];
      const [document] = await theirs.find(`DiagnosticReport?patient=${stranger}`);
      assert.ok(document);
      for (const [type, ids] of there) {
        for (const id of ids) {
          for (const path of [`/${type}/${id}`, `/${type}/${id}/_history`, `/${type}/${id}/_history/1`]) {
            assert.equal((await ours.get(path)).status, 404, path);
          }
        }
      }
      const roads = [
        `Patient?_id=${stranger}`,
        `Observation?patient=${stranger}`,
        `Observation?subject=Patient/${stranger}`,
        `Observation?subject=${theirs.base}/Patient/${stranger}`,
        `Encounter?patient=${stranger}&_include=Encounter:patient&_include=Encounter:location`,
        `${order}?patient=${stranger}`,
        `MedicationStatement?patient=${stranger}`,
        `Coverage?patient=${stranger}`,
        `Provenance?target=Patient/${stranger}`,
      ];
      for (const road of roads) {
        const { status, body } = await ours.get(`/${road}`);
        assert.deepEqual([status, body.total], [200, 0], road);
      }
      const batch = {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [...roads, `Patient/${stranger}`].map((url) => ({ request: { method: 'GET', url } })),
      };
      const { body } = await ours.post('', batch);
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      for (const { resource, response } of body.entry as any[]) {
        assert.ok(resource?.total === 0 || response.status.startsWith('404'), response.status);
      }
      for (const path of ['/_history?_count=1000', '/Patient/_history?_count=1000']) {
        const text = JSON.stringify((await ours.get(path)).body);
        for (const id of hidden) assert.ok(!text.includes(id), path);
      }

      const page = await theirs.get('/Observation?_count=1');
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const next = page.body.link.find((one: any) => one.relation === 'next').url;
      assert.equal((await ours.get(`/Observation${new URL(next).search}`)).status, 400);
    });
  }

  await t.test('a client is given no token for a hospital that it was not granted', async () => {
    const { clientId, secret } = wardline.north;
    for (const scope of [south, `${north} ${south}`]) {
      const response = await fetch(`${wardline.publicUrl}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: secret,
          scope,
        }),
      });
      const answer = (await response.json()) as { error: string };
      assert.deepEqual([response.status, answer.error], [400, 'invalid_scope']);
    }
  });
});

test('a secret revoked at one facade is refused by another within a second, with tokens that it got', {
  timeout: 60_000,
}, async (t) => {
  const wardline = await runWardline(t);
  const second = await startSecondFacade(t, wardline.dataFolder, wardline.publicUrl);
  const made = await wardline.admin.call<{ client_id: string; client_secret: string; secret_id: string }>(
    'POST',
    '/clients',
    { client_name: 'App', tenants: [north] },
  );
  const credentials = { client_id: made.client_id, client_secret: made.client_secret, scope: north };
  const token = await tokenFor(wardline.publicUrl, credentials);
  const statusAt = async (url: string): Promise<number> => {
    const response = await fetch(`${url}/fhir/r4/Patient`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    return response.status;
  };
  while ((await statusAt(second)) !== 200) await pause();
  assert.equal(await statusAt(wardline.publicUrl), 200);

  await wardline.admin.call('DELETE', `/clients/${made.client_id}/secrets/${made.secret_id}`);
  const revoked = performance.now();
  assert.equal(await statusAt(wardline.publicUrl), 401);
  for (;;) {
    const asked = performance.now();
    if ((await statusAt(second)) !== 200) break;
    assert.ok(asked - revoked < 1000, 'the other facade still serves what is asked a second later');
  }
  assert.equal(await statusAt(second), 401);
  for (const url of [wardline.publicUrl, second]) {
    const response = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', ...credentials }),
    });
    assert.equal(response.status, 401);
    await response.arrayBuffer();
  }
});
