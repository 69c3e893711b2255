import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { containsLookup, foldText, gramsOf, longestTail, tailsOf } from '../../src/fhir/search-text.js';

const cases: [string, string][] = [
  ['Müller', 'muller'],
  ['MÜLLER', 'muller'],
  ["O'Brien", 'obrien'],
  ['O’Brien', 'obrien'],
  ['Smith-Jones', 'smith jones'],
  ['  van   der  Berg ', 'van der berg'],
  ['Łukasz Ørsted', 'lukasz orsted'],
  ['Weiß', 'weiss'],
  ['WEISS', 'weiss'],
  ['Þóra Æsir', 'thora aesir'],
  ['İstanbul', 'istanbul'],
  ['ΟΔΟΣ', 'οδοσ'],
  ['山田', '山田'],
  ['ﬁn', 'fin'],
  ['--', '--'],
  [' ', ''],
];
for (const [text, folded] of cases) test(`${text} is folded to ${folded}`, () => assert.equal(foldText(text), folded));

const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.string());

test('folding twice changes nothing', () => {
  fc.assert(
    fc.property(anyText, (text) => assert.equal(foldText(foldText(text)), foldText(text))),
    { numRuns: 2000 },
  );
});

test('the lookup of contains finds every text that holds it, and no other when it is whole', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '山', '𝒳'), maxLength: 50 });
  fc.assert(
    fc.property(letters, letters, (text, part) => {
      if (part === '') return;
      const lookup = containsLookup(part);
      const hit =
        lookup.by === 'gram'
          ? gramsOf(text).includes(part)
          : tailsOf(text).some((tail) => tail.startsWith(lookup.prefix));
      if (text.includes(part)) assert.ok(hit);
      else if (lookup.by === 'gram' || lookup.whole) assert.ok(!hit);
    }),
    { numRuns: 3000 },
  );
  assert.equal(Array.from(tailsOf('x'.repeat(60))[0] ?? '').length, longestTail);
});
