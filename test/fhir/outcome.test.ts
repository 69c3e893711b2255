import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome } from '../../src/fhir/outcome.js';
import { validateResource } from '../../src/fhir/validate.js';

const issue = { severity: 'error', diagnostics: 'gone', expression: ['Patient.name'] } as const;

for (const { version, code, shown } of [
  { version: 'R4', code: 'deleted', shown: 'deleted' },
  { version: 'STU3', code: 'deleted', shown: 'not-found' },
  { version: 'DSTU2', code: 'deleted', shown: 'not-found' },
  { version: 'R4', code: 'multiple-matches', shown: 'multiple-matches' },
  { version: 'STU3', code: 'multiple-matches', shown: 'processing' },
  { version: 'DSTU2', code: 'multiple-matches', shown: 'processing' },
  { version: 'DSTU2', code: 'too-costly', shown: 'too-costly' },
] as const) {
  test(`${version} says ${shown} for ${code}`, () => {
    assert.deepEqual(validateResource(version, outcome(version, [{ ...issue, code }])), []);
    assert.deepEqual(outcome(version, [{ ...issue, code }]), {
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: shown,
          diagnostics: 'gone',
          [version === 'DSTU2' ? 'location' : 'expression']: ['Patient.name'],
        },
      ],
    });
  });
}
