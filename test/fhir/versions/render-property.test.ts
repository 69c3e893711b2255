import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { conformResource } from '../../../src/fhir/conform.js';
import { renderResource } from '../../../src/fhir/render.js';
import { fhirVersions } from '../../../src/fhir/version.js';
import { arbitraryResource, servedTypes } from './arbitrary-resource.js';

describe('any valid R4 resource', () => {
  for (const type of servedTypes) {
    test(`${type} renders without a throw, leaves its input alone and leaves nothing that the version does not know`, () => {
      fc.assert(
        fc.property(arbitraryResource(type), (resource) => {
          const before = JSON.stringify(resource);
          for (const version of fhirVersions) {
            const rendered = renderResource(version, resource);
            assert.equal(JSON.stringify(resource), before);
            if (version === 'R4') assert.equal(rendered, resource, 'R4 is served as it is stored');
            if (rendered === null) continue;
            const again = conformResource(rendered, { version, fill: true, dataType: (_, v) => v, resource: (r) => r });
            assert.equal(again, rendered, 'a second look finds nothing to leave out or to add');
          }
        }),
        { numRuns: 40 },
      );
    });
  }
});
