import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/core/json.js';
import type { Stamp } from '../../src/core/stamp.js';
import { composeAlone } from '../../src/engine/compose-document.js';
import { type Contribution, contributionsOf, type Names } from '../../src/engine/contribution.js';
import { join, type Registers } from '../../src/engine/registers.js';
import type { Draft, VisitStatement } from '../../src/mapping/draft.js';

const names: Names = { idOf: (type, parts) => `${type}-${parts.join('-')}`, restOf: () => '', rankOf: () => 0 };
const hour = 3_600_000;

interface Said {
  readonly event: string;
  /** Hours; event time and occurrence. */
  readonly at: number;
  readonly place?: string;
  readonly state?: string;
  readonly cancels?: readonly string[];
  readonly newest?: boolean;
  readonly authority?: number;
  readonly update?: boolean;
  readonly class?: JsonObject;
  readonly type?: Json[];
}

function contributionOf(said: Said): Contribution {
  const at = said.at * hour;
  const stamp: Stamp = {
    authority: said.authority ?? 50,
    time: at,
    sequence: { arrival: at, run: 1, number: said.at },
    mappingVersion: 1,
  };
  const about = { event: said.event, update: said.update ?? false, at, atText: `T${said.at}` };
  const visit: VisitStatement[] = [];
  if (said.state !== undefined) visit.push({ kind: 'state', value: said.state, ...about });
  if (said.place !== undefined) visit.push({ kind: 'place', value: place(said.place), ...about });
  if (said.class !== undefined) visit.push({ kind: 'class', value: said.class, ...about });
  if (said.cancels !== undefined) {
    visit.push({
      kind: 'cancel',
      event: said.event,
      cancels: said.cancels,
      newest: said.newest ?? false,
      at: undefined,
    });
  }
  const draft: Draft = {
    type: 'Encounter',
    label: 'visit',
    key: { patient: undefined, parts: ['v1'], also: [] },
    elements:
      said.type === undefined
        ? []
        : [{ rule: 'Encounter/type', item: '', kind: 'list' as const, path: 'type', value: said.type }],
    visit,
    deleted: false,
    shared: false,
    referrers: [],
  };
  const sender = said.authority === 20 ? 'LAB|N' : 'ADT|N';
  const [contribution] = contributionsOf([{ draft, id: 'e' }], [], { sender, stamp }, names);
  assert.ok(contribution);
  return contribution;
}

function place(name: string): JsonObject {
  return { location: { display: name } };
}

function encounter(said: readonly Said[]): JsonObject {
  const registers: Registers = new Map();
  for (const one of said) join(registers, contributionOf(one).registers);
  const { resource } = composeAlone('Encounter', 'e', registers);
  assert.ok(resource);
  return resource;
}

function stays(resource: JsonObject): Json[] {
  const locations = (resource['location'] ?? []) as {
    location: { display: string };
    period?: { start?: string; end?: string };
  }[];
  return locations.map(({ location, period }) => `${location.display} ${period?.start ?? ''}-${period?.end ?? ''}`);
}

const admit: Said = { event: 'A01', at: 1, state: 'in-progress', place: 'ER' };
const transfer: Said = { event: 'A02', at: 3, place: 'Ward' };
const discharge: Said = { event: 'A03', at: 9, state: 'finished', place: 'Ward' };

