/** Who takes part, with what and how to reach them (PRT), and who stands behind a guarantor or an insurer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { map, pid } from './mapped.js';

const prt =
  'PRT|1|AD||AP^Assisting^HL70912|D8^Smith^Jim^^^^^^NORTH|||||DV1^N~DV2^N||||1 Street^^Town|^WPN^PH^^^30^1~^WPN^PH^^^30^2||||||||H^Home Phone Number^HL70185|77^XX';

function oml(...segments: string[]) {
  return map(['MSH|^~\\&|OE|NORTH|W|W|20240503111500||OML^O21^OML_O21|M3|P|2.8', ...segments].join('\n'));
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(list) ? list : []).filter((item): item is JsonObject => isJsonObject(item));
}

/** Values of one part of the participation. */
function parts(resource: JsonObject, name: string): readonly JsonObject[] {
  const [participation] = objects(resource['extension']).filter(
    ({ url }) => url === 'urn:wardline:extension:participation',
  );
  return objects(participation?.['extension']).filter(({ url }) => url === name);
}

for (const [type, segments] of [
  ['ServiceRequest', ['ORC|NW|P1^OE', prt, 'OBR|1|P1^OE||K^Potassium^L']],
  ['Observation', ['ORC|NW|P1^OE', 'OBR|1|P1^OE||K^Potassium^L', 'OBX|1|NM|K^Potassium^L||4||||||F', prt]],
] as const) {
  test(`every device, address and telephone of who takes part in a ${type}, and how they want to be reached`, () => {
    const resource = oml(pid, ...segments).one(type);
    const devices = parts(resource, 'device').map(({ valueIdentifier }) => valueIdentifier);
    assert.deepEqual(devices, [
      { value: 'DV1', system: 'urn:id:N' },
      { value: 'DV2', system: 'urn:id:N' },
    ]);
    const numbers = parts(resource, 'telecom').map(({ valueContactPoint }) =>
      isJsonObject(valueContactPoint) ? valueContactPoint['value'] : undefined,
    );
    assert.deepEqual(numbers, ['30 1', '30 2']);
    assert.deepEqual(
      parts(resource, 'address').map(({ valueAddress }) => valueAddress),
      [{ line: ['1 Street'], city: 'Town' }],
    );
    assert.deepEqual(
      parts(resource, 'preferredContact').map(({ valueCodeableConcept }) => valueCodeableConcept),
      [preferred],
    );
    assert.equal(parts(resource, 'contactIdentifier').length, 1);
  });
}

const preferred = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0185', code: 'H', display: 'Home Phone Number' }],
  text: 'Home Phone Number',
};

test('who takes part in the visit: devices, and how to be reached, by HL7 table 0185', () => {
  const role = oml(pid, 'PV1|1|I', prt, 'ORC|NW|P1', 'OBR|1|P1||K^K^L').one('PractitionerRole');
  const extensions = objects(role['extension']);
  const devices = extensions.filter(({ url }) => url === 'urn:wardline:extension:participation-device');
  assert.deepEqual(
    devices.map(({ extension }) => objects(extension).map(({ valueIdentifier }) => valueIdentifier)),
    [[{ value: 'DV1', system: 'urn:id:N' }], [{ value: 'DV2', system: 'urn:id:N' }]],
  );
  const others = extensions.filter((each) => !devices.includes(each));
  assert.deepEqual(others, [{ url: preferred.coding[0]?.system, valueCodeableConcept: preferred }]);
});

test('who takes part in the visit and in the document of a document message', () => {
  const { one } = map(
    [
      'MSH|^~\\&|EHR|NORTH|W|W|20240503111500||MDM^T02^MDM_T02|M3|P|2.8',
      'EVN|T02|20240503',
      pid,
      `PV1|1|I${'|'.repeat(17)}V1^^^NORTH`,
      'PRT|1|AD||AT^Attending^HL70912|A1^Att^Tom^^^^^^NORTH',
      'TXA|1|DS|TX|20240503||||||||DOC1^EHR',
      'PRT|2|AD||AUT^Author^HL70912|A2^Aut^Ann^^^^^^NORTH',
      'OBX|1|TX|1^Text^L||all is well||||||F',
    ].join('\n'),
  );
  const [attending] = objects(one('Encounter')['participant']);
  assert.ok(isJsonObject(attending?.['individual']));
  assert.equal(attending['individual']['display'], 'Tom Att');
  const document = one('DocumentReference');
  assert.deepEqual(
    objects(document['author']).map(({ display }) => display),
    ['Ann Aut'],
  );
  assert.equal(parts(document, 'role').length, 1);
});

test('an organization beside a guarantor who is a person is not lost, and is the guarantor where no person is', () => {
  const gt1 = (person: string) =>
    map(
      [
        'MSH|^~\\&|ADT1|NORTH|W|W|20240503111500||ADT^A01|M3|P|2.5.1',
        `${pid}${'|'.repeat(13)}A1^^^NORTH`,
        `GT1|1|G1|${person}${'|'.repeat(18)}Trust Ltd^L^^^^NORTH^^^^T7`,
      ].join('\n'),
    );
  const beside = gt1('Doe^Bob').one('RelatedPerson');
  const [organization] = objects(beside['extension']);
  assert.equal(organization?.['url'], 'urn:wardline:extension:organization');
  assert.ok(isJsonObject(organization['valueReference']));
  assert.equal(organization['valueReference']['display'], 'Trust Ltd');
  const alone = gt1('');
  assert.deepEqual(alone.all('RelatedPerson'), []);
  const party = objects(alone.one('Account')['guarantor'])[0]?.['party'];
  assert.ok(isJsonObject(party));
  assert.equal(party['display'], 'Trust Ltd');
});

test('whom to ask at an insurer without a number stands with the insurance', () => {
  const insured = map(
    [
      'MSH|^~\\&|ADT1|NORTH|W|W|20240503111500||ADT^A01|M3|P|2.5.1',
      pid,
      'IN1|1|PLAN^Plan||Care Ltd|1 Street^^Town|Poe^Ann|^WPN^PH^^^30^1',
    ].join('\n'),
  ).one('Coverage');
  const [contact] = objects(insured['extension']);
  assert.deepEqual(
    objects(contact?.['extension']).map(({ url }) => url),
    ['name', 'telecom', 'address'],
  );
});
