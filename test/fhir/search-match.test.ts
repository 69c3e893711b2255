import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/core/json.js';
import { extractSearchValues } from '../../src/fhir/extract-search-values.js';
import { earliest, latest } from '../../src/fhir/search-date.js';
import { matches, type SearchRow } from '../../src/fhir/search-match.js';
import { compareRows, isAfterCursor, positionOf } from '../../src/fhir/search-order.js';
import { parseSearch } from '../../src/fhir/search-parse.js';
import type { CompositeValue, SearchAtom, SearchValue } from '../../src/fhir/search-values.js';
import { type FhirVersion, fhirVersions, typeInVersion, versionBit } from '../../src/fhir/version.js';

const options = { bases: [], now: Date.UTC(2020, 0, 1), defaultCount: 100, largestCount: 1000 };

function rowOf(resource: JsonObject, values: readonly SearchValue[]): SearchRow {
  return { id: String(resource['id'] ?? 'x'), lastUpdated: Date.UTC(2020, 5, 1), date: null, values };
}

function isFound(version: FhirVersion, type: string, row: SearchRow, name: string, value: string): boolean {
  const { query, errors, unknown } = parseSearch(version, type, [[name, value]], options);
  assert.deepEqual([errors, unknown], [[], []], `${name}=${value}`);
  return matches(query, row);
}

const escaped = (text: string) => text.replaceAll(/[\\,|$]/g, '\\$&');
const instant = (time: number) => new Date(time).toISOString();

/** Requests that must find a value: [modifier, value]. */
function requestsFor(version: FhirVersion, value: SearchAtom | CompositeValue): [string, string][] {
  switch (value.kind) {
    case 'token':
      if (value.code === null) return value.system === null ? [] : [['', `${escaped(value.system)}|`]];
      return [
        ['', escaped(value.code)],
        ['', `${value.system === null ? '' : escaped(value.system)}|${escaped(value.code)}`],
      ];
    case 'string': {
      const middle = Array.from(value.folded).slice(1, 5).join('');
      const inside: [string, string][] = middle.trim() === '' ? [] : [[':contains', escaped(middle)]];
      return [
        ['', escaped(value.exact)],
        [':exact', escaped(value.exact)],
        [':contains', escaped(value.exact)],
        ...inside,
      ];
    }
    case 'date':
      return [
        ...(value.from === earliest ? [] : [['', `ge${instant(value.from)}`] as [string, string]]),
        ...(value.to === latest ? [] : [['', `le${instant(value.to - 1)}`] as [string, string]]),
      ];
    case 'reference':
      if (value.identifier !== null) return [[':identifier', escaped(value.identifier.code)]];
      if (value.url !== null) return [['', escaped(value.url)]];
      return [
        ['', `${typeInVersion(version, String(value.type))}/${value.id}`],
        ['', String(value.id)],
      ];
    case 'number':
      if (value.low === value.high) return [['', String(value.low)]];
      return [['', Number.isFinite(value.low) ? `ge${value.low}` : `le${value.high}`]];
    case 'quantity': {
      const number = Number.isFinite(value.low) ? value.low : value.high;
      const prefix = value.low === value.high ? '' : Number.isFinite(value.low) ? 'ge' : 'le';
      const unit = value.code ?? value.unit;
      const plain = `${prefix}${number}`;
      return [
        ['', plain],
        ...(unit === null
          ? []
          : [['', `${plain}|${escaped(value.system ?? '')}|${escaped(unit)}`] as [string, string]]),
      ];
    }
    case 'uri':
      return [['', escaped(value.value)]];
    case 'composite': {
      const [left, right] = value.parts.map((part) => requestsFor(version, part)[0]?.[1]);
      return left === undefined || right === undefined ? [] : [['', `${left}$${right}`]];
    }
  }
}

