import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/core/json.js';
import type { Stamp } from '../../src/core/stamp.js';
import { composeAlone } from '../../src/engine/compose-document.js';
import { composeElements } from '../../src/engine/compose-elements.js';
import { decodeState, encodeState } from '../../src/engine/document-state.js';
import { printKey, type RegisterKey } from '../../src/engine/register-key.js';
import { join, type Register, type Registers } from '../../src/engine/registers.js';

const stamps: fc.Arbitrary<Stamp> = fc
  .tuple(
    fc.constantFrom(0, 20, 50),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([authority, time, arrival, number]) => ({
    authority,
    time,
    sequence: { arrival, run: 1, number },
    mappingVersion: 1,
  }));
const keys: fc.Arbitrary<RegisterKey> = fc.oneof(
  fc.constantFrom<RegisterKey>(
    { kind: 'single', path: 'gender' },
    { kind: 'single', path: 'maritalStatus' },
    { kind: 'present', sender: 'ADT|N', map: 'PID[Patient]' },
    { kind: 'list', path: 'telecom', sender: 'ADT|N', rule: 'PID[Patient]/PID-13' },
    { kind: 'list', path: 'telecom', sender: 'ADT|N', rule: 'PID[Patient]/PID-14' },
    { kind: 'item', path: 'contact', sender: 'LAB|N', rule: 'NK1[Patient]/NK1', item: '1' },
  ),
);
const contributions = fc
  .array(fc.tuple(keys, fc.constantFrom('a', 'b', null), stamps), { maxLength: 4 })
  .map(
    (entries) =>
      new Map(
        entries.map(([key, value, stamp]): [string, Register] => [
          printKey(key),
          { value: valueFor(key, value), stamp },
        ]),
      ),
  );

function valueFor(key: RegisterKey, value: string | null): Json {
  if (value === null) return null;
  if (key.kind === 'list') return [{ value }];
  if (key.kind === 'item') return { name: { text: value } };
  if (key.kind === 'present') return true;
  return value;
}

function joined(parts: readonly Map<string, Register>[]): Registers {
  const registers: Registers = new Map();
  for (const part of parts) join(registers, part);
  return registers;
}

