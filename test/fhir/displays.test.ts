import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/core/json.js';
import { collectReferences, displayOfResource, fillDisplays } from '../../src/fhir/displays.js';
import { validateResource } from '../../src/fhir/validate.js';
import { arbitraryResource, servedTypes } from './versions/arbitrary-resource.js';

const nobody = () => undefined;
const observation = (code: JsonObject) => ({ resourceType: 'Observation', status: 'final', code });

describe('concepts', () => {
  for (const { says, code, filled } of [
    {
      says: 'a text gives a display',
      code: { text: 'Pulse' },
      filled: { coding: [{ display: 'Pulse' }], text: 'Pulse' },
    },
    {
      says: 'a text gives the display of its first code',
      code: { coding: [{ system: 'urn:local', code: 'P' }], text: 'Pulse' },
      filled: { coding: [{ system: 'urn:local', code: 'P', display: 'Pulse' }], text: 'Pulse' },
    },
    {
      says: 'a display gives a text, and a display to the first code, which is the one that clients show',
      code: { coding: [{ code: 'P' }, { code: 'Q', display: 'Puls' }] },
      filled: {
        coding: [
          { code: 'P', display: 'Puls' },
          { code: 'Q', display: 'Puls' },
        ],
        text: 'Puls',
      },
    },
    {
      says: "a code of HL7's own is named",
      code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
      filled: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR', display: 'Medical record number' },
        ],
        text: 'Medical record number',
      },
    },
    {
      says: 'what nobody named shows its code',
      code: { coding: [{ code: 'P' }] },
      filled: { coding: [{ code: 'P', display: 'P' }], text: 'P' },
    },
  ]) {
    test(says, () => assert.deepEqual(fillDisplays(observation(code), nobody).code, filled));
  }

  test('what is there is never replaced, and a full resource is the same object', () => {
    const full = observation({ coding: [{ system: 'urn:local', code: 'P', display: 'A' }], text: 'B' });
    assert.equal(
      fillDisplays(full, () => 'other'),
      full,
    );
  });

  test('words of annotations are no concepts', () => {
    const noted = { ...observation({ coding: [{ display: 'x' }], text: 'x' }), note: [{ text: 'n' }] };
    assert.equal(fillDisplays(noted, nobody), noted);
  });
});

describe('references', () => {
  const encounter = {
    resourceType: 'Encounter',
    subject: { reference: 'Patient/1', display: 'said' },
    location: [{ location: { reference: 'Location/1' } }],
    participant: [{ individual: { reference: '#dr' } }],
    contained: [{ resourceType: 'Practitioner', id: 'dr', name: [{ family: 'One' }] }],
  };

  test('are found with their places', () => {
    assert.deepEqual(collectReferences(encounter), [
      { path: 'subject', reference: 'Patient/1', displayed: true },
      { path: 'location[0].location', reference: 'Location/1', displayed: false },
    ]);
  });

  test('get the display of their target, contained ones too; a display that was sent stays', () => {
    const before = JSON.stringify(encounter);
    const filled = fillDisplays(encounter, (reference) => (reference === 'Location/1' ? 'Ward 1' : 'other'));
    assert.deepEqual(filled.subject, { reference: 'Patient/1', display: 'said' });
    assert.deepEqual(filled.location, [{ location: { reference: 'Location/1', display: 'Ward 1' } }]);
    assert.deepEqual(filled.participant, [{ individual: { reference: '#dr', display: 'One' } }]);
    assert.equal(JSON.stringify(encounter), before);
  });
});

describe('the name of a resource', () => {
  const cases: readonly [JsonObject, string | undefined][] = [
    [{ resourceType: 'Location', name: 'Ward' }, 'Ward'],
    [{ resourceType: 'Organization', name: 'Lab' }, 'Lab'],
    [
      {
        resourceType: 'Practitioner',
        name: [
          { use: 'old', family: 'Former' },
          { family: 'One', given: ['Ada', 'B'], prefix: ['Dr.'], suffix: ['MD'] },
        ],
      },
      'Dr. Ada B One MD',
    ],
    [{ resourceType: 'Patient', name: [{ family: 'X' }, { use: 'official', text: 'Chosen' }] }, 'Chosen'],
    [{ resourceType: 'PractitionerRole', practitioner: { display: 'Dr' } }, 'Dr'],
    [{ resourceType: 'Medication', code: { coding: [{ display: 'Aspirin' }] } }, 'Aspirin'],
    [{ resourceType: 'Encounter' }, undefined],
  ];
  for (const [resource, name] of cases) {
    test(`${resource.resourceType} is ${name ?? 'unnamed'}`, () => assert.equal(displayOfResource(resource), name));
  }
});

test('filling leaves every valid resource valid in structure', () => {
  for (const type of servedTypes) {
    fc.assert(
      fc.property(arbitraryResource(type), (resource) => {
        const filled = fillDisplays(resource, () => 'shown');
        const issues = validateResource('R4', filled).filter((issue) => issue.code !== 'invariant');
        assert.deepEqual(
          issues.filter((issue) => issue.severity === 'error'),
          [],
        );
        assert.ok(collectReferences(filled).every((found) => found.displayed));
      }),
      { numRuns: 10 },
    );
  }
});
