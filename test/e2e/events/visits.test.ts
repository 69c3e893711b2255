/** What trigger events make of a visit, from bytes to FHIR, in every order of processing. The table is docs/events.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pid, pv1, segment, type Told, ToldHospital, told } from '../../support/told-hospital.js';

const patient = pid('A^^^NORTH^MR');
const ward = 'W1^10^1^NORTH';
const other = 'W2^20^2^NORTH';
const house = '77^House^Gregory';
const wilson = '88^Wilson^James';
const cuddy = '99^Cuddy^Lisa';

const at = (place: string, fields: Readonly<Record<number, string>> = {}): string => pv1('V1', { 3: place, ...fields });
const admit = told('A01', 1, patient, at(ward, { 7: house }));
const result = [
  'OBR|1||F1|718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F',
  'OBX|1|NM|718-7^Hemoglobin^LN||12|g/dL|||||F',
];
const order = ['ORC|NW|M1||||||20260501', 'RXE|1^BID^^20260501|1191^Aspirin^RXN|100||mg'];

interface Case {
  readonly name: string;
  readonly said: readonly Told[];
  readonly status: string;
  /** Places with their status, the current one first. */
  readonly places?: readonly string[];
  /** Its class, then those before, by time. */
  readonly classes?: readonly string[];
  /** Attending and consulting doctors. */
  readonly doctors?: readonly string[];
  readonly disposition?: string | undefined;
  readonly plannedEnd?: string | undefined;
  readonly end?: string;
}

