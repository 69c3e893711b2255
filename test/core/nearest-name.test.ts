import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearestName } from '../../src/core/nearest-name.js';

const known = ['port', 'profile', 'tenant', 'listeners'];
const cases: readonly [string, string | undefined][] = [
  ['prot', 'port'],
  ['Listener', 'listeners'],
  ['tennant', 'tenant'],
  ['PROFILE', 'profile'],
  ['zone', undefined],
  ['', undefined],
];
for (const [written, meant] of cases) {
  it(`${written || '(nothing)'} means ${meant ?? 'none of them'}`, () =>
    assert.equal(nearestName(written, known), meant));
}