function sorted(registers: Registers): [string, Register][] {
  return [...registers].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('joining is the same in every order and however often', () => {
  fc.assert(
    fc.property(fc.array(contributions, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (parts, random) => {
      const shuffled = parts
        .flatMap((part) => [part, part])
        .map((part) => ({ part, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ part }) => part);
      assert.deepEqual(sorted(joined(shuffled)), sorted(joined(parts)));
    }),
  );
});

const competing: readonly RegisterKey[] = [
  { kind: 'gone' },
  { kind: 'present', sender: 'ADT|N', map: 'PV1[Encounter]' },
  { kind: 'present', sender: 'LAB|N', map: 'PV1[Encounter]' },
  { kind: 'single', path: 'value[x]' },
  { kind: 'single', path: 'dataAbsentReason' },
  { kind: 'list', path: 'identifier', sender: 'ADT|N', rule: 'PV1[Encounter]/PV1-19' },
  { kind: 'list', path: 'identifier', sender: 'LAB|N', rule: 'PV1[Encounter]/PV1-19' },
  { kind: 'item', path: 'participant', sender: 'ADT|N', rule: 'PV1[Encounter]/PV1-7', item: '1' },
  { kind: 'item', path: 'participant', sender: 'LAB|N', rule: 'PV1[Encounter]/PV1-7', item: '1' },
  { kind: 'visit', fact: 'place', sender: 'ADT|N', event: 'A02', at: '3' },
  { kind: 'visit', fact: 'place', sender: 'ADT|N', event: 'A02', at: '7' },
  { kind: 'visit', fact: 'place', sender: 'LAB|N', event: 'update', at: '' },
  { kind: 'visit', fact: 'state', sender: 'ADT|N', event: 'A03', at: '7' },
  { kind: 'visit', fact: 'state', sender: 'ADT|N', event: 'update', at: '' },
  { kind: 'visit', fact: 'cancel', sender: 'ADT|N', event: 'A12', at: '9' },
];

/** Values of which the stamp decides whether, or which, is shown. */
function competingValue(key: RegisterKey): Json {
  if (key.kind === 'gone' || key.kind === 'present') return true;
  if (key.kind === 'list') return [{ system: 's', value: '1', use: key.sender === 'LAB|N' ? 'official' : 'usual' }];
  if (key.kind === 'item') return { individual: { display: key.sender } };
  if (key.kind !== 'visit') return 'said';
  if (key.fact === 'cancel') return { c: ['A02'], n: true };
  const value = key.fact === 'state' ? (key.event === 'A03' ? 'finished' : 'in-progress') : { display: key.sender };
  return key.event === 'update' ? { u: true, v: value } : { a: Number(key.at), v: value };
}

test('a repetition that leaves registers alike shows the same, whatever it repeats', () => {
  const said = (times: fc.Arbitrary<number>): fc.Arbitrary<Map<string, Register>> =>
    fc
      .tuple(fc.uniqueArray(fc.nat(competing.length - 1)), times, fc.constantFrom(20, 50))
      .map(
        ([places, time, authority]) =>
          new Map(
            competing
              .filter((_, at) => places.includes(at))
              .map((key): [string, Register] => [
                printKey(key),
                { value: competingValue(key), stamp: stamp(authority, time) },
              ]),
          ),
      );
  let [spared, shownAnew] = [0, 0];
  const parts = fc.array(said(fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(parts, said(fc.integer({ min: 1, max: 8 })), fc.boolean(), (before, another, same) => {
      const registers = joined(before);
      const last = before.at(-1) ?? new Map<string, Register>();
      const newer = [...last].map(
        ([
          name,
          {
            value,
            stamp: { authority },
          },
        ]): [string, Register] => [name, { value, stamp: stamp(authority, 8) }],
      );
      const show = (): Json[] =>
        ['Encounter', 'Observation'].map((type) => composeAlone(type, 'x', registers).resource);
      const shown = show();
      const { alike, touched } = join(registers, same ? new Map(newer) : another);
      if (alike) {
        assert.deepEqual(show(), shown);
        if (touched.length > 0) spared++;
      } else if (touched.length > 0 && JSON.stringify(show()) !== JSON.stringify(shown)) shownAnew++;
    }),
    { numRuns: 2000 },
  );
  assert.ok(spared > 50, `only ${spared} repetitions were spared`);
  assert.ok(shownAnew > 50, `only ${shownAnew} showed something else`);
});

test('a state reads back as it was written, beside the resource that it shows', () => {
  fc.assert(
    fc.property(fc.array(contributions, { maxLength: 5 }), (parts) => {
      const registers = joined(parts);
      const resource: JsonObject = { resourceType: 'Patient', id: 'p', ...composeElements('Patient', registers) };
      const state = JSON.parse(
        JSON.stringify(encodeState({ registers, rank: 3, regroup: true }, resource)),
      ) as JsonObject;
      const read = decodeState(state, resource);
      assert.deepEqual(sorted(read.registers), sorted(registers));
      assert.equal(read.rank, 3);
      assert.equal(read.regroup, true);
    }),
  );
});

test('a state of a newer format is refused by name', () => {
  assert.throws(() => decodeState({ f: 99 }, null), { code: 'format-too-new' });
  assert.throws(() => decodeState({ f: 1 }, null), { code: 'document-unreadable' });
});

const stamp = (authority: number, time: number): Stamp => ({
  authority,
  time,
  sequence: { arrival: time, run: 1, number: time },
  mappingVersion: 1,
});
const list = (sender: string, rule: string, value: Json, at: Stamp): [string, Register] => [
  printKey({ kind: 'list', path: 'telecom', sender, rule }),
  { value, stamp: at },
];

test('lists: each rule of each sender owns its part', async (t) => {
  const shown = (...entries: [string, Register][]): Json | undefined =>
    composeElements('Patient', joined(entries.map((entry) => new Map([entry]))))['telecom'];
  await t.test('home and work phone stand side by side', () => {
    assert.deepEqual(
      shown(
        list('ADT|N', 'PID[Patient]/PID-13', [{ value: 'home' }], stamp(50, 1)),
        list('ADT|N', 'PID[Patient]/PID-14', [{ value: 'work' }], stamp(50, 2)),
      ),
      [{ value: 'home' }, { value: 'work' }],
    );
  });
  await t.test('a later list of the same rule replaces the earlier one', () => {
    assert.deepEqual(
      shown(
        list('ADT|N', 'PID[Patient]/PID-13', [{ value: 'new' }], stamp(50, 2)),
        list('ADT|N', 'PID[Patient]/PID-13', [{ value: 'old' }, { value: 'older' }], stamp(50, 1)),
      ),
      [{ value: 'new' }],
    );
  });
  await t.test("a lab's stale phone does not stand beside the admission's", () => {
    assert.deepEqual(
      shown(
        list('LAB|N', 'PID[Patient]/PID-13', [{ value: 'stale' }], stamp(20, 9)),
        list('ADT|N', 'PID[Patient]/PID-13', [{ value: 'right' }], stamp(50, 1)),
      ),
      [{ value: 'right' }],
    );
  });
  await t.test('an item said by two senders shows the newest content and stays while one says so', () => {
    const item = (sender: string, value: Json, at: Stamp): [string, Register] => [
      printKey({ kind: 'item', path: 'contact', sender, rule: 'NK1[Patient]/NK1', item: 'anna' }),
      { value, stamp: at },
    ];
    const a = item('A|N', { name: { text: 'Anna' } }, stamp(50, 1));
    const b = item('B|N', { name: { text: 'Anna B' } }, stamp(50, 2));
    const gone = item('B|N', null, stamp(50, 3));
    const contact = (...entries: [string, Register][]): Json | undefined =>
      composeElements('Patient', joined(entries.map((entry) => new Map([entry]))))['contact'];
    assert.deepEqual(contact(a, b), [{ name: { text: 'Anna B' } }]);
    assert.deepEqual(contact(gone, b, a), [{ name: { text: 'Anna' } }]);
  });
});

test('a result that was absent and came shows its value, and the other way round, in every order', () => {
  const value: [string, Register] = ['value[x]', { value: { valueString: 'negative' }, stamp: stamp(20, 2) }];
  const absent = (time: number): [string, Register] => [
    'dataAbsentReason',
    { value: { text: 'not done' }, stamp: stamp(20, time) },
  ];
  const shown = (...entries: [string, Register][]): JsonObject =>
    composeElements('Observation', joined(entries.map((entry) => new Map([entry]))));
  for (const order of [
    [value, absent(1)],
    [absent(1), value],
  ])
    assert.deepEqual(shown(...order), { valueString: 'negative' });
  for (const order of [
    [value, absent(3)],
    [absent(3), value],
  ]) {
    assert.deepEqual(shown(...order), { dataAbsentReason: { text: 'not done' } });
  }
});
