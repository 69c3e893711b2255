import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VisitStatement } from '../../src/mapping/draft.js';
import { adt, map, oru, pid, pv1 } from './mapped.js';

/** A visit with admission (PV1-44) and discharge (PV1-45). */
const stay = `PV1|1|I|3W^12^B^NORTH${'|'.repeat(16)}V100^^^NORTH${'|'.repeat(17)}01${'|'.repeat(8)}20240501080000|20240504100000`;

const short = (statement: VisitStatement): string => {
  if (statement.kind === 'element') return `element ${statement.element.rule}`;
  if (statement.kind === 'cancel') return `cancel ${statement.cancels.join('+')}${statement.newest ? ' newest' : ''}`;
  const value = statement.kind === 'state' ? String(statement.value) : '';
  return [
    statement.kind,
    value,
    statement.update ? 'update' : 'event',
    statement.at === undefined ? 'now' : (statement.atText ?? ''),
  ]
    .filter(Boolean)
    .join(' ');
};

const admitted = '2024-05-01T08:00:00+02:00';
const discharged = '2024-05-04T10:00:00+02:00';

const cases: readonly (readonly [name: string, message: string, statements: string[]])[] = [
  [
    'admission',
    adt('A01', pid, stay),
    [
      `class event ${admitted}`,
      `place event ${admitted}`,
      `state in-progress event ${admitted}`,
      `state finished update ${discharged}`,
    ],
  ],
  [
    'transfer at its own time',
    adt('A02', pid, pv1).replace('EVN|A02|20240503101400', 'EVN|A02|20240503101400||||20240502120000'),
    ['class update now', 'place event 2024-05-02T12:00:00+02:00', 'state in-progress event 2024-05-02T12:00:00+02:00'],
  ],
  [
    'discharge',
    adt('A03', pid, stay),
    [
      'class update now',
      'place update now',
      `state finished event ${discharged}`,
      `state in-progress update ${admitted}`,
    ],
  ],
  [
    'an update says all at a lower rank',
    adt('A08', pid, pv1),
    ['class update now', 'place update now', 'state in-progress update now'],
  ],
  ['a result as well', oru(pv1), ['class update now', 'place update now', 'state in-progress update now']],
  [
    'cancelled admission',
    adt('A11', pid, pv1),
    ['class update now', 'place update now', 'state cancelled event now', 'cancel A01+A04'],
  ],
  [
    'cancelled transfer: the newest one',
    adt('A12', pid, pv1),
    ['class update now', 'place update now', 'cancel A02 newest'],
  ],
  [
    'cancelled discharge',
    adt('A13', pid, pv1),
    ['class update now', 'place update now', 'state in-progress event now', 'cancel A03'],
  ],
];

for (const [name, message, statements] of cases) {
  test(`what a message says of a visit: ${name}`, () => {
    const draft = map(message).mapped.drafts.find((each) => each.type === 'Encounter');
    assert.deepEqual(draft?.visit.map(short), statements);
  });
}

test('status, class, place and period are statements, never elements', () => {
  const draft = map(adt('A01', pid, stay)).mapped.drafts.find((each) => each.type === 'Encounter');
  const paths = draft?.elements.map((element) => element.path) ?? [];
  for (const path of ['status', 'class', 'location', 'period', 'statusHistory', 'classHistory'])
    assert.ok(!paths.includes(path), path);
});

test('a cancelled discharge deletes what the discharge set', () => {
  const draft = map(adt('A13', pid, pv1)).mapped.drafts.find((each) => each.type === 'Encounter');
  const deleted = draft?.elements.filter((element) => element.value === null).map((element) => element.path);
  assert.deepEqual(deleted, ['hospitalization.dischargeDisposition', 'hospitalization.destination', 'period.end']);
});

test('A23 deletes the visit, A29 the person', () => {
  const deleted = (event: string) =>
    map(adt(event, pid, pv1))
      .mapped.drafts.filter((draft) => draft.deleted)
      .map((draft) => draft.type);
  assert.deepEqual(deleted('A23'), ['Encounter']);
  assert.deepEqual(deleted('A29'), ['Patient']);
});

const times: readonly (readonly [
  name: string,
  evn: string,
  msh: string,
  arrival: string | undefined,
  expected: string | undefined,
])[] = [
  ['EVN-2', '20240503101400', '20240503101500', undefined, '2024-05-03T08:14:00.000Z'],
  ['else MSH-7', '', '20240503101500', undefined, '2024-05-03T08:15:00.000Z'],
  ['one with a time of day', '20240503', '20240503101500', undefined, '2024-05-03T08:15:00.000Z'],
  ['with its own offset', '20240503101400-0500', '', undefined, '2024-05-03T15:14:00.000Z'],
  ['none', 'x', '', undefined, undefined],
  ['a repeated hour: the first', '20241027023000', '', undefined, '2024-10-27T00:30:00.000Z'],
  [
    'a repeated hour: the latest not after arrival',
    '20241027023000',
    '',
    '2024-10-27T01:31:00Z',
    '2024-10-27T01:30:00.000Z',
  ],
  ['a repeated hour: never after arrival', '20241027023000', '', '2024-10-27T00:31:00Z', '2024-10-27T00:30:00.000Z'],
];

for (const [name, evn, msh, arrival, expected] of times) {
  test(`event time: ${name}`, () => {
    const message = adt('A08', pid).replace('20240503101400', evn).replace('20240503101500', msh);
    const { mapped } = map(message, arrival === undefined ? {} : { arrival: Date.parse(arrival) });
    assert.equal(mapped.eventTime === undefined ? undefined : new Date(mapped.eventTime).toISOString(), expected);
  });
}

test('an event without a time of its own shows the time of its message, an update none', () => {
  const draft = map(adt('A11', pid, pv1)).mapped.drafts.find((each) => each.type === 'Encounter');
  const texts = draft?.visit.flatMap((each) =>
    each.kind === 'cancel' || each.kind === 'element' ? [] : [each.update ? 'update' : each.atText],
  );
  assert.deepEqual([...new Set(texts)], ['update', '2024-05-03T10:14:00+02:00']);
});

test('half a character in the name of a code system harms nothing', () => {
  const { resources } = map(adt('A01', pid, stay, 'OBX|1|NM|8867-4^Pulse^L\ud800N||60|/min'));
  assert.match(
    JSON.stringify(resources.find(({ resourceType }) => resourceType === 'Observation')),
    /urn:id:L%EF%BF%BDN/,
  );
});
