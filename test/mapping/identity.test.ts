import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantSettings } from '../../src/core/tenant-settings.js';
import { adt, map, obr, oru, pid, pv1 } from './mapped.js';

const north = { id: 'NORTH', oid: '1.2.3', type: 'MR' };
const south = { id: 'SOUTH' };
const plain: TenantSettings = { authorities: [], accountsAreVisits: false, localCodes: {}, zone: 'UTC' };
const listed: TenantSettings = {
  ...plain,
  authorities: [north, south],
  defaultAuthority: north,
  visitAuthority: 'NORTH',
};

/** Key of the patient, and other keys of it; undefined where there is none. */
const patients: readonly (readonly [
  name: string,
  tenant: TenantSettings,
  field: string,
  key: string[] | undefined,
  also: string[][],
])[] = [
  ['by type, whatever the order', plain, '9^^^A^SS~8^^^A^PI~7^^^A^MR', ['A', '7'], []],
  ['else PI', plain, '9^^^A^SS~8^^^A^PI', ['A', '8'], []],
  ['else the first', plain, '9^^^A^SS~8^^^A^XX', ['A', '9'], []],
  ['a bare id', plain, '12345', ['', '12345'], []],
  ['by the list, in its order', listed, '2^^^SOUTH^MR~1^^^NORTH^MR', ['NORTH', '1'], [['SOUTH', '2']]],
  ['by OID', listed, '1^^^&1.2.3&ISO', ['NORTH', '1'], []],
  ['a bare id has the default authority', listed, '12345', ['NORTH', '12345'], []],
  ['another type of a listed authority does not identify', listed, '1^^^NORTH^AN~2^^^SOUTH', ['SOUTH', '2'], []],
  ['none listed', listed, '1^^^WEST^MR', undefined, []],
];

for (const [name, tenant, field, key, also] of patients) {
  test(`patient key: ${name}`, () => {
    const { mapped } = map(adt('A08', `PID|1||${field}||Doe`), { tenant });
    const draft = mapped.drafts.find((each) => each.type === 'Patient');
    assert.ok(draft);
    assert.deepEqual(draft.key?.parts, key);
    assert.deepEqual(draft.key?.also ?? [], also);
  });
}

test('a bare MRN of the tenant becomes an identifier of type MR with its system', () => {
  const { one } = map(adt('A08', 'PID|1||12345||Doe'), { tenant: listed });
  const [identifier] = one('Patient')['identifier'] as { system: string; type: { coding: { code: string }[] } }[];
  assert.equal(identifier?.system, 'urn:oid:1.2.3');
  assert.equal(identifier?.type.coding[0]?.code, 'MR');
});

const visits: readonly (readonly [name: string, tenant: TenantSettings, message: string, id: string | undefined])[] = [
  ['visit number', plain, adt('A08', pid, pv1), 'NORTH.V100'],
  ['visit number without authority', listed, adt('A08', pid, pv1.replace('^^^NORTH', '')), 'NORTH.V100'],
  [
    'account where the tenant says so',
    { ...plain, accountsAreVisits: true },
    adt('A08', `${pid}${'|'.repeat(13)}ACC1`, 'PV1|1|I'),
    '.ACC1',
  ],
  [
    'admission of the patient',
    plain,
    adt('A08', pid, `PV1|1|I${'|'.repeat(42)}20240501120000`),
    'NORTH.12345.2024-05-01T12_00_00.000Z',
  ],
  ['none', plain, adt('A08', `${pid}${'|'.repeat(13)}ACC1`, 'PV1|1|I'), undefined],
];

for (const [name, tenant, message, id] of visits) {
  test(`visit key: ${name}`, () => {
    assert.equal(map(message, { tenant }).all('Encounter')[0]?.['id'], id);
  });
}

test('A01, A08 and A03 of one visit meet in one Encounter; the same message twice gives the same', () => {
  const ids = ['A01', 'A08', 'A03'].map((event) => map(adt(event, pid, pv1)).one('Encounter')['id']);
  assert.deepEqual(ids, ['NORTH.V100', 'NORTH.V100', 'NORTH.V100']);
  assert.deepEqual(map(adt('A01', pid, pv1)).resources, map(adt('A01', pid, pv1)).resources);
});

test('a place is a chain of locations, each part of the one before', () => {
  const { all } = map(adt('A01', pid, pv1));
  assert.deepEqual(
    all('Location').map((location) => [
      location['id'],
      location['name'],
      (location['partOf'] as { reference: string } | undefined)?.reference,
    ]),
    [
      ['NORTH', 'NORTH', undefined],
      ['NORTH...3W', '3W', 'Location/NORTH'],
      ['NORTH...3W.12', '3W 12', 'Location/NORTH...3W'],
      ['NORTH...3W.12.B', '3W 12 B', 'Location/NORTH...3W.12'],
    ],
  );
});

