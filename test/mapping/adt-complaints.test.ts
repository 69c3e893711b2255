/** What users of other converters complain about most, for ADT: each complaint is a case. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../src/core/json.js';
import { adt, map, pid, pv1 } from './mapped.js';

interface Complaint {
  readonly about: string;
  readonly message: string;
  readonly type: string;
  /** Members of each resource of the type, in the order of the message. */
  readonly expected: readonly JsonObject[];
}

const coded = (code: string, display: string): JsonObject => ({
  coding: [{ system: 'http://snomed.info/sct', code, display }],
  text: display,
});

const complaints: readonly Complaint[] = [
  {
    about: 'one segment out of place does not hide the rest',
    message: adt('A01', pid, pv1, 'GT1|1||Roe^Al', 'PR1|1||1^Cut^SCT', 'AL1|1||1^Egg^SCT', 'ROL|1|AD|AT|7^X^^^^^^^N'),
    type: 'AllergyIntolerance',
    expected: [{ code: coded('1', 'Egg') }],
  },
  {
    about: 'every PR1, and every performer of each',
    message: adt('A01', pid, pv1, 'PR1|1||1^Cut^SCT||||||||7^A~8^B', 'PR1|2||2^Sew^SCT||||||||9^C'),
    type: 'Procedure',
    expected: [{ code: coded('1', 'Cut') }, { code: coded('2', 'Sew') }],
  },
  {
    about: 'a PR1 without its code has its description',
    message: adt('A01', pid, pv1, 'PR1|1|||Sewing'),
    type: 'Procedure',
    expected: [{ code: { text: 'Sewing' } }],
  },
  {
    about: 'a PR1 with a code and no description has its code',
    message: adt('A01', pid, pv1, 'PR1|1|I9C|47.01'),
    type: 'Procedure',
    expected: [{ code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-9-cm', code: '47.01' }] } }],
  },
  {
    about: 'an empty field makes no empty resource, and blanks no name',
    message: adt('A01', pid, pv1, 'GT1|1||^^', 'PR1|1', 'ACC', 'PDA||', 'DB1|1'),
    type: 'Procedure',
    expected: [],
  },
  {
    about: 'repetitions do not leak into one another',
    message: adt('A01', pid, pv1, 'GT1|1||Roe^Al|||^PRN^PH^^^1^2', 'GT1|2||Poe^Bo'),
    type: 'RelatedPerson',
    expected: [
      { name: [{ family: 'Roe', given: ['Al'] }] },
      { name: [{ family: 'Poe', given: ['Bo'] }], telecom: null },
    ],
  },
  {
    about: 'quotes and escapes break nothing',
    message: adt('A01', pid, pv1, 'ACC|||"Gate" \\T\\ {door}|||||Fell \\E\\ "hard"'),
    type: 'Observation',
    expected: [
      {
        valueString: 'Fell \\ "hard"',
        component: [{ code: { text: 'Accident location' }, valueString: '"Gate" & {door}' }],
      },
    ],
  },
  {
    about: '"" is never copied out as text',
    message: adt('A01', pid, pv1, 'GT1|1||Roe^Al|""|""|""'),
    type: 'RelatedPerson',
    expected: [{ name: [{ family: 'Roe', given: ['Al'] }], address: null, telecom: null, extension: null }],
  },
  {
    about: 'a code that no table knows is kept as sent',
    message: adt('A01', pid, pv1, 'IN1|1|P1|I1^^^N|||||||||||||Roe^Al|ZZ^Neighbour'),
    type: 'Coverage',
    expected: [
      {
        relationship: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0063', code: 'ZZ', display: 'Neighbour' }],
          text: 'Neighbour',
        },
      },
    ],
  },
  {
    about: 'an insured parent makes the patient a child',
    message: adt('A01', pid, pv1, 'IN1|1|P1|I1^^^N|||||||||||||Roe^Al|PAR'),
    type: 'Coverage',
    expected: [
      {
        relationship: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship',
              code: 'child',
              display: 'Child',
            },
            { system: 'http://terminology.hl7.org/CodeSystem/v2-0063', code: 'PAR', display: 'Parent' },
          ],
        },
      },
    ],
  },
  {
    about: 'a degree (XCN.7) is a qualification, not part of the name',
    message: adt('A01', pid, pv1, 'ROL|1|AD|AT|7^Good^Gina^^^Dr^MD^^N'),
    type: 'Practitioner',
    expected: [
      {
        name: [{ family: 'Good', given: ['Gina'], prefix: ['Dr'] }],
        qualification: [
          { code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0360', code: 'MD' }] } },
        ],
      },
    ],
  },
  {
    about: 'a role of the visit that stands behind the patient is a participant of the visit',
    message: adt('A01', pid, 'ROL|1|AD|AT|8^Att^Tom^^^^^^NORTH', 'ROL|2|AD|PP|7^Good^Gina^^^^^^NORTH', pv1),
    type: 'Encounter',
    expected: [
      {
        participant: [
          {
            individual: { display: 'Tom Att', reference: 'PractitionerRole/NORTH.12345..AT_.NORTH.8' },
            type: [
              {
                coding: [
                  {
                    system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                    code: 'ATND',
                    display: 'attender',
                  },
                  { system: 'http://terminology.hl7.org/CodeSystem/v2-0443', code: 'AT', display: 'Attending' },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
  {
    about: 'the end of a procedure is its beginning and its minutes, over midnight too, in the offset that was sent',
    message: adt('A01', pid, pv1, 'PR1|1||1^Cut^SCT||20240503233000-0500||45'),
    type: 'Procedure',
    expected: [{ performedPeriod: { start: '2024-05-03T23:30:00-05:00', end: '2024-05-04T00:15:00-05:00' } }],
  },
];

for (const { about, message, type, expected } of complaints) {
  test(about, () => assert.deepEqual(shownOf(message, type, expected), expected));
}

/** The members that are expected, of each resource of the type. */
function shownOf(message: string, type: string, expected: readonly JsonObject[]): unknown {
  const shown = map(message)
    .all(type)
    .map((resource, index) =>
      Object.fromEntries(
        Object.keys(expected[index] ?? {}).map((name): [string, Json] => [name, resource[name] ?? null]),
      ),
    );
  return JSON.parse(JSON.stringify(shown));
}

test('the same people, procedures and accounts keep their ids from event to event', () => {
  const segments = [
    'PID|1||12345^^^NORTH^MR||Doe^Ann|||||||||||||A1^^^NORTH',
    'ROL|1|AD|PP|7^Good^Gina^^^^^^NORTH',
    pv1,
    'PR1|1||1^Cut^SCT||20240503|||||||||||||||PX1^NORTH',
    'GT1|1||Roe^Al||||||||SPO',
  ];
  const ids = (event: string) =>
    map(adt(event, ...segments)).resources.map(({ resourceType, id }) => `${resourceType}/${id}`);
  const first = ids('A01');
  assert.ok(first.length >= 8);
  for (const event of ['A04', 'A08', 'A03', 'A31', 'A06']) assert.deepEqual(ids(event), first, event);
});

/** Fields that the gold cases leave empty. */
const rarer: readonly Complaint[] = [
  {
    about: 'a class of payer without an insurance is a Coverage',
    message: adt('A01', 'PID|1||12345^^^NORTH^MR||Doe^Ann|||||||||||||A1^^^NORTH', `${pv1}|HMO^20240101`),
    type: 'Coverage',
    expected: [
      {
        status: 'active',
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0064', code: 'HMO' }] },
        period: { start: '2024-01-01' },
      },
    ],
  },
  {
    about: 'a class of payer beside an insurance is its type',
    message: adt('A01', pid, `${pv1}|HMO`, 'IN1|1|P1|I1^^^N'),
    type: 'Coverage',
    expected: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0064', code: 'HMO' }] } }],
  },
  {
    about: 'what is open on an account',
    message: adt('A01', 'PID|1||12345^^^NORTH^MR||Doe^Ann|||||||||||||A1^^^NORTH', `${pv1}${'|'.repeat(27)}250.5`),
    type: 'Account',
    expected: [
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Account.balance',
            extension: [{ url: 'amount', valueMoney: { value: 250.5 } }],
          },
        ],
      },
    ],
  },
  {
    about: 'an organization that guarantees',
    message: adt(
      'A01',
      'PID|1||12345^^^NORTH^MR||Doe^Ann|||||||||||||A1^^^NORTH',
      pv1,
      `GT1|1${'|'.repeat(20)}Trust^^^^^N^XX^^^T1|Y`,
    ),
    type: 'Account',
    expected: [{ guarantor: [{ party: { display: 'Trust', reference: 'Organization/N.T1' }, onHold: true }] }],
  },
  {
    about: 'the reactions of an IAM, its comment and who reported it',
    message: adt(
      'A60',
      pid,
      pv1,
      'IAM|1|FA|1^Egg^SCT|||A|AL1^NORTH|||||||Roe^Al|SPO',
      'NTE|1||Seen twice||8^Nur^Se^^^^^^NORTH|20240503',
      'IAR|2^Hives^SCT|MO|AL^Allergy^HL70436|Adrenaline',
    ),
    type: 'AllergyIntolerance',
    expected: [
      {
        reaction: [
          {
            manifestation: [coded('2', 'Hives')],
            severity: 'moderate',
            extension: [
              {
                url: 'http://terminology.hl7.org/CodeSystem/v2-0436',
                valueCodeableConcept: {
                  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0436', code: 'AL', display: 'Allergy' }],
                  text: 'Allergy',
                },
              },
            ],
            note: [{ text: 'Adrenaline' }],
          },
        ],
        note: [
          {
            text: 'Seen twice',
            authorReference: { display: 'Se Nur', reference: 'Practitioner/NORTH.8' },
            time: '2024-05-03',
          },
        ],
        asserter: { display: 'Al Roe', reference: 'RelatedPerson/NORTH.12345.roe_al.SPO_' },
      },
    ],
  },
  {
    about: 'several causes of a death',
    message: adt('A03', pid, pv1, 'PDA|1^Stroke^SCT~2^Fall^SCT'),
    type: 'Observation',
    expected: [
      {
        valueCodeableConcept: coded('1', 'Stroke'),
        component: [
          { code: { text: 'Cause of death' }, valueCodeableConcept: coded('1', 'Stroke') },
          { code: { text: 'Cause of death' }, valueCodeableConcept: coded('2', 'Fall') },
        ],
      },
    ],
  },
  {
    about: 'the directive of a visit, which the date of the patient’s status (PV2-46) is not the beginning of',
    message: adt('A01', pid, pv1, `PV2${'|'.repeat(45)}DNR|20240102`),
    type: 'Flag',
    expected: [
      {
        code: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/v2-0435', code: 'DNR', display: 'Do not resuscitate' },
          ],
        },
        encounter: { reference: 'Encounter/NORTH.V100' },
      },
    ],
  },
];

for (const { about, message, type, expected } of rarer) {
  test(about, () => assert.deepEqual(shownOf(message, type, expected), expected));
}

test('a wrong MSH-9.3 and an unknown version lose no grouped segment', () => {
  const message = adt('A04', pid, pv1, 'PR1|1||1^Cut^SCT', 'ROL|1|AD|TN|7^X^^^^^^^N', 'IN1|1|P1|I1^^^N')
    .replace('ADT^A04', 'ADT^A04^ADT_A04')
    .replace('|2.5\n', '|9.9\n');
  const { one } = map(message);
  assert.equal(one('Coverage')['status'], 'active');
  assert.deepEqual((one('Procedure')['performer'] as readonly JsonObject[] | undefined)?.length, 1);
});

test('no reference of an ADT dangles', () => {
  const { resources } = map(
    adt(
      'A01',
      pid,
      'ROL|1|AD|PP|7^X^^^^^^^N',
      pv1,
      'ROL|1|AD|AT|8^Y^^^^^^^N',
      'PR1|1||1^Cut^SCT',
      'ROL|1|AD|TN|9^Z^^^^^^^N',
      'IN1|1|P1|I1^^^N|||||||||||||Roe^Al|SPO',
    ),
  );
  const there = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const named = [...JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g)].map(([, name = '']) => name);
  assert.ok(named.length > 8);
  assert.deepEqual(
    named.filter((name) => !there.has(name)),
    [],
  );
});