const cases: readonly Case[] = [
  { name: 'A01: an admission', said: [admit], status: 'in-progress', places: ['W1 10 1 active'], doctors: ['House'] },
  {
    name: 'A04 and A07: a patient who has come, admitted, and treated as an outpatient again',
    said: [
      told('A04', 1, patient, at(other, { 2: 'O' })),
      told('A06', 2, patient, at(ward)),
      told('A07', 3, patient, at(other, { 2: 'O' })),
    ],
    status: 'in-progress',
    places: ['W2 20 2 active', 'W1 10 1 completed', 'W2 20 2 completed'],
    classes: ['AMB', 'AMB', 'IMP'],
  },
  {
    name: 'A02 alone says that the visit is under way, also after A05',
    said: [told('A05', 1, patient, at(ward, { 2: 'P' })), told('A02', 2, patient, at(other))],
    status: 'in-progress',
    places: ['W2 20 2 active', 'W1 10 1 completed'],
  },
  {
    name: 'A02 that is recorded after the discharge reopens nothing',
    said: [admit, told('A03', 5, patient, at(other)), { ...told('A02', 6, patient, at(other)), occurred: 3 }],
    status: 'finished',
    places: ['W2 20 2 completed', 'W1 10 1 completed'],
    end: '2026-05-01T05:00:00+00:00',
  },
  {
    name: 'A11 after A01: a cancelled admission is not left as an admission',
    said: [admit, told('A11', 2, patient, at(ward))],
    status: 'cancelled',
    places: [],
  },
  {
    name: 'A12 takes the newest transfer back',
    said: [admit, told('A02', 2, patient, at(other)), told('A12', 3, patient, at(ward))],
    status: 'in-progress',
    places: ['W1 10 1 active'],
  },
  {
    name: 'A12 takes the transfer back whose time it names (EVN-6), though a newer one came',
    said: [
      admit,
      { ...told('A02', 2, patient, at(other)), occurred: 2 },
      { ...told('A02', 3, patient, at('W3^30^3^NORTH')), occurred: 3 },
      { ...told('A12', 4, patient, at('W3^30^3^NORTH')), occurred: 2 },
    ],
    status: 'in-progress',
    places: ['W3 30 3 active', 'W1 10 1 completed'],
  },
  {
    name: 'A12 takes back what was before it: a transfer since then stands',
    said: [
      admit,
      told('A02', 2, patient, at(other)),
      told('A12', 3, patient, at(ward)),
      told('A02', 4, patient, at('W3^30^3^NORTH')),
    ],
    status: 'in-progress',
    places: ['W3 30 3 active', 'W1 10 1 completed'],
  },
  {
    name: 'A08 and A31 after A03 revive nothing, without the time of discharge',
    said: [
      admit,
      told('A03', 3, patient, at(ward, { 45: '20260501030000' })),
      told('A08', 4, patient, at(ward, { 44: '20260501010000' })),
      told('A31', 5, patient, at(ward)),
    ],
    status: 'finished',
    places: ['W1 10 1 completed'],
    end: '2026-05-01T03:00:00+00:00',
  },
  {
    name: 'A08 after A11 revives nothing',
    said: [admit, told('A11', 2, patient, at(ward)), told('A08', 3, patient, at(ward, { 44: '20260501010000' }))],
    status: 'cancelled',
    places: [],
  },
  {
    name: 'A13 takes the discharge back, and what it said of where to',
    said: [
      admit,
      told('A03', 2, patient, at(ward, { 36: '01', 45: '20260501020000' })),
      told('A13', 3, patient, at(ward)),
    ],
    status: 'in-progress',
    places: ['W1 10 1 active'],
    disposition: undefined,
  },
  {
    name: 'A13 of a discharge that never came: the visit is under way',
    said: [told('A13', 3, patient, at(ward))],
    status: 'in-progress',
  },
  {
    name: 'A14: a pending admission is planned',
    said: [told('A14', 1, patient, at('', { 42: ward }))],
    status: 'planned',
    places: ['W1 10 1 reserved'],
  },
  {
    name: 'A14 of a patient who is in the emergency room leaves the visit under way',
    said: [
      told('A04', 1, patient, at('ER^^^NORTH', { 2: 'E' })),
      told('A14', 2, patient, at('', { 2: 'E', 42: ward })),
    ],
    status: 'in-progress',
    places: ['ER active', 'W1 10 1 reserved'],
  },
  {
    name: 'A27 takes a pending admission back, and not the visit to the emergency room',
    said: [
      told('A04', 1, patient, at('ER^^^NORTH', { 2: 'E' })),
      told('A14', 2, patient, at('', { 2: 'E', 42: ward })),
      told('A27', 3, patient, at('', { 2: 'E', 42: ward })),
    ],
    status: 'in-progress',
    places: ['ER active'],
  },
  {
    name: 'A27 of what was only pending cancels it',
    said: [told('A14', 1, patient, at('', { 42: ward })), told('A27', 2, patient, at(''))],
    status: 'cancelled',
    places: [],
  },
  {
    name: 'A38 after A05 cancels, after A01 does not',
    said: [told('A05', 1, patient, at(ward, { 2: 'P' })), told('A38', 2, patient, at(ward))],
    status: 'cancelled',
    places: [],
  },
  {
    name: 'A38 that comes after the admission leaves it',
    said: [
      told('A05', 1, patient, at(ward, { 2: 'P' })),
      told('A01', 2, patient, at(ward)),
      told('A38', 3, patient, at(ward)),
    ],
    status: 'in-progress',
    places: ['W1 10 1 active'],
  },
  {
    name: 'A15: a pending transfer reserves a place and moves nobody',
    said: [admit, told('A15', 2, patient, at(ward, { 42: other }))],
    status: 'in-progress',
    places: ['W1 10 1 active', 'W2 20 2 reserved'],
  },
  {
    name: 'A26 takes the pending transfer back, whichever place it repeats',
    said: [
      admit,
      told('A15', 2, patient, at(ward, { 42: other })),
      told('A26', 3, patient, at(ward, { 42: other }), segment('PV2', { 1: other })),
    ],
    status: 'in-progress',
    places: ['W1 10 1 active'],
  },
  {
    name: 'A02 to another place ends the pending transfer',
    said: [admit, told('A15', 2, patient, at(ward, { 42: other })), told('A02', 3, patient, at('W3^30^3^NORTH'))],
    status: 'in-progress',
    places: ['W3 30 3 active', 'W1 10 1 completed'],
  },
  {
    name: 'A16: a pending discharge ends nothing, whatever PV1-45 says',
    said: [
      admit,
      told('A16', 2, patient, at(ward, { 36: '01', 45: '20260505100000' }), segment('PV2', { 9: '20260505' })),
    ],
    status: 'in-progress',
    places: ['W1 10 1 active'],
    disposition: '01',
    plannedEnd: '2026-05-05',
  },
  {
    name: 'A25 takes the pending discharge back, to the end that was planned before',
    said: [
      told('A01', 1, patient, at(ward), segment('PV2', { 9: '20260507' })),
      told('A16', 2, patient, at(ward, { 36: '01' }), segment('PV2', { 9: '20260505' })),
      told('A25', 3, patient, at(ward), segment('PV2', { 9: '20260505' })),
    ],
    status: 'in-progress',
    disposition: undefined,
    plannedEnd: '2026-05-07',
  },
  {
    name: 'A21: on leave',
    said: [admit, told('A21', 2, patient, at(ward))],
    status: 'onleave',
    places: ['W1 10 1 active'],
  },
  {
    name: 'A22: back from leave',
    said: [admit, told('A21', 2, patient, at(ward)), told('A22', 3, patient, at(ward))],
    status: 'in-progress',
  },
  {
    name: 'A52: the leave is cancelled',
    said: [admit, told('A21', 2, patient, at(ward)), told('A52', 3, patient, at(ward))],
    status: 'in-progress',
  },
  {
    name: 'A53: the return is cancelled',
    said: [
      admit,
      told('A21', 2, patient, at(ward)),
      told('A22', 3, patient, at(ward)),
      told('A53', 4, patient, at(ward)),
    ],
    status: 'onleave',
  },
  {
    name: 'A09 and A10: to a place for a while, and back',
    said: [
      admit,
      told('A09', 2, patient, at('', { 6: ward, 11: 'RAD^^^NORTH' })),
      told('A10', 3, patient, at(ward, { 43: 'RAD^^^NORTH' })),
    ],
    status: 'in-progress',
    places: ['W1 10 1 active', 'RAD completed'],
  },
  {
    name: 'A33: the leaving is cancelled',
    said: [admit, told('A09', 2, patient, at('', { 6: ward, 11: 'RAD^^^NORTH' })), told('A33', 3, patient, at(ward))],
    status: 'in-progress',
    places: ['W1 10 1 active'],
  },
  {
    name: 'A10 of a planned visit: the patient has arrived; A32 takes it back',
    said: [told('A05', 1, patient, at(ward, { 2: 'P' })), told('A10', 2, patient, at(ward, { 2: 'P' }))],
    status: 'arrived',
  },
  {
    name: 'A32: the arrival is cancelled',
    said: [
      told('A05', 1, patient, at(ward, { 2: 'P' })),
      told('A10', 2, patient, at(ward, { 2: 'P' })),
      told('A32', 3, patient, at(ward, { 2: 'P' })),
    ],
    status: 'planned',
  },
  {
    name: 'A54: another attending doctor',
    said: [admit, told('A54', 2, patient, at(ward, { 7: wilson }))],
    status: 'in-progress',
    doctors: ['Wilson'],
  },
  {
    name: 'A55: and back to who it was before, whom the cancel repeats',
    said: [admit, told('A54', 2, patient, at(ward, { 7: wilson })), told('A55', 3, patient, at(ward, { 7: wilson }))],
    status: 'in-progress',
    doctors: ['House'],
  },
  {
    name: 'A55 takes back the newest change only',
    said: [
      admit,
      told('A54', 2, patient, at(ward, { 7: wilson })),
      told('A54', 3, patient, at(ward, { 7: cuddy })),
      told('A55', 4, patient, at(ward)),
    ],
    status: 'in-progress',
    doctors: ['Wilson'],
  },
  {
    name: 'A61 and A62: another consulting doctor, and back',
    said: [
      told('A01', 1, patient, at(ward, { 7: house, 9: wilson })),
      told('A61', 2, patient, at(ward, { 9: cuddy })),
      told('A62', 3, patient, at(ward, { 9: cuddy })),
    ],
    status: 'in-progress',
    doctors: ['House', 'Wilson'],
  },
  {
    name: 'results and orders after A03 leave the visit as ADT left it',
    said: [
      admit,
      told('A03', 2, patient, at(ward, { 45: '20260501020000' })),
      told('R01', 3, patient, at(other), ...result),
      told('O11', 4, patient, at(other), ...order),
    ],
    status: 'finished',
    places: ['W1 10 1 completed'],
    end: '2026-05-01T02:00:00+00:00',
  },
  {
    name: 'results and orders after A02 leave the place as ADT left it',
    said: [
      admit,
      told('A02', 2, patient, at(other)),
      told('R01', 3, patient, at(ward), ...result),
      told('O11', 4, patient, at(ward), ...order),
    ],
    status: 'in-progress',
    places: ['W2 20 2 active', 'W1 10 1 completed'],
  },
  {
    name: 'results and orders after A11 revive nothing',
    said: [
      admit,
      told('A11', 2, patient, at(ward)),
      told('R01', 3, patient, at(ward), ...result),
      told('O11', 4, patient, at(ward), ...order),
    ],
    status: 'cancelled',
    places: [],
  },
];

