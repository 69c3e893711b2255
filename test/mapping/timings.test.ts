/** When and how often something is to be done, and by how many patterns: ORC-7 before version 2.5, TQ1 since. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { map, pid } from './mapped.js';

function message(type: string, ...segments: string[]): string {
  return [`MSH|^~\\&|OE|NORTH|W|W|20240503111500||${type}|M3|P|2.5.1`, pid, ...segments].join('\n');
}

function medication(type: string, ...segments: string[]): readonly JsonObject[] {
  return objects(map(message(type, ...segments)).one('MedicationRequest')['dosageInstruction']);
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(list) ? list : []).filter((item): item is JsonObject => isJsonObject(item));
}

function repeats(dosages: readonly JsonObject[]): (Json | undefined)[] {
  return dosages.map(({ timing }) => (isJsonObject(timing) ? timing['repeat'] : undefined));
}

const written = 'RXO|M1^Aspirin^L|||mg';
const morning = '1^QAM^D7';
const night = '2&tablet^QHS^D7^20240503^20240510^^^with water';

for (const [type, detail] of [
  ['ORM^O01', written],
  ['RDE^O11', written],
  ['RDE^O11', 'RXE||M1^Aspirin^L|||mg'],
] as const) {
  test(`one dosage for each repetition of ORC-7: ${type} with ${detail.slice(0, 3)}`, () => {
    const dosages = medication(type, `ORC|NW|P1^OE|||||${morning}~${night}`, detail);
    assert.deepEqual(repeats(dosages), [
      { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'], boundsDuration: sevenDays },
      {
        frequency: 1,
        period: 1,
        periodUnit: 'd',
        when: ['HS'],
        boundsPeriod: { start: '2024-05-03', end: '2024-05-10' },
      },
    ]);
    const doses = dosages.map(({ doseAndRate }) => objects(doseAndRate).map(({ doseQuantity }) => doseQuantity));
    assert.deepEqual(doses, [[{ value: 1 }], [{ value: 2, unit: 'tablet' }]]);
    const told = dosages.map(({ patientInstruction }) => patientInstruction);
    assert.deepEqual(told, [undefined, 'with water']);
    const beside = dosages.map(({ additionalInstruction }) => objects(additionalInstruction).map(({ text }) => text));
    assert.deepEqual(beside, [[], ['For 7 D']], 'a duration beside start and end');
  });
}

const sevenDays = { value: 7, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' };

test('the timing that was encoded counts, not that of the order', () => {
  const dosages = medication('RDE^O11', `ORC|NW|P1^OE|||||${morning}~${night}`, 'RXE|1^TID|M1^Aspirin^L|||mg');
  assert.deepEqual(repeats(dosages), [{ frequency: 3, period: 1, periodUnit: 'd' }]);
});

test('ORC-7 that is deleted takes no dosage away that RXO tells', () => {
  const [dosage] = medication('RDE^O11', 'ORC|NW|P1^OE|||||""', 'RXO|M1^Aspirin^L|100||mg');
  assert.equal(dosage?.['text'], '100 mg');
});

test('seconds, hours, days and weeks of a duration in small letters too', () => {
  const [repeat] = repeats(medication('ORM^O01', 'ORC|NW|P1^OE|||||1^BID^d7', written));
  assert.deepEqual(isJsonObject(repeat) ? repeat['boundsDuration'] : undefined, sevenDays);
});

for (const [name, segments] of [
  ['TQ1', ['ORC|NW|P1^OE', 'TQ1|1||BID||||20240503', 'TQ1|2||TID||||20240603', 'OBR|1|P1^OE||K^Potassium^L']],
  ['ORC-7', ['ORC|NW|P1^OE|||||^BID^^20240503~^TID^^20240603', 'OBR|1|P1^OE||K^Potassium^L']],
] as const) {
  test(`a request for services has the first timing of several in ${name}, and all beside`, () => {
    const request = map(message('OML^O21', ...segments)).one('ServiceRequest');
    const all = objects(request['extension']).filter(({ url }) => url === 'urn:wardline:extension:timing');
    const timings = all.map(({ valueTiming }) => (isJsonObject(valueTiming) ? valueTiming['repeat'] : undefined));
    const first = { frequency: 2, period: 1, periodUnit: 'd', boundsPeriod: { start: '2024-05-03' } };
    const second = { frequency: 3, period: 1, periodUnit: 'd', boundsPeriod: { start: '2024-06-03' } };
    assert.deepEqual(timings, [first, second]);
    assert.ok(isJsonObject(request['occurrenceTiming']));
    assert.deepEqual(request['occurrenceTiming']['repeat'], first);
  });
}

test('one timing with several times of day is one timing', () => {
  const request = map(message('OML^O21', 'ORC|NW|P1', 'TQ1|1|||0800~1800', 'OBR|1|P1||K^K^L')).one('ServiceRequest');
  assert.equal(request['extension'], undefined);
});

test('patterns that refine one another (QD~HS) are one timing', () => {
  const [dosage] = medication('RDE^O11', 'ORC|NW|P1^OE', 'RXE||M1^Aspirin^L|100||mg', 'TQ1|1||QD~HS');
  assert.equal(dosage?.['text'], '100 mg QD HS');
  assert.ok(isJsonObject(dosage['timing']) && isJsonObject(dosage['timing']['code']));
  assert.equal(dosage['timing']['code']['text'], 'QD HS');
  assert.deepEqual(dosage['timing']['repeat'], { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] });
});

test('an event beside a time of day, and how long the service lasts beside its bounds, are extensions', () => {
  const request = map(
    message('OML^O21', 'ORC|NW|P1', 'TQ1|1||BID^HD^^^^^^PC^120^s|0800||3^d|20240503', 'OBR|1|P1||K^K^L'),
  ).one('ServiceRequest');
  assert.deepEqual(objects(request['extension']), [
    {
      url: 'urn:wardline:extension:service-duration',
      valueDuration: { value: 3, unit: 'd', code: 'd', system: 'http://unitsofmeasure.org' },
    },
  ]);
  assert.ok(isJsonObject(request['occurrenceTiming']) && isJsonObject(request['occurrenceTiming']['repeat']));
  const { extension, ...repeat } = request['occurrenceTiming']['repeat'];
  assert.deepEqual(repeat, {
    frequency: 2,
    period: 1,
    periodUnit: 'd',
    timeOfDay: ['08:00:00'],
    boundsPeriod: { start: '2024-05-03' },
  });
  assert.deepEqual(
    objects(extension).map(({ url, valueCodeableConcept, valueQuantity }) => [
      url,
      isJsonObject(valueCodeableConcept) ? objects(valueCodeableConcept['coding'])[0]?.['code'] : valueQuantity,
    ]),
    [
      ['urn:wardline:extension:event', 'PC'],
      ['urn:wardline:extension:event-offset', { value: 120, unit: 's' }],
      ['http://terminology.hl7.org/CodeSystem/v2-0527', 'HD'],
    ],
  );
});

test('an order for a time from OBR-7 to OBR-8 is wanted in that period', () => {
  const request = map(message('OML^O21', 'ORC|NW|P1', 'OBR|1|P1||K^K^L|||20240503|20240504')).one('ServiceRequest');
  assert.deepEqual(request['occurrencePeriod'], { start: '2024-05-03', end: '2024-05-04' });
});