const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  fc.constantFrom("O'Brien", 'a|b,c$d\\e', 'Ærø', '?', 'İ', ' x '),
);
const date = fc.constantFrom(
  '2020',
  '2020-02',
  '2020-02-29',
  '1999-12-31T23:59:60Z',
  '2020-01-01T10:00:00+05:30',
  '2020-01-01T10:00:00.123Z',
);
const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/);
const concept = fc.record({
  coding: fc.array(fc.record({ system: word, code: word }, { requiredKeys: [] }), { maxLength: 2 }),
  text: word,
});
const quantity = fc.record(
  {
    value: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    unit: word,
    system: word,
    code: word,
    comparator: fc.constantFrom('<', '<=', '>', '>='),
  },
  { requiredKeys: ['value'] },
);
const patient = fc.record({
  resourceType: fc.constant('Patient'),
  id,
  active: fc.boolean(),
  identifier: fc.array(fc.record({ system: word, value: word }, { requiredKeys: [] })),
  name: fc.array(fc.record({ family: word, given: fc.array(word) })),
  address: fc.array(fc.record({ line: fc.array(word), city: word })),
  telecom: fc.array(fc.record({ system: fc.constantFrom('email', 'phone'), value: word })),
  birthDate: fc.constantFrom('2020', '2020-02', '2020-02-29'),
  gender: fc.constantFrom('male', 'female'),
  generalPractitioner: fc.array(
    fc.oneof(
      fc.record({ reference: id.map((x) => `Practitioner/${x}`) }),
      fc.record({ identifier: fc.record({ value: word }) }),
    ),
  ),
  meta: fc.record({ profile: fc.array(word), tag: fc.array(fc.record({ system: word, code: word })) }),
});
const observation = fc.record({
  resourceType: fc.constant('Observation'),
  id,
  status: fc.constant('final'),
  code: concept,
  subject: fc.record({
    reference: fc.oneof(
      id.map((x) => `Patient/${x}`),
      id.map((x) => `http://other.example/Patient/${x}`),
    ),
  }),
  effectivePeriod: fc.record({ start: date, end: date }, { requiredKeys: [] }),
  valueQuantity: quantity,
  component: fc.array(
    fc.oneof(
      fc.record({ code: concept, valueQuantity: quantity }),
      fc.record({ code: concept, valueCodeableConcept: concept }),
    ),
  ),
});
const other = fc.oneof(
  fc.record({
    resourceType: fc.constant('Encounter'),
    length: quantity,
    period: fc.record({ start: date }),
    type: fc.array(concept),
  }),
  fc.record({
    resourceType: fc.constant('Coverage'),
    beneficiary: fc.record({ reference: id.map((x) => `Patient/${x}`) }),
    class: fc.array(fc.record({ value: word })),
  }),
  fc.record({
    resourceType: fc.constant('Immunization'),
    occurrenceDateTime: date,
    date,
    vaccineCode: concept,
    lotNumber: word,
    vaccinationProtocol: fc.array(fc.record({ doseSequence: fc.nat() })),
  }),
);

test('a search for every value that is extracted finds it, in each version that shows it', () => {
  fc.assert(
    fc.property(fc.oneof(patient, observation, other), (resource) => {
      const shown = resource as unknown as JsonObject;
      const values = extractSearchValues({ R4: shown, STU3: shown, DSTU2: shown });
      const row = rowOf(shown, values);
      assert.ok(values.length > 0);
      for (const value of values) {
        for (const version of fhirVersions) {
          if ((value.versions & versionBit[version]) === 0) continue;
          for (const [modifier, text] of requestsFor(version, value)) {
            const label = `${version} ${value.parameter}${modifier}=${text} for ${JSON.stringify(value)}`;
            assert.ok(isFound(version, resource.resourceType, row, value.parameter + modifier, text), label);
          }
          assert.ok(isFound(version, resource.resourceType, row, `${value.parameter}:missing`, 'false'));
        }
      }
    }),
    { numRuns: 300 },
  );
});

