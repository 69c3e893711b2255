import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchResponse, collection, history, searchset } from '../../src/fhir/bundle.js';
import { outcome } from '../../src/fhir/outcome.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';

const patient = { resourceType: 'Patient', id: '1' };

test('a searchset always says the total, and has no empty lists', () => {
  assert.deepEqual(searchset({ total: 0, links: { self: 'http://x/Patient' }, entries: [] }), {
    resourceType: 'Bundle',
    type: 'searchset',
    total: 0,
    link: [{ relation: 'self', url: 'http://x/Patient' }],
  });
});

test('a searchset counts all matches and says why each entry is there', () => {
  const bundle = searchset({
    total: 7,
    links: { self: 's', next: 'n' },
    entries: [
      { fullUrl: 'http://x/Patient/1', resource: patient, mode: 'match' },
      { resource: outcome('R4', []), mode: 'outcome' },
    ],
  });
  assert.equal(bundle.total, 7);
  assert.deepEqual(bundle.link, [
    { relation: 'self', url: 's' },
    { relation: 'next', url: 'n' },
  ]);
  assert.deepEqual(bundle.entry, [
    { fullUrl: 'http://x/Patient/1', resource: patient, search: { mode: 'match' } },
    { resource: outcome('R4', []), search: { mode: 'outcome' } },
  ]);
});

test('a batch answers in order; DSTU2 shows an outcome as the resource of its entry', () => {
  const lost = (version: 'STU3' | 'DSTU2') => outcome(version, [{ severity: 'error', code: 'not-found' }]);
  assert.deepEqual(
    batchResponse('STU3', [
      { status: '200 OK', resource: patient, etag: 'W/"1"' },
      { status: '404', outcome: lost('STU3') },
    ]).entry,
    [
      { resource: patient, response: { status: '200 OK', etag: 'W/"1"' } },
      { response: { status: '404', outcome: lost('STU3') } },
    ],
  );
  assert.deepEqual(batchResponse('DSTU2', [{ status: '404', outcome: lost('DSTU2') }]).entry, [
    { resource: lost('DSTU2'), response: { status: '404' } },
  ]);
});

test('a history entry says what was asked; how it was answered only in R4', () => {
  const page = {
    total: 1,
    links: { self: 's' },
    entries: [
      {
        fullUrl: 'http://x/Patient/1',
        method: 'DELETE',
        url: 'Patient/1',
        status: '204 No Content',
        etag: 'W/"2"',
        lastModified: '2020-01-01T00:00:00Z',
      },
    ],
  } as const;
  const entry = { request: { method: 'DELETE', url: 'Patient/1' } };
  assert.deepEqual(history('DSTU2', page).entry, [entry], 'two deletions may not have one URL there');
  assert.deepEqual(history('R4', page).entry, [
    {
      fullUrl: 'http://x/Patient/1',
      ...entry,
      response: { status: '204 No Content', etag: 'W/"2"', lastModified: '2020-01-01T00:00:00Z' },
    },
  ]);
});

test('a whole R4 bundle renders with what is in it', () => {
  const stored = {
    ...collection([{ fullUrl: 'urn:1', resource: { resourceType: 'Patient', name: [{ family: 'Chau' }] } }]),
    identifier: { value: '1' },
    timestamp: '2020-01-01T00:00:00Z',
  };
  const { timestamp: _timestamp, ...rest } = stored;
  assert.deepEqual(renderResource('STU3', stored), rest);
  assert.deepEqual(renderResource('DSTU2', stored), {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ fullUrl: 'urn:1', resource: { resourceType: 'Patient', name: [{ family: ['Chau'] }] } }],
  });
});

for (const version of fhirVersions) {
  test(`bundles are valid in ${version}`, () => {
    const lost = outcome(version, [{ severity: 'error', code: 'not-found' }]);
    const links = { self: 'http://x/a' };
    const asked = {
      method: 'PUT',
      url: 'Patient/1',
      status: '200 OK',
      etag: 'W/"1"',
      lastModified: '2020-01-01T00:00:00Z',
    } as const;
    for (const bundle of [
      searchset({ total: 1, links, entries: [{ fullUrl: 'http://x/Patient/1', resource: patient, mode: 'match' }] }),
      batchResponse(version, [{ status: '404 Not Found', outcome: lost }]),
      history(version, { total: 1, links, entries: [{ fullUrl: 'http://x/Patient/1', resource: patient, ...asked }] }),
      collection([{ fullUrl: 'http://x/Patient/1', resource: patient }]),
    ]) {
      assert.deepEqual(validateResource(version, bundle), []);
    }
  });
}
