import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalJson,
  equalJson,
  type Json,
  type JsonObject,
  resourceTexts,
  sharedJson,
} from '../../src/core/json.js';

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

const object = fc.dictionary(fc.string({ maxLength: 3 }), json, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;

test('the texts of a resource are those of its JSON, whether parts of it were printed before or not', () => {
  fc.assert(
    fc.property(object, object, (a, b) => {
      const both = { ...a, ...b };
      for (const one of [a, both, b, both]) {
        assert.equal(resourceTexts.plain(one), JSON.stringify(one));
        assert.equal(resourceTexts.canonical(one), canonicalJson(one));
      }
    }),
  );
});

test('a value that shares its equal members with one before is equal to itself, and that one where all are equal', () => {
  fc.assert(
    fc.property(object, object, (a, b) => {
      const after = { ...a, ...b };
      const shared = sharedJson(a, structuredClone(after));
      assert.ok(equalJson(shared, after));
      assert.equal(shared === a, equalJson(a, after));
      for (const name in a) if (!(name in b)) assert.equal(shared[name], a[name]);
      assert.equal(sharedJson(a, structuredClone(a)), a);
      assert.notEqual(sharedJson({ ...a, 'not there': 1 }, a), a);
    }),
  );
});
