import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basePath, fhirVersions } from '../../src/fhir/version.js';
import { publicUrl } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';

const numbers = { R4: '4.0.1', STU3: '3.0.2', DSTU2: '1.0.2' };

test('metadata is open and says what the app looks for', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    const { status, body } = await facade.request('GET', `/fhir/${basePath[version]}/metadata`);
    assert.equal(status, 200);
    assert.equal(body.resourceType, version === 'DSTU2' ? 'Conformance' : 'CapabilityStatement');
    assert.equal(body.fhirVersion, numbers[version]);
    const [rest] = body.rest;
    assert.equal(rest.mode, 'server');
    assert.deepEqual(rest.interaction, [
      { code: version === 'DSTU2' ? 'transaction' : 'batch' },
      { code: 'history-system' },
    ]);
    assert.equal(rest.transactionMode, version === 'DSTU2' ? 'batch' : undefined);
    const [uris] = rest.security.extension;
    assert.equal(uris.url, 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris');
    assert.deepEqual(uris.extension, [
      { url: 'token', valueUri: `${publicUrl}/oauth2/token` },
      { url: 'authorize', valueUri: `${publicUrl}/oauth2/authorize` },
    ]);
    const [coding] = rest.security.service[0].coding;
    assert.deepEqual(coding, { system: 'https://hl7.org/fhir/ValueSet/restful-security-service', code: 'OAuth' });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const types: string[] = rest.resource.map((one: any) => one.type);
    const order = version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
    for (const type of ['Patient', 'Observation', 'Encounter', 'Coverage', 'MedicationStatement', order]) {
      assert.ok(types.includes(type), `${version} ${type}`);
    }
    assert.ok(!types.includes('Bundle') && !types.includes('Parameters'));
  }
});

test('every search parameter that metadata names is served', async (t) => {
  const facade = await openFacade(t);
  const values: Record<string, string> = {
    token: 'a',
    string: 'a',
    date: '2026',
    reference: 'Patient/a',
    number: '1',
    quantity: '1',
    uri: 'urn:a',
    composite: 'a$a',
  };
  for (const version of fhirVersions) {
    const { body } = await facade.get(version, '/metadata');
    for (const { type, searchParam = [], searchInclude = [] } of body.rest[0].resource) {
      for (const parameter of searchParam) {
        const query = `${parameter.name}=${parameter.type === 'composite' ? '' : values[parameter.type]}`;
        const answer = await facade.get(version, `/${type}?_count=0&${query}`, { prefer: 'handling=strict' });
        assert.equal(answer.status, 200, `${version} ${type}?${query} ${answer.text}`);
      }
      for (const include of searchInclude) {
        const answer = await facade.get(version, `/${type}?_include=${include}`, { prefer: 'handling=strict' });
        assert.equal(answer.status, 200, `${version} ${include} ${answer.text}`);
      }
    }
  }
});
