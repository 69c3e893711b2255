import assert from 'node:assert/strict';
import { it } from 'node:test';
import { searchKind } from '../../src/facade/search-kind.js';

const cases: readonly (readonly [names: string, kind: string])[] = [
  ['', 'other'],
  ['date code', 'other'],
  ['_id', 'id'],
  ['identifier:of-type', 'id'],
  ['patient date', 'patient'],
  ['subject:Patient', 'patient'],
  ['patient _id', 'id'],
  ['family:contains birthdate', 'text'],
  ['patient name', 'patient'],
  ['_cursor', 'page'],
  ['_cursor patient', 'page'],
];
for (const [names, kind] of cases) {
  it(`${names || 'nothing'}: ${kind}`, () => {
    const parameters = names
      .split(' ')
      .filter(Boolean)
      .map((name) => [name, 'x'] as const);
    assert.equal(searchKind(parameters), kind);
  });
}
