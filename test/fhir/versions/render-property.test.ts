import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderResource } from '../../../src/fhir/render.js';
import { validateResource } from '../../../src/fhir/validate.js';
import { fhirVersions } from '../../../src/fhir/version.js';
import { arbitraryResource, servedTypes } from './arbitrary-resource.js';

/** Types with rules beyond their elements, which a resource of random elements breaks: see sound-rules.test. */
const breakable: readonly string[] = ['Condition', 'AllergyIntolerance', 'Organization', 'ServiceRequest'];

/** obs-7 (no value beside a component of the same code) compares codings in R4, whole concepts before: another rule. */
describe('any valid R4 resource', () => {
  for (const type of servedTypes) {
    test(`${type} renders without a throw, leaves its input alone and leaves nothing that the version does not know`, () => {
      fc.assert(
        fc.property(arbitraryResource(type), (resource) => {
          let sound = false;
          const before = JSON.stringify(resource);
          for (const version of fhirVersions) {
            const rendered = renderResource(version, resource);
            assert.equal(JSON.stringify(resource), before);
            if (version === 'R4' && !breakable.includes(type)) {
              assert.equal(rendered, resource, 'R4 is served as it is stored');
            }
            if (rendered === null) continue;
            const issues = validateResource(version, rendered).filter((issue) => issue.severity === 'error');
            const structural = issues.filter((issue) => issue.code !== 'invariant');
            assert.deepEqual(structural, [], version);
            if (version === 'R4') sound = issues.length === 0;
            else if (sound)
              assert.deepEqual(
                issues.filter(({ message }) => !message.endsWith(' obs-7')),
                [],
                version,
              );
          }
        }),
        { numRuns: 40 },
      );
    });
  }
});
