import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stamp } from '../../src/core/stamp.js';
import { type Contribution, contributionsOf, type Names } from '../../src/engine/contribution.js';
import { type ClassMember, identityClass } from '../../src/engine/identity-class.js';
import { join } from '../../src/engine/registers.js';
import type { IdentityFact } from '../../src/mapping/draft.js';

const names: Names = {
  idOf: (_type, parts) => parts.join('-'),
  restOf: () => '',
  rankOf: (_type, [authority]) => (authority === 'SECOND' ? 1 : 0),
};
const at = (time: number): Stamp => ({
  authority: 50,
  time,
  sequence: { arrival: time, run: 1, number: time },
  mappingVersion: 1,
});
const link = (a: string, b: string, linked = true): IdentityFact => ({
  kind: 'link',
  type: 'Patient',
  a: [a],
  b: [b],
  linked,
});
const merge = (source: string, target: string): IdentityFact => ({
  kind: 'merge',
  type: 'Patient',
  source: [source],
  target: [target],
});

const cases: { name: string; said: [number, IdentityFact][]; of: string; standing: string[]; merged: string[] }[] = [
  { name: 'nothing said', said: [], of: 'a', standing: ['a'], merged: [] },
  { name: 'two identifiers in one PID', said: [[1, link('b', 'a')]], of: 'b', standing: ['a', 'b'], merged: [] },
  {
    name: 'the tenant ranks authorities',
    said: [[1, link('SECOND', 'z')]],
    of: 'z',
    standing: ['z', 'SECOND'],
    merged: [],
  },
  {
    name: 'links reach over a third',
    said: [
      [1, link('a', 'b')],
      [2, link('b', 'c')],
    ],
    of: 'c',
    standing: ['a', 'b', 'c'],
    merged: [],
  },
  {
    name: 'unlinked',
    said: [
      [1, link('a', 'b')],
      [2, link('a', 'b', false)],
    ],
    of: 'a',
    standing: ['a'],
    merged: [],
  },
  {
    name: 'linked again later',
    said: [
      [1, link('a', 'b')],
      [2, link('a', 'b', false)],
      [3, link('a', 'b')],
    ],
    of: 'a',
    standing: ['a', 'b'],
    merged: [],
  },
  { name: 'merged', said: [[1, merge('a', 'b')]], of: 'a', standing: ['b'], merged: ['a'] },
  {
    name: 'per source the newest merge counts',
    said: [
      [1, merge('a', 'b')],
      [2, merge('a', 'c')],
    ],
    of: 'a',
    standing: ['c'],
    merged: ['a'],
  },
  {
    name: 'a chain of merges',
    said: [
      [1, merge('a', 'b')],
      [2, merge('b', 'c')],
    ],
    of: 'a',
    standing: ['c'],
    merged: ['a', 'b'],
  },
  {
    name: 'in a cycle the oldest edge is dropped',
    said: [
      [1, merge('a', 'b')],
      [2, merge('b', 'a')],
    ],
    of: 'a',
    standing: ['a'],
    merged: ['b'],
  },
  {
    name: 'an unlink takes a merge back',
    said: [
      [1, merge('a', 'b')],
      [2, link('a', 'b', false)],
    ],
    of: 'a',
    standing: ['a'],
    merged: [],
  },
];

for (const { name, said, of, standing, merged } of cases) {
  test(`identity: ${name}, in either order`, () => {
    for (const order of [said, [...said].reverse()]) {
      const found = identityClass(of, membersAfter(order, of));
      assert.deepEqual(found.standing, standing);
      assert.deepEqual(found.merged, merged);
      assert.deepEqual(found.ids, [...standing, ...merged].sort());
    }
  });
}

function membersAfter(said: readonly [number, IdentityFact][], start: string): Map<string, ClassMember> {
  const members = new Map<string, ClassMember>([
    [start, { id: start, rank: names.rankOf('Patient', [start]), registers: new Map() }],
  ]);
  for (const [time, fact] of said) {
    for (const contribution of contributionsOf([], [fact], { sender: 'ADT|N', stamp: at(time) }, names))
      take(members, contribution);
  }
  return members;
}

function take(members: Map<string, ClassMember>, { id, rank, registers }: Contribution): void {
  const member = members.get(id) ?? { id, rank, registers: new Map() };
  members.set(id, member);
  join(member.registers, registers);
}