const shown: JsonObject = {
  resourceType: 'Patient',
  id: 'p',
  name: [{ family: 'Chau-Müller', given: ['Ann'] }],
  identifier: [{ system: 'urn:a', value: 'X1' }, { value: 'Y' }],
  gender: 'female',
  birthDate: '1970-02-03',
};
const encounter: JsonObject = {
  resourceType: 'Encounter',
  period: { start: '2020-01-02', end: '2020-01-04' },
  length: { value: 5, unit: 'd' },
};
const verdicts: [FhirVersion, JsonObject, string, string, boolean][] = [
  ['R4', shown, 'family', 'cha', true],
  ['R4', shown, 'family', 'muller', false],
  ['R4', shown, 'family:contains', 'mÜll', true],
  ['STU3', shown, 'family', 'muller', true],
  ['DSTU2', shown, 'name', 'ann chau', true],
  ['R4', shown, 'family:exact', 'chau-müller', false],
  ['R4', shown, 'identifier', 'x1', true],
  ['R4', shown, 'identifier', '|x1', false],
  ['R4', shown, 'identifier', '|y', true],
  ['R4', shown, 'identifier', 'urn:a|', true],
  ['R4', shown, 'identifier', 'urn:b|X1', false],
  ['R4', shown, 'identifier', 'no,Y', true],
  ['R4', shown, 'identifier:not', 'no,Y', false],
  ['R4', shown, 'language:not', 'en', true],
  ['R4', shown, 'language:missing', 'true', true],
  ['R4', shown, 'gender:missing', 'true', false],
  ['R4', shown, '_id', 'P', false],
  ['R4', shown, '_id', 'q,p', true],
  ['R4', shown, 'birthdate', '1970-02', true],
  ['R4', shown, 'birthdate', '1970-02-03', true],
  ['R4', shown, 'birthdate', 'gt1970-02-03', false],
  ['R4', shown, 'birthdate', 'ge1970-02-03', true],
  ['R4', shown, 'birthdate', 'ne1970-02-03', false],
  ['R4', shown, '_lastUpdated', '2020-06', true],
  ['R4', shown, '_lastUpdated', 'lt2020', false],
  ['R4', encounter, 'date', '2020-01-03', false],
  ['R4', encounter, 'date', '2020', true],
  ['R4', encounter, 'date', 'gt2020-01-03', true],
  ['R4', encounter, 'date', 'lt2020-01-03', true],
  ['R4', encounter, 'date', 'sa2020-01-01', true],
  ['R4', encounter, 'date', 'sa2020-01-02', false],
  ['R4', encounter, 'date', 'eb2020-01-05', true],
  ['R4', encounter, 'date', 'eb2020-01-04', false],
  ['R4', encounter, 'date', 'ap2020-01-03', true],
  ['R4', encounter, 'length', '5', true],
  ['R4', encounter, 'length', '5.0||d', true],
  ['R4', encounter, 'length', '5||h', false],
  ['R4', encounter, 'length', 'gt5', false],
  ['R4', encounter, 'length', 'ge5', true],
  ['R4', encounter, 'length', 'ap5.4', true],
  ['R4', encounter, 'length', 'ne5', false],
  ['STU3', encounter, 'length', 'lt6', true],
];
for (const [version, resource, name, value, expected] of verdicts) {
  test(`${version} ${name}=${value} ${expected ? 'finds' : 'does not find'} ${resource['resourceType']}`, () => {
    const row = rowOf(resource, extractSearchValues({ R4: resource, STU3: resource, DSTU2: resource }));
    assert.equal(isFound(version, String(resource['resourceType']), row, name, value), expected);
  });
}

test('a value counts only for the versions whose bit it carries', () => {
  const row = rowOf(shown, [{ parameter: 'gender', versions: 4, kind: 'token', system: null, code: 'x' }]);
  assert.equal(isFound('DSTU2', 'Patient', row, 'gender', 'x'), true);
  assert.equal(isFound('R4', 'Patient', row, 'gender', 'x'), false);
  assert.equal(isFound('R4', 'Patient', row, 'gender:missing', 'true'), true);
});

test('parts of a composite must stand in one value', () => {
  const resource: JsonObject = {
    resourceType: 'Observation',
    component: [
      { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
      { code: { coding: [{ code: 'b' }] }, valueQuantity: { value: 2 } },
    ],
  };
  const row = rowOf(resource, extractSearchValues({ R4: resource }));
  assert.equal(isFound('R4', 'Observation', row, 'component-code-value-quantity', 'a$1'), true);
  assert.equal(isFound('R4', 'Observation', row, 'component-code-value-quantity', 'a$2'), false);
});

test('pages in order hold every row once', () => {
  const rows = fc.array(
    fc.record({
      id: id,
      date: fc.option(fc.nat(3)),
      lastUpdated: fc.nat(3),
      family: fc.option(fc.constantFrom('a', 'b')),
    }),
  );
  const sorts = fc.constantFrom('', 'family', '-family', '-_lastUpdated,family', '-_id');
  fc.assert(
    fc.property(rows, sorts, fc.integer({ min: 1, max: 4 }), (made, sort, size) => {
      const all = [...new Map(made.map((row) => [row.id, row])).values()].map(({ family, ...row }): SearchRow => {
        const value: SearchValue = {
          parameter: 'family',
          versions: 7,
          kind: 'string',
          folded: family ?? '',
          exact: '',
          grams: true,
        };
        return { ...row, values: family === null ? [] : [value] };
      });
      const { query } = parseSearch('R4', 'Patient', [['_sort', sort]], options);
      const inOrder = [...all].sort((a, b) => compareRows(query, a, b));
      const paged: SearchRow[] = [];
      for (let last: SearchRow | undefined; ; ) {
        const page = { ...query, ...(last === undefined ? {} : { after: positionOf(query, last) }) };
        const next = inOrder.filter((row) => isAfterCursor(page, row)).slice(0, size);
        paged.push(...next);
        last = next.at(-1);
        if (last === undefined) break;
      }
      assert.deepEqual(paged, inOrder);
      if (sort === 'family' || sort === '-family') {
        const firstMissing = inOrder.findIndex((row) => row.values.length === 0);
        assert.ok(firstMissing < 0 || inOrder.slice(firstMissing).every((row) => row.values.length === 0));
      }
    }),
  );
});
