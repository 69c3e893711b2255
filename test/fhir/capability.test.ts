import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject } from '../../src/core/json.js';
import { capabilityStatement } from '../../src/fhir/capability.js';
import { objects } from '../../src/fhir/members.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';

const input = {
  baseUrl: 'https://x/fhir/any',
  tokenUrl: 'https://x/oauth2/token',
  authorizeUrl: 'https://x/oauth2/authorize',
  software: { name: 'Wardline', version: '1.2.3' },
  date: '2020-01-01T00:00:00Z',
  types: [
    {
      type: 'Patient',
      interactions: ['read', 'vread', 'search-type'],
      searchParams: [
        { name: 'family', type: 'string' },
        { name: 'near', type: 'special' },
      ],
    },
  ],
};

for (const version of fhirVersions) {
  const statement = capabilityStatement(version, input);
  const [rest] = objects(statement.rest);

  test(`${version}: the statement is valid`, () => {
    assert.deepEqual(validateResource(version, statement), []);
  });

  test(`${version}: type, FHIR version and the interaction for batches`, () => {
    assert.equal(statement.resourceType, version === 'DSTU2' ? 'Conformance' : 'CapabilityStatement');
    assert.equal(statement.fhirVersion, { R4: '4.0.1', STU3: '3.0.2', DSTU2: '1.0.2' }[version]);
    assert.equal(statement.acceptUnknown, version === 'R4' ? undefined : 'no');
    assert.equal(rest?.mode, 'server');
    assert.deepEqual(rest?.interaction, [
      { code: version === 'DSTU2' ? 'transaction' : 'batch' },
      { code: 'history-system' },
    ]);
    assert.equal(rest?.transactionMode, version === 'DSTU2' ? 'batch' : undefined);
  });

  test(`${version}: types with interactions and search parameters`, () => {
    assert.deepEqual(objects(rest?.resource), [
      {
        type: 'Patient',
        interaction: [{ code: 'read' }, { code: 'vread' }, { code: 'search-type' }],
        versioning: 'versioned',
        readHistory: true,
        searchParam: [
          { name: 'family', type: 'string' },
          { name: 'near', type: version === 'R4' ? 'special' : 'string' },
        ],
      },
    ]);
  });

  test(`${version}: where to get a token, under both codings`, () => {
    const security = rest?.security;
    assert.ok(isJsonObject(security));
    assert.deepEqual(security.extension, [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [
          { url: 'token', valueUri: 'https://x/oauth2/token' },
          { url: 'authorize', valueUri: 'https://x/oauth2/authorize' },
        ],
      },
    ]);
    const codings = objects(objects(security.service)[0]?.coding);
    assert.deepEqual(codings, [
      { system: 'https://hl7.org/fhir/ValueSet/restful-security-service', code: 'OAuth' },
      {
        system:
          version === 'R4'
            ? 'http://terminology.hl7.org/CodeSystem/restful-security-service'
            : 'http://hl7.org/fhir/restful-security-service',
        code: 'OAuth',
      },
    ]);
  });
}
