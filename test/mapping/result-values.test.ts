/** OBX-5 by its type: no value is lost, whatever the type says, and what comes of it is valid in every version. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { map, obr, oru } from './mapped.js';

const ucum = 'http://unitsofmeasure.org';
const mg = { unit: 'mg', code: 'mg', system: ucum };
const own = { coding: [{ code: 'X', display: 'Y' }], text: 'Y' };
const period = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
};

/** Type, value and unit as sent; the members that the Observation must have of them, and no other value or component. */
const values: readonly (readonly [type: string, value: string, units: string, expected: JsonObject])[] = [
  ['NM', '5', 'mg', { valueQuantity: { value: 5, ...mg } }],
  ['NM', '<5', 'mg', { valueQuantity: { value: 5, comparator: '<', ...mg } }],
  ['NM', '>= 1.20', 'mg', { valueQuantity: { value: 1.2, comparator: '>=', ...mg } }],
  ['NM', '>=1:64', '', { valueRatio: { numerator: { comparator: '>=', value: 1 }, denominator: { value: 64 } } }],
  ['NM', 'hemolyzed', 'mg', { valueString: 'hemolyzed' }],
  ['NM', '5~6', 'mg', { component: [5, 6].map((value) => ({ valueQuantity: { value, ...mg }, code: own })) }],
  ['SN', '<^5', 'mg', { valueQuantity: { value: 5, comparator: '<', ...mg } }],
  ['SN', '^1^:^64', '', { valueRatio: { numerator: { value: 1 }, denominator: { value: 64 } } }],
  ['SN', '^3^-^5', 'mg', { valueRange: { low: { value: 3, ...mg }, high: { value: 5, ...mg } } }],
  ['SN', '^2^+', '', { valueString: '2 +' }],
  ['SN', '<>^5', 'mg', { valueString: '<> 5 mg' }],
  ['ST', '95', 'mg', { valueQuantity: { value: 95, ...mg } }],
  ['ST', '<5', 'mg', { valueQuantity: { value: 5, comparator: '<', ...mg } }],
  ['ST', '3-5', 'mg', { valueRange: { low: { value: 3, ...mg }, high: { value: 5, ...mg } } }],
  ['ST', '1:64', 'titre', { valueRatio: { numerator: { value: 1 }, denominator: { value: 64 } } }],
  ['ST', '95', '', { valueString: '95' }],
  ['ST', '2 to 3', 'mg', { valueString: '2 to 3 mg' }],
  ['ST', 'Trace', 'mg', { valueString: 'Trace' }],
  ['TX', 'first~second', '', { valueString: 'first\nsecond' }],
  ['FT', 'first\\.br\\second', '', { valueString: 'first\nsecond' }],
  ['TS', '20240503101500+0200', '', { valueDateTime: '2024-05-03T10:15:00+02:00' }],
  ['DTM', '202405031015', '', { valueDateTime: '2024-05-03T10:15:00+02:00' }],
  ['DT', '202405', '', { valueDateTime: '2024-05' }],
  [
    'DT',
    '20240503~20240504',
    '',
    { component: ['03', '04'].map((day) => ({ valueDateTime: `2024-05-${day}`, code: own })) },
  ],
  ['TM', '1015', '', { valueTime: '10:15:00' }],
  ['DR', '20240501^20240502', '', { valuePeriod: { start: '2024-05-01', end: '2024-05-02' } }],
  ['NR', '3^5', 'mg', { valueRange: { low: { value: 3, ...mg }, high: { value: 5, ...mg } } }],
  ['NR', '^5', 'mg', { valueRange: { high: { value: 5, ...mg } } }],
  ['CE', 'A^B^L', '', { valueCodeableConcept: { coding: [{ code: 'A', display: 'B' }], text: 'B' } }],
  ['CWE', '^free text', '', { valueCodeableConcept: { coding: [{ display: 'free text' }], text: 'free text' } }],
  [
    'IS',
    'A~B',
    '',
    { component: ['A', 'B'].map((code) => ({ valueCodeableConcept: { coding: [{ code }] }, code: own })) },
  ],
  ['SI', '5', '', { valueInteger: 5 }],
  ['MO', '12.5^EUR', '', { valueQuantity: { value: 12.5, unit: 'EUR', code: 'EUR', system: 'urn:iso:std:iso:4217' } }],
  [
    'CP',
    '12.5&EUR^AP',
    '',
    { valueQuantity: { value: 12.5, unit: 'EUR', code: 'EUR', system: 'urn:iso:std:iso:4217' } },
  ],
  ['CQ', '5^mg', '', { valueQuantity: { value: 5, unit: 'mg' } }],
  ['VR', '1^5', '', { valueString: '1-5' }],
  [
    'NA',
    '1^2^^4',
    'mV',
    { valueSampledData: { data: '1 2 E 4', dimensions: 1, origin: { value: 0, unit: 'mV' }, _period: period } },
  ],
  [
    'MA',
    '1^-2~3^4',
    '',
    { valueSampledData: { data: '1 -2 3 4', dimensions: 2, origin: { value: 0 }, _period: period } },
  ],
  ['NA', '1^x', '', { valueString: '1^x' }],
  ['MA', '1^2~3', '', { valueString: '1^2\n3' }],
  ['CX', '123^^^NORTH^MR', '', { valueString: '123^^^NORTH^MR' }],
  ['EI', 'X1^NS', '', { valueString: 'X1^NS' }],
  ['XPN', 'Doe^Ann', '', { valueString: 'Ann Doe' }],
  ['XCN', 'D7^Smith^Jane', '', { valueString: 'Jane Smith (D7)' }],
  ['XAD', 'Street 1^^Berlin^^10115^DE', '', { valueString: 'Street 1, 10115 Berlin, DE' }],
  ['XON', 'North Lab^^L7', '', { valueString: 'North Lab (L7)' }],
  ['XTN', '^PRN^PH^^^30^1234567', '', { valueString: '^PRN^PH^^^30^1234567' }],
  ['ZZ', 'what^is', '', { valueString: 'what^is' }],
  ['', 'a text', '', { valueString: 'a text' }],
  ['NM', '""', 'mg', {}],
];

