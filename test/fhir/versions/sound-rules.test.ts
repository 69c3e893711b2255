/** What messages say against the rules of FHIR is served so that it keeps them, in each version. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/core/json.js';
import { renderResource } from '../../../src/fhir/render.js';
import { validateResource } from '../../../src/fhir/validate.js';
import { fhirVersions } from '../../../src/fhir/version.js';
import { absent } from './rendering.js';

const details = [{ text: 'Stretcher' }];

const cases: readonly { readonly rule: string; readonly stored: JsonObject; readonly served: JsonObject }[] = [
  {
    rule: 'prr-1: details of an order without what is ordered',
    stored: {
      ...{ resourceType: 'ServiceRequest', id: 'a', status: 'active', intent: 'order', subject: { display: 'A' } },
      orderDetail: details,
    },
    served: {
      ...{ resourceType: 'ServiceRequest', id: 'a', status: 'active', intent: 'order', subject: { display: 'A' } },
      orderDetail: details,
      code: { ...absent, text: 'unknown' },
    },
  },
  {
    rule: 'org-2, org-3: an organization at home',
    stored: {
      ...{ resourceType: 'Organization', id: 'b', name: 'Mercia' },
      address: [
        { use: 'home', city: 'Leeds' },
        { use: 'work', city: 'York' },
      ],
      telecom: [{ use: 'home' }],
    },
    served: {
      ...{ resourceType: 'Organization', id: 'b', name: 'Mercia' },
      address: [{ city: 'Leeds' }, { use: 'work', city: 'York' }],
    },
  },
];

for (const { rule, stored, served } of cases) {
  test(rule, () => {
    assert.deepEqual(renderResource('R4', stored), served);
    for (const version of fhirVersions) {
      const rendered = renderResource(version, stored);
      if (rendered === null) continue;
      const errors = validateResource(version, rendered).filter(({ severity }) => severity === 'error');
      assert.deepEqual(errors, [], version);
    }
  });
}