for (const one of cases) {
  test(one.name, async (t) => {
    const hospital = await ToldHospital.open(t);
    const id = hospital.id('Encounter', '', 'V1');
    await hospital.inEveryOrder(one.said, async (name) => {
      const visit = await hospital.read(`Encounter/${id}`);
      assert.equal(visit.status, one.status, name);
      if (one.places !== undefined) assert.deepEqual(placesOf(visit), one.places, name);
      if (one.classes !== undefined) assert.deepEqual(classesOf(visit), one.classes, name);
      if (one.doctors !== undefined) assert.deepEqual(doctorsOf(visit), one.doctors, name);
      if ('disposition' in one) {
        assert.equal(visit.hospitalization?.dischargeDisposition?.coding[0].code, one.disposition, name);
      }
      if ('plannedEnd' in one) assert.equal(plannedEndOf(visit), one.plannedEnd, name);
      assert.equal(visit.period?.end, one.end, name);
    });
  });
}

test('past states, classes and places with their times, in every order', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A05', 1, patient, at(ward, { 2: 'P' })),
    told('A04', 2, patient, at('ER^^^NORTH', { 2: 'E' })),
    told('A06', 3, patient, at(ward, { 2: 'I' })),
    told('A21', 4, patient, at(ward)),
    told('A22', 5, patient, at(ward)),
    told('A02', 5.5, patient, at(other)),
    told('A03', 6, patient, at(other)),
  ];
  const time = (hour: number): string => new Date(Date.UTC(2026, 4, 1, 0, hour * 60)).toISOString().slice(0, 16);
  const spans = (list: Visit[], what: (one: Visit) => string): string[] =>
    (list ?? []).map((one) => [what(one), one.period?.start?.slice(0, 16), one.period?.end?.slice(0, 16)].join(' '));
  await hospital.inEveryOrder(messages, async (name) => {
    const visit = await hospital.read(`Encounter/${hospital.id('Encounter', '', 'V1')}`);
    assert.deepEqual(
      spans(visit.statusHistory, ({ status }) => status),
      [
        `planned ${time(1)} ${time(2)}`,
        `in-progress ${time(2)} ${time(4)}`,
        `onleave ${time(4)} ${time(5)}`,
        `in-progress ${time(5)} ${time(6)}`,
      ],
      name,
    );
    assert.deepEqual(
      visit.classHistory.map((one: Visit) => [one.class.code, one.period.end.slice(0, 16)]).slice(-1),
      [['EMER', time(3)]],
      name,
    );
    assert.equal(visit.class.code, 'IMP', name);
    assert.deepEqual(
      spans(visit.location, ({ location }) => location.display),
      [
        `W2 20 2 ${time(5.5)} ${time(6)}`,
        `W1 10 1 ${time(3)} ${time(5.5)}`,
        `ER ${time(2)} ${time(3)}`,
        `W1 10 1 ${time(1)} ${time(2)}`,
      ],
      name,
    );
    assert.deepEqual([visit.period.start.slice(0, 16), visit.period.end.slice(0, 16)], [time(2), time(6)], name);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
type Visit = any;

function placesOf(visit: Visit): string[] {
  return (visit.location ?? []).map((one: Visit) => `${one.location.display} ${one.status}`);
}

function classesOf(visit: Visit): string[] {
  return [visit.class.code, ...(visit.classHistory ?? []).map((one: Visit) => one.class.code)];
}

function doctorsOf(visit: Visit): string[] {
  return (visit.participant ?? []).map((one: Visit) => String(one.individual.display).split(' ').at(-1));
}

function plannedEndOf(visit: Visit): string | undefined {
  return visit.extension?.find((one: Visit) => one.url.endsWith('plannedEndDate'))?.valueDateTime;
}
