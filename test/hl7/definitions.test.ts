import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { definitionTable } from '../../scripts/hl7-definition-table.js';
import { definedSegment, definedType, labelOf, partsOf } from '../../src/hl7/definitions.js';
import { loadDictionary } from '../../src/hl7/dictionary.js';

test('the table of definitions is what the dictionary gives', async () => {
  const made = definitionTable(await loadDictionary());
  assert.equal(
    readFileSync('src/hl7/definition-table.ts', 'utf8'),
    made,
    'run node dist/scripts/distil-hl7-definitions.js',
  );
});

test('a field has the types of all versions, the newest first, and the longest definition counts', () => {
  assert.deepEqual(definedSegment('PID')?.parts[7], { name: 'Administrative Sex', types: ['CWE', 'IS', 'ID'] });
  assert.equal(definedSegment('PID')?.parts.length, 40);
  assert.equal(definedSegment('ZPI'), undefined);
  assert.equal(definedType('TS')?.parts.length, 2);
  assert.equal(definedType('ST')?.parts.length, 0);
});

test('parts are those of every type; anything may stand in VARIES', () => {
  assert.equal(partsOf(['CWE', 'CE', 'ID'])?.length, 22);
  assert.equal(partsOf(['ST'])?.length, 0);
  assert.equal(partsOf(['VARIES', 'ST']), undefined);
  assert.equal(partsOf(['CM']), undefined);
});

test('places have the names of the standard', () => {
  const names: readonly (readonly [at: readonly [string, number, ...number[]], label: string])[] = [
    [['PID', 5], 'Patient Name'],
    [['PID', 5, 1], 'Patient Name, Family Name'],
    [['PID', 5, 1, 1], 'Patient Name, Family Name, Surname'],
    [['OBX', 5, 3], 'Observation Value'],
    [['PID', 7, 1], 'Date/Time of Birth, Time'],
    [['PID', 99], ''],
    [['ZPI', 1], ''],
  ];
  for (const [at, label] of names) assert.equal(labelOf(...at), label);
});
