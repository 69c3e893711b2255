import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkCase, checkInput } from './fuzz-check.js';
import { fuzzInput } from './fuzz-input.js';

test('the first numbers of the fuzzer: nothing throws, every result is sound, and all depths are reached', () => {
  const reached = new Set<string>();
  for (let seed = 1; seed <= 4000; seed++) {
    const input = fuzzInput(seed);
    try {
      reached.add(checkInput(input));
    } catch (error) {
      throw new Error(`number ${seed} of the fuzzer, from ${input.from}`, { cause: error });
    }
  }
  for (const depth of ['refused', 'unreadable', 'unmapped', 'mapped', 'validated'])
    assert.ok(reached.has(depth), depth);
});

test('a number makes the same input again', () => {
  for (const seed of [1, 2, 3, 77, 1_000_003]) assert.deepEqual(fuzzInput(seed), fuzzInput(seed));
});

const cases = join('test', 'fuzz', 'cases');
for (const name of existsSync(cases) ? readdirSync(cases).filter((file) => file.endsWith('.hl7')) : []) {
  test(`what once failed: ${name}`, () => {
    checkCase(join(cases, name));
  });
}
