import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { runCase } from '../../src/engine/mapping-tests.js';
import { readCases } from '../../src/mapping/test-cases.js';
import { mappingFiles, projectMapping } from './mapped.js';

const { cases, problems } = readCases(mappingFiles());

describe('cases beside the rules', () => {
  for (const one of cases) {
    it(`${one.map ?? one.table ?? 'message'}: ${one.name} (${one.place.file}:${one.place.line})`, () => {
      const { fault, differences } = runCase(projectMapping(), one);
      assert.deepEqual({ fault, differences }, { fault: '', differences: [] });
    });
  }
});

test('the cases can be read, and nearly every data type map and table has one', (t) => {
  assert.deepEqual(problems, []);
  const { values, resources, tables } = projectMapping().common.parts;
  const all = [...values.keys(), ...resources.keys(), ...tables.keys()];
  const named = new Set(cases.flatMap(({ map, table }) => [map, table]));
  const without = all.filter((name) => !named.has(name));
  if (without.length > 0) t.diagnostic(`without a case: ${without.join(', ')}`);
  assert.ok(
    without.length <= all.length / 10,
    `${without.length} of ${all.length} have no case: ${without.join(', ')}`,
  );
});