const cases: { name: string; said: Said[]; status: string; stays: string[]; end?: string; start?: string }[] = [
  { name: 'an admission', said: [admit], status: 'in-progress', stays: ['ER T1-'], start: 'T1' },
  { name: 'a transfer', said: [admit, transfer], status: 'in-progress', stays: ['Ward T3-', 'ER T1-T3'] },
  {
    name: 'a late transfer shortens the neighbouring stay',
    said: [admit, transfer, { event: 'A02', at: 2, place: 'CT' }],
    status: 'in-progress',
    stays: ['Ward T3-', 'CT T2-T3', 'ER T1-T2'],
  },
  {
    name: 'a discharge ends the visit and its last stay',
    said: [admit, transfer, discharge],
    status: 'finished',
    stays: ['Ward T3-T9', 'ER T1-T3'],
    end: 'T9',
  },
  {
    name: 'a cancelled discharge (A13 without PV1-45) opens the visit again',
    said: [admit, discharge, { event: 'A13', at: 10, cancels: ['A03'] }],
    status: 'in-progress',
    stays: ['ER T1-'],
  },
  {
    name: 'a cancelled admission is not left as an admission',
    said: [admit, { event: 'A11', at: 4, state: 'cancelled', cancels: ['A01', 'A04'] }],
    status: 'cancelled',
    stays: [],
  },
  {
    name: 'a cancelled admission shows no place, though the cancel names one',
    said: [
      admit,
      { event: 'A11', at: 4, update: true, place: 'ER' },
      { event: 'A11', at: 4, state: 'cancelled', cancels: ['A01'] },
    ],
    status: 'cancelled',
    stays: [],
  },
  {
    name: 'an update after a cancelled admission revives nothing',
    said: [
      admit,
      { event: 'A11', at: 4, state: 'cancelled', cancels: ['A01'] },
      { event: 'A08', at: 5, update: true, state: 'in-progress' },
    ],
    status: 'cancelled',
    stays: [],
  },
  {
    name: 'a cancelled transfer takes back the newest one only',
    said: [
      admit,
      { event: 'A02', at: 2, place: 'CT' },
      transfer,
      { event: 'A12', at: 4, cancels: ['A02'], newest: true },
    ],
    status: 'in-progress',
    stays: ['CT T2-', 'ER T1-T2'],
  },
  {
    name: 'a result with a stale place and state changes nothing after the discharge',
    said: [admit, discharge, { event: 'R01', at: 20, authority: 20, update: true, state: 'in-progress', place: 'ER' }],
    status: 'finished',
    stays: ['Ward T9-T9', 'ER T1-T9'],
    end: 'T9',
  },
  {
    name: 'a result alone makes the visit known',
    said: [{ event: 'R01', at: 20, authority: 20, update: true, state: 'in-progress', place: 'ER' }],
    status: 'in-progress',
    stays: ['ER -'],
  },
  {
    name: 'a planned visit has no start until it begins',
    said: [{ event: 'A05', at: 1, state: 'planned', place: 'Ward' }],
    status: 'planned',
    stays: ['Ward -'],
  },
  {
    name: 'an update that names a newer place moves the patient there',
    said: [admit, { event: 'A08', at: 5, update: true, place: 'Ward' }],
    status: 'in-progress',
    stays: ['Ward -', 'ER T1-'],
  },
  {
    name: 'an update that repeats the place changes nothing',
    said: [admit, transfer, { event: 'A08', at: 5, update: true, place: 'Ward' }],
    status: 'in-progress',
    stays: ['Ward T3-', 'ER T1-T3'],
  },
];

for (const { name, said, status, stays: expected, end, start } of cases) {
  test(`visit: ${name}, in every order`, () => {
    const orders = said.length <= 4 ? permutations(said) : [said];
    for (const order of orders) {
      const resource = encounter([...order, ...order]);
      assert.equal(resource['status'], status);
      assert.deepEqual(stays(resource), expected);
      const period = (resource['period'] ?? {}) as { start?: string; end?: string };
      assert.equal(period.end, end);
      if (start !== undefined) assert.equal(period.start, start);
      if (status === 'planned') assert.equal(period.start, undefined);
    }
  });
}

test('a visit of no stated kind shows its class; a kind once stated is not lost to a message that states none', () => {
  const inpatient = { code: 'IMP' };
  assert.deepEqual(encounter([{ event: 'A01', at: 1, class: inpatient }])['type'], [{ coding: [inpatient] }]);
  for (const kindless of [0, 2]) {
    const said: Said[] = [
      { event: 'A01', at: 1, class: inpatient, type: [{ text: 'Emergency' }] },
      { event: 'A08', at: kindless, class: inpatient, update: true },
    ];
    assert.deepEqual(encounter(said)['type'], [{ text: 'Emergency' }]);
  }
});

test('visit: any history ends the same in any order', () => {
  const event = fc.constantFrom<Omit<Said, 'at'>>(
    { event: 'A01', state: 'in-progress', place: 'ER' },
    { event: 'A02', place: 'Ward' },
    { event: 'A02', place: 'CT' },
    { event: 'A03', state: 'finished' },
    { event: 'A08', update: true, state: 'in-progress', place: 'Ward' },
    { event: 'A11', state: 'cancelled', cancels: ['A01', 'A04'] },
    { event: 'A12', cancels: ['A02'], newest: true },
    { event: 'A13', cancels: ['A03'] },
    { event: 'R01', update: true, state: 'in-progress', place: 'Lab', authority: 20 },
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (events, random) => {
      const said = events.map((one, index): Said => ({ ...one, at: index + 1 }));
      const shuffled = said
        .map((one) => ({ one, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);
      assert.deepEqual(encounter(shuffled), encounter(said));
    }),
  );
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
