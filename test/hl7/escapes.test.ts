import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Delimiters, defaultDelimiters } from '../../src/hl7/delimiters.js';
import { escapeText, unescapeText } from '../../src/hl7/escapes.js';

test('escape sequences', () => {
  const table: [string, string][] = [
    ['plain', 'plain'],
    ['\\F\\\\S\\\\T\\\\R\\\\E\\\\P\\', '|^&~\\#'],
    ['a\\X0D0A\\b', 'a\r\nb'],
    ['\\XC3A4\\', 'ä'],
    ['\\XE4\\', 'ä'],
    ['\\X4\\', '\\X4\\'],
    ['\\XZZ\\', '\\XZZ\\'],
    ['\\X\\', '\\X\\'],
    ['a\\.br\\b', 'a\nb'],
    ['a\\.BR\\b', 'a\nb'],
    ['a\\.sp\\b', 'a\nb'],
    ['a\\.sp 3\\b', 'a\n\n\nb'],
    ['a\\.sp+2\\b', 'a\n\nb'],
    ['a\\.sk 3\\b', 'a   b'],
    ['\\.in+4\\a\\.ti-2\\b\\.fi\\c\\.nf\\d', 'abcd'],
    ['a\\.ce\\b', 'a\nb'],
    ['a\\.zz\\b', 'a\\.zz\\b'],
    ['\\H\\bold\\N\\', 'bold'],
    ['\\C2842\\a', 'a'],
    ['\\M2442\\a\\M244228\\b', 'ab'],
    ['\\C28\\', '\\C28\\'],
    ['\\Zlocal\\', '\\Zlocal\\'],
    ['\\', '\\'],
    ['C:\\temp', 'C:\\temp'],
    ['C:\\temp\\T\\x', 'C:\\temp&x'],
    ['\\\\', '\\\\'],
    ['5\\E\\F\\E\\', '5\\F\\'],
    ['f\\f\\', 'f\\f\\'],
  ];
  for (const [text, meaning] of table) assert.equal(unescapeText(text, defaultDelimiters), meaning, text);
});

test('\\Xhh\\ is decoded by the character set that is handed in', () => {
  const greek = new TextDecoder('iso-8859-7');
  assert.equal(
    unescapeText('\\XE1\\', defaultDelimiters, (bytes) => greek.decode(bytes)),
    'α',
  );
});

test('without an escape character nothing is replaced', () => {
  const none: Delimiters = { ...defaultDelimiters, escape: -1 };
  assert.equal(unescapeText('a\\F\\b', none), 'a\\F\\b');
  assert.equal(escapeText('a|b', none), 'a|b');
});

test('escaping leaves no delimiter, no control character, and can be undone', () => {
  const sets: Delimiters[] = [
    defaultDelimiters,
    { field: 0x23, component: 0x2a, repetition: 0x21, escape: 0x2f, subcomponent: 0x3f, truncation: 0x40 },
  ];
  const piece = fc.constantFrom(
    '|',
    '^',
    '~',
    '\\',
    '&',
    '#',
    '/',
    '*',
    'F',
    'X41',
    '.br',
    '\n',
    '\r',
    '\t',
    'ä',
    '😀',
    'a',
    ' ',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom(...sets), (text, delimiters) => {
      const written = escapeText(text, delimiters);
      assert.equal(unescapeText(written, delimiters), text);
      for (const code of [delimiters.field, delimiters.component, delimiters.repetition, delimiters.subcomponent]) {
        assert.ok(!written.includes(String.fromCharCode(code)));
      }
      for (const character of written) assert.ok(character >= ' ');
    }),
  );
});
