import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, equalJson, type Json } from '../../src/core/json.js';

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

test('canonical JSON reads back as the value and does not depend on the order of members', () => {
  fc.assert(
    fc.property(json, (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.equal(canonicalJson({ b: ['', {}, []], 'a"\n': 1 }), canonicalJson({ 'a"\n': 1, b: ['', {}, []] }));
  assert.equal(canonicalJson({ b: ['', {}, []], a: null }), '{"a":null,"b":["",{},[]]}');
});

test('values are equal exactly when their canonical JSON is', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      assert.equal(equalJson(a, b), canonicalJson(a) === canonicalJson(b));
      assert.ok(equalJson(a, JSON.parse(JSON.stringify(a)) as Json));
    }),
  );
  const unlike: [Json, Json][] = [
    [{}, []],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [[1], [1, 2]],
    [null, {}],
    [{ a: null }, {}],
    ['1', 1],
  ];
  for (const [a, b] of unlike) assert.equal(equalJson(a, b), false);
});
