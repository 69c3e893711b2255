/** Whatever a client puts into a search, it is answered or refused by name, never failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { servedTypes } from '../../src/facade/served-types.js';
import { searchParametersOf } from '../../src/fhir/search-parameters.js';
import { type FhirVersion, fhirVersions } from '../../src/fhir/version.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

const modifiers = [
  '',
  '',
  '',
  ':exact',
  ':contains',
  ':missing',
  ':not',
  ':text',
  ':identifier',
  ':Patient',
  ':of-type',
  ':',
];
const results = [
  '_id',
  '_lastUpdated',
  '_sort',
  '_count',
  '_include',
  '_summary',
  '_elements',
  '_total',
  '_format',
  '_tag',
];
const values = [
  ...[
    '',
    'true',
    'false',
    'a',
    'A|b',
    '|b',
    'a|',
    '||',
    'a$b',
    '$',
    ',',
    'a,b',
    '\\',
    '\\,',
    '\\|a',
    'é',
    '\u0000',
    '😀',
  ],
  ...['2026', '2026-02-30', 'ge2026-11', 'ap2026-11-21', 'sa9999-12-31', 'lt0001-01-01', 'eq', '2026-11-21T10:00', 'T'],
  ...['1', '1e400', 'gt-1e308', '5.4||mg', 'ap0', 'NaN', '1|x', '100000000000000000000', '-', '+1', '0x1', '1.', '.5'],
  ...[
    ids.anna,
    `Patient/${ids.anna}`,
    'Patient/',
    '/',
    'http://x/Patient/1',
    '#a',
    'urn:uuid:1',
    'Patient/1/_history/1',
  ],
  ...[
    '-date',
    'date,-_id',
    '--date',
    'Patient:organization',
    '*',
    'Observation:subject:Patient',
    ':::',
    '99999999',
    '-1',
  ],
];

const searchOf = (version: FhirVersion): fc.Arbitrary<string> =>
  fc.constantFrom(...servedTypes(version)).chain((type) => {
    const own = [...searchParametersOf(version, type).values()].map(({ name }) => name);
    const name = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('_id', ...own) },
      { weight: 3, arbitrary: fc.constantFrom(...results) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
    );
    const value = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...values) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
    );
    const parameter = fc
      .tuple(name, fc.constantFrom(...modifiers), value)
      .map(([before, modifier, after]) => `${encoded(before)}${modifier}=${encoded(after)}`);
    return fc.array(parameter, { minLength: 1, maxLength: 4 }).map((all) => `${type}?${all.join('&')}`);
  });

/** Lone surrogates have no UTF-8. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

test('any search is answered or refused, and says why', { timeout: 120_000 }, async (t) => {
  const facade = await openFacade(t);
  const seen = new Map<string, number>();
  for (const version of fhirVersions) {
    await fc.assert(
      fc.asyncProperty(fc.array(searchOf(version), { minLength: 40, maxLength: 40 }), async (urls) => {
        const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
        const { body } = await facade.post(version, '', { resourceType: 'Bundle', type: 'batch', entry });
        for (const [at, { resource, response }] of body.entry.entries()) {
          const told = resource ?? response.outcome;
          seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
          if (told.resourceType === 'Bundle') {
            assert.match(response.status, /^200 /);
            assert.equal(typeof told.total, 'number', urls[at]);
            assert.ok((told.entry?.length ?? 0) <= told.total + 20, urls[at]);
            continue;
          }
          assert.match(response.status, /^(400|403) /, `${version} ${urls[at]}`);
          assert.ok(told.issue[0].diagnostics.length > 10, urls[at]);
        }
      }),
      { numRuns: 12 },
    );
  }
  for (const status of ['200 OK', '400 Bad Request'])
    assert.ok((seen.get(status) ?? 0) > 50, `${status}: ${[...seen]}`);
});
