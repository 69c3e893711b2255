/** What tells of a message itself: every field of MSH, SFT, EVN and MRG that the rules read. Made on request only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { map } from './mapped.js';

const message = [
  'MSH|^~\\&|ADT1^1.2.3^ISO|NORTH|EHR|SOUTH|20240503101500|SEC|ADT^A40^ADT_A39|M7|P|2.8|||NE|AL|DEU||de-DE|||North Trust^^^^^N^XX^^^NT|South Trust^^^^^S^XX^^^ST|net.north^north.example^DNS|net.south^south.example^DNS',
  'SFT|Maker|4.2|Sender|B17|On two nodes|20230201',
  'EVN|A40|20240503101400|20240504|01|7^Ope^Rita^^^^^^NORTH|20240503101000|Main^9.8.7^ISO',
  'PID|1||12345^^^NORTH^MR||Doe^Ann||||||||||||||||||||||||||||20240401|LAB',
  'MRG|999^^^NORTH^MR||A9^^^NORTH',
].join('\n');

const { one, all } = map(message, { views: true });
const north = { display: 'NORTH', reference: 'Organization/NORTH' };
const v2 = 'http://terminology.hl7.org/CodeSystem/v2';
const reason = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PATRQT', display: 'patient requested' },
    { system: `${v2}-0062`, code: '01', display: 'Patient request' },
  ],
};
const agent = (code: string, display: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code, display }],
});
const operator = { display: 'Rita Ope', reference: 'Practitioner/NORTH.7' };

test('the header of a message', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(one('MessageHeader'))), {
    resourceType: 'MessageHeader',
    id: 'ADT1.NORTH.M7',
    language: 'de-DE',
    meta: { security: [{ display: 'SEC' }], tag: [{ system: `${v2}-0103`, code: 'P', display: 'Production' }] },
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request', valueCode: 'always' }],
    eventCoding: { system: `${v2}-0003`, code: 'A40', display: 'ADT^A40^ADT_A39', version: '2.8' },
    source: { name: 'ADT1', endpoint: 'urn:dns:north.example', software: 'Sender', version: '4.2' },
    destination: [
      {
        name: 'EHR',
        endpoint: 'urn:dns:south.example',
        receiver: { display: 'South Trust', reference: 'Organization/S.ST' },
      },
      { endpoint: 'urn:dns:south.example', receiver: { display: 'SOUTH', reference: 'Organization/SOUTH' } },
    ],
    sender: north,
    responsible: { display: 'North Trust', reference: 'Organization/N.NT' },
    reason,
    enterer: operator,
    focus: [{ reference: 'Patient/NORTH.12345' }],
  });
});

test("the sender's software", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(one('Device'))), {
    resourceType: 'Device',
    id: 'Maker.Sender.B17.4.2',
    manufacturer: 'Maker',
    version: [
      {
        value: '4.2',
        extension: [
          {
            url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Device.version.installDate',
            valueDateTime: '2023-02-01',
          },
        ],
      },
    ],
    deviceName: [{ name: 'Sender', type: 'manufacturer-name' }],
    modelNumber: 'B17',
    note: [{ text: 'On two nodes' }],
  });
});

test('where the message, its event and the data of the patient come from', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(all('Provenance'))), [
    {
      resourceType: 'Provenance',
      id: 'ADT1.NORTH.M7',
      target: [{ reference: 'MessageHeader/ADT1.NORTH.M7' }],
      recorded: '2024-05-03T10:15:00+02:00',
      occurredDateTime: '2024-05-03T10:15:00+02:00',
      activity: { text: 'ADT^A40^ADT_A39' },
      agent: [{ who: { display: 'North Trust', reference: 'Organization/N.NT' }, type: agent('author', 'Author') }],
      entity: [
        {
          what: { identifier: { value: 'M7', system: 'urn:dns:north.example' }, display: 'HL7 v2 message' },
          role: 'source',
        },
        { what: { reference: 'Device/Maker.Sender.B17.4.2' }, role: 'source' },
      ],
    },
    {
      resourceType: 'Provenance',
      id: 'event.ADT1.NORTH.M7',
      target: [{ reference: 'Patient/NORTH.12345' }],
      recorded: '2024-05-03T10:14:00+02:00',
      occurredDateTime: '2024-05-03T10:10:00+02:00',
      activity: { coding: [{ system: `${v2}-0003`, code: 'A40' }] },
      extension: [{ url: 'urn:wardline:extension:planned', valueDateTime: '2024-05-04' }],
      reason: [reason],
      agent: [{ who: operator, type: agent('enterer', 'Enterer') }],
      location: { display: 'Main', reference: 'Location/facility.Main' },
      entity: [
        {
          what: {
            identifier: {
              value: '999',
              system: 'urn:id:NORTH',
              assigner: north,
              type: { coding: [{ system: `${v2}-0203`, code: 'MR', display: 'Medical record number' }] },
            },
            type: 'Patient',
          },
          role: 'removal',
        },
        {
          what: { identifier: { value: 'A9', system: 'urn:id:NORTH', assigner: north }, type: 'Account' },
          role: 'removal',
        },
      ],
    },
    {
      resourceType: 'Provenance',
      id: 'patient.ADT1.NORTH.M7',
      target: [{ reference: 'Patient/NORTH.12345' }],
      occurredDateTime: '2024-04-01',
      recorded: '2024-05-03T10:14:00+02:00',
      activity: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'UPDATE', display: 'revise' },
        ],
      },
      agent: [{ who: { display: 'LAB', reference: 'Organization/LAB' }, type: agent('performer', 'Performer') }],
    },
  ]);
});

test('nothing of it is made for the store', () => {
  const stored = new Set(map(message).resources.map((resource) => resource['resourceType']));
  for (const type of ['MessageHeader', 'Provenance', 'Device', 'Practitioner']) assert.ok(!stored.has(type), type);
});