test('a doctor without an id is a display only', () => {
  const { one, all } = map(adt('A01', pid, `PV1|1|I|||||^House^Greg${'|'.repeat(12)}V1`));
  assert.equal(all('Practitioner').length, 0);
  assert.deepEqual((one('Encounter')['participant'] as { individual: object }[])[0]?.individual, {
    display: 'Greg House',
  });
});

test('references to what has no key are left out', () => {
  const { all, mapped } = map(oru(obr, 'OBX|1|NM|X^Y||1').replace(pid, 'PID|1||||Doe'));
  assert.equal(mapped.drafts.find((draft) => draft.type === 'Patient')?.key, undefined);
  assert.equal(all('Patient').length, 0);
  assert.equal(all('Observation')[0]?.['subject'], undefined);
});

test('equal observations of one order are counted', () => {
  const { all } = map(oru(obr, 'OBX|1|NM|X^Y||1', 'OBX|2|NM|X^Y||2', 'OBX|3|NM|X^Y|1|3'));
  assert.equal(new Set(all('Observation').map((observation) => observation['id'])).size, 3);
});

const facts: readonly (readonly [name: string, message: string, tenant: TenantSettings, facts: object[]])[] = [
  [
    'A40',
    adt('A40', pid, 'MRG|99^^^NORTH^MR'),
    plain,
    [{ kind: 'merge', type: 'Patient', source: ['NORTH', '99'], target: ['NORTH', '12345'] }],
  ],
  [
    'A40, a bare prior number',
    adt('A40', pid, 'MRG|99'),
    plain,
    [{ kind: 'merge', type: 'Patient', source: ['NORTH', '99'], target: ['NORTH', '12345'] }],
  ],
  [
    'A40, two pairs',
    adt('A40', pid, 'MRG|99^^^NORTH^MR', 'PID|2||22^^^NORTH^MR||Roe', 'MRG|98^^^NORTH^MR'),
    plain,
    [
      { kind: 'merge', type: 'Patient', source: ['NORTH', '99'], target: ['NORTH', '12345'] },
      { kind: 'merge', type: 'Patient', source: ['NORTH', '98'], target: ['NORTH', '22'] },
    ],
  ],
  [
    'A40, numbers of two authorities',
    adt('A40', 'PID|1||1^^^NORTH^MR~2^^^SOUTH^MR||Doe', 'MRG|8^^^SOUTH~9^^^NORTH'),
    listed,
    [
      { kind: 'merge', type: 'Patient', source: ['NORTH', '9'], target: ['NORTH', '1'] },
      { kind: 'merge', type: 'Patient', source: ['SOUTH', '8'], target: ['SOUTH', '2'] },
    ],
  ],
  ['A40 of a number with itself', adt('A40', pid, 'MRG|12345^^^NORTH^MR'), plain, []],
  [
    'A34',
    adt('A34', pid, 'MRG|99^^^NORTH^MR'),
    plain,
    [{ kind: 'merge', type: 'Patient', source: ['NORTH', '99'], target: ['NORTH', '12345'] }],
  ],
  [
    'A18',
    adt('A18', pid, 'MRG|99^^^NORTH^MR'),
    plain,
    [{ kind: 'merge', type: 'Patient', source: ['NORTH', '99'], target: ['NORTH', '12345'] }],
  ],
  [
    'A41',
    adt('A41', `${pid}${'|'.repeat(13)}ACC2`, 'MRG|||ACC1'),
    plain,
    [{ kind: 'merge', type: 'Account', source: ['', 'ACC1'], target: ['', 'ACC2'] }],
  ],
  [
    'A42',
    adt('A42', pid, 'MRG|||||V99^^^NORTH', pv1),
    plain,
    [{ kind: 'merge', type: 'Encounter', source: ['NORTH', 'V99'], target: ['NORTH', 'V100'] }],
  ],
  [
    'A45',
    adt('A45', pid, 'MRG|99^^^NORTH^MR||||V100^^^NORTH', pv1),
    plain,
    [{ kind: 'move', type: 'Encounter', moved: ['NORTH', 'V100'], from: ['NORTH', '99'], to: ['NORTH', '12345'] }],
  ],
  [
    'A24',
    adt('A24', pid, 'PID|2||22^^^NORTH^MR||Roe'),
    plain,
    [{ kind: 'link', type: 'Patient', a: ['NORTH', '12345'], b: ['NORTH', '22'], linked: true }],
  ],
  [
    'A37',
    adt('A37', pid, 'PID|2||22^^^NORTH^MR||Roe'),
    plain,
    [{ kind: 'link', type: 'Patient', a: ['NORTH', '12345'], b: ['NORTH', '22'], linked: false }],
  ],
];

for (const [name, message, tenant, expected] of facts) {
  test(`identity fact: ${name}`, () => {
    const { mapped } = map(message, { tenant });
    assert.equal(mapped.outcome, 'mapped');
    assert.deepEqual(mapped.facts, expected);
  });
}
