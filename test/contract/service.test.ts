/** What the Patients app asks of the service as a whole: capability, tokens, errors, audit; over the running system. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { fhirVersions } from '../../src/fhir/version.js';
import { openEmbeddedAudit } from '../../src/store/embedded/audit.js';
import { FhirClient } from '../support/fhir-client.js';
import { north, runWardline, sample } from '../support/running-wardline.js';

const numbers = { DSTU2: '1.0.2', STU3: '3.0.2', R4: '4.0.1' };

test('the service that the app meets', async (t) => {
  const wardline = await runWardline(t);
  await wardline.north.send(sample('adt-a01.hl7'));
  await wardline.settled();
  const { clientId, secret } = wardline.north;

  await t.test('metadata is open, valid, and says what the app looks for', async () => {
    for (const version of fhirVersions) {
      const open = new FhirClient(wardline.publicUrl, version, '');
      const { status, body } = await open.ask('/metadata', { headers: { authorization: '' } });
      assert.deepEqual([status, body.fhirVersion], [200, numbers[version]]);
      const [rest] = body.rest;
      assert.equal(rest.mode, 'server');
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const codes = rest.interaction.map((one: any) => one.code);
      assert.ok(codes.includes(version === 'DSTU2' ? 'transaction' : 'batch'));
      if (version === 'DSTU2') assert.equal(rest.transactionMode, 'batch');
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const patient = rest.resource.find((one: any) => one.type === 'Patient');
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const names = patient.searchParam.map((one: any) => one.name);
      for (const name of ['family', 'given', 'birthdate', 'gender', 'identifier']) assert.ok(names.includes(name));
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const interactions = patient.interaction.map((one: any) => one.code);
      assert.ok(interactions.includes('read') && interactions.includes('search-type'));
    }
  });

  await t.test('every form of a token request gets a JWT whose scope holds the tenant', async () => {
    const fields = { client_id: clientId, client_secret: secret, scope: north };
    const basic = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    const json = { 'content-type': 'application/json' };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const asForm = (entries: Record<string, string>) => new URLSearchParams(entries).toString();
    const grant = 'client_credentials';
    const requests: [headers: Record<string, string>, body: string][] = [
      [form, asForm({ grant_type: grant, ...fields })],
      [form, asForm({ 'grant-type': grant, ...fields })],
      [json, JSON.stringify({ grant_type: grant, ...fields })],
      [json, JSON.stringify({ 'grant-type': grant, ...fields })],
      [{ ...form, authorization: basic }, asForm({ grant_type: grant, scope: north })],
      [form, asForm({ grant_type: grant, ...fields, scope: north.toUpperCase() })],
      [form, asForm({ grant_type: grant, ...fields, scope: `${north} system/Patient.read` })],
    ];
    for (const [headers, body] of requests) {
      const response = await fetch(`${wardline.publicUrl}/oauth2/token`, { method: 'POST', headers, body });
      const answer = (await response.json()) as Record<string, string | number>;
      assert.deepEqual([response.status, answer['token_type']], [200, 'Bearer'], body.replace(secret, ''));
      assert.equal(typeof answer['expires_in'], 'number');
      const claims = decodeJwt(String(answer['access_token']));
      assert.ok(String(claims['scope']).split(' ').includes(north));
    }
  });

  await t.test('good requests for tokens never meet a 429', async () => {
    await Promise.all(Array.from({ length: 200 }, () => wardline.north.token()));
  });

  await t.test('errors are outcomes in the version of the base', async () => {
    for (const version of fhirVersions) {
      const fhir = await wardline.north.fhir(version);
      const stranger = new FhirClient(wardline.publicUrl, version, 'no.such.token');
      const denied = await stranger.get('/Patient');
      assert.deepEqual([denied.status, denied.body.resourceType], [401, 'OperationOutcome']);
      assert.match(denied.headers.get('www-authenticate') ?? '', /^Bearer/);
      for (const path of ['/Patient/nobody', '/Nothing', '/Patient/a/b/c/d']) {
        const { status, body } = await fhir.get(path);
        assert.deepEqual([status, body.resourceType], [404, 'OperationOutcome'], path);
      }
      const xml = await fhir.ask('/Patient', { headers: { accept: 'application/fhir+xml' } });
      assert.equal(xml.status, 406);
    }
  });

  await t.test('parameters in the URL, the form or both; names in any case; both spellings of _sort', async () => {
    for (const version of fhirVersions) {
      const fhir = await wardline.north.fhir(version);
      const [{ id }] = (await fhir.find('Patient?identifier=100234')) as [{ id: string }];
      const both = await fhir.form('/Patient/_search?family=okafor', 'GIVEN=adaeze');
      const sorted = [
        await fhir.get(`/Encounter?Patient=${id}&_sort=-date`),
        await fhir.get(`/Encounter?patient=Patient/${id}&_sort:desc=date`),
        await fhir.form('/Encounter/_search', `patient=${id}&_sort:desc=date&_count=1`),
      ];
      for (const { status, body } of [both, ...sorted]) assert.deepEqual([status, body.total], [200, 1]);
    }
  });

  await t.test('who read which patient is kept, denied attempts too, without names or values', async () => {
    const fhir = await wardline.north.fhir('STU3');
    const [{ id }] = (await fhir.find('Patient?family=okafor')) as [{ id: string }];
    const audit = openEmbeddedAudit(join(wardline.dataFolder, 'audit.db'), { run: 99, key: new Uint8Array(32) });
    t.after(() => audit.close());
    const events = await audit.list({ tenant: north, patient: id, limit: 1000 });
    const found = events.find(({ action, client }) => action === 'search' && client === clientId);
    assert.deepEqual([found?.subject, found?.outcome, found?.status], ['Patient', 'granted', 200]);
    assert.deepEqual(found?.parameters, ['family']);
    const all = await audit.list({ limit: 1000 });
    assert.ok(all.some(({ outcome, status }) => outcome === 'denied' && status === 401));
    assert.doesNotMatch(JSON.stringify(all), /okafor|adaeze|100234/i);
  });
});