for (const [type, value, units, expected] of values) {
  test(`OBX-5 ${value} of type ${type || 'none'}${units === '' ? '' : ` in ${units}`}`, () => {
    const observation = map(oru(obr, `OBX|1|${type}|X^Y||${value}|${units}|||||F`)).one('Observation');
    assert.deepEqual(valueMembers(observation), expected);
    checkVersions(observation);
  });
}

const part = (code: string, display: string, value: number): JsonObject => ({
  code: { coding: [{ system: 'http://loinc.org', code, display }] },
  valueQuantity: { value, unit: 'mm[Hg]', system: ucum, code: 'mm[Hg]' },
});
const pressure = {
  component: [part('8480-6', 'Systolic blood pressure', 138), part('8462-4', 'Diastolic blood pressure', 86)],
};

const pressures: readonly (readonly [name: string, code: string, value: string, expected: JsonObject])[] = [
  ['by its LOINC code', '85354-9^Blood pressure^LN', '138/86', pressure],
  ['by an alternate code', 'BP^Blood pressure^L^55284-4^Blood pressure^LN', '138 / 86 mmHg', pressure],
  ['by the local code of the tenant', 'RR^Blutdruck^99LAB', '138/86', pressure],
  ['of another code is a text', '5803-2^pH^LN', '138/86', { valueString: '138/86 mm[Hg]' }],
  ['that is none is a text', '85354-9^Blood pressure^LN', '138/', { valueString: '138/ mm[Hg]' }],
];

for (const [name, code, value, expected] of pressures) {
  test(`a blood pressure in one text ${name}`, () => {
    const tenant = { ...plainTenantSettings, localCodes: { '99LAB|RR': 'http://loinc.org|85354-9' } };
    const observation = map(oru(obr, `OBX|1|ST|${code}||${value}|mm[Hg]|||||F`), { tenant }).one('Observation');
    assert.deepEqual(valueMembers(observation), expected);
    checkVersions(observation);
  });
}

function valueMembers(observation: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(observation).filter(([name]) => /^(value|component$|dataAbsent)/.test(name)),
  );
}

function checkVersions(observation: JsonObject): void {
  for (const version of fhirVersions) {
    const rendered = renderResource(version, { ...observation, id: 'x', subject: { reference: 'Patient/x' } });
    assert.ok(rendered);
    assert.deepEqual(validateResource(version, rendered), [], version);
  }
}
