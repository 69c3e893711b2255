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

test('the cases can be read, and every data type map and table has one', () => {
  assert.deepEqual(problems, []);
  const { values, resources, tables } = projectMapping().common.parts;
  const named = new Set(cases.flatMap(({ map, table }) => [map, table]));
  const without = [...values.keys(), ...resources.keys(), ...tables.keys()].filter((name) => !named.has(name));
  assert.deepEqual(without, []);
});
