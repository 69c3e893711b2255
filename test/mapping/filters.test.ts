/** Filters: what keeps a message from being applied, and segments that stand in repeating groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adt, compiledWith, map, oru, pid } from './mapped.js';

/** The filter that keeps a message out, with this condition in a site layer; '' where none does. */
function filteredBy(when: string, message: string): string {
  const layer = `layer: site\nfilters:\n  - { id: unwanted, when: '${when}' }\n`;
  const { mapped } = map(message, {}, compiledWith({ 'mappings/layers/site/north.yaml': layer }));
  return mapped.outcome === 'filtered' ? mapped.reason : '';
}

const obr = 'OBR|1||F1^LAB|CMP^Panel^L';
const testPatient = 'PID|1||9^^^NORTH^MR||ZZTEST^Ann';

const cases: readonly (readonly [name: string, when: string, message: string, filtered: boolean])[] = [
  ['a patient who stands at the top', 'PID-5.1.1 STARTS WITH "ZZ"', adt('A01', testPatient), true],
  ['a patient within a repeating group', 'PID-5.1.1 STARTS WITH "ZZ"', oru(obr).replace(pid, testPatient), true],
  ['another patient', 'PID-5.1.1 STARTS WITH "ZZ"', oru(obr), false],
  ['one unwanted patient of two', 'PID-5.1.1 STARTS WITH "ZZ"', oru(obr, testPatient, obr), false],
  ['two unwanted patients', 'PID-5.1.1 STARTS WITH "ZZ"', oru(obr, testPatient, obr).replace(pid, testPatient), true],
  ['the only order', 'OBR-4.1 EQUALS "CMP"', oru(obr), true],
  ['one order of two', 'OBR-4.1 EQUALS "CMP"', oru(obr, 'OBR|2||F2^LAB|CBC^Count^L'), false],
  ['every result', 'OBX-11 IN ("I", "O")', oru(obr, 'OBX|1|NM|A^A^L||||||||I', 'OBX|2|NM|B^B^L||||||||O'), true],
  ['one result of two', 'OBX-11 EQUALS "I"', oru(obr, 'OBX|1|NM|A^A^L||||||||I', 'OBX|2|NM|B^B^L||1||||||F'), false],
  ['results of an order', 'OBR-4.1 EQUALS "CMP" AND OBX-11 EQUALS "I"', oru(obr, 'OBX|1|NM|A^A^L||||||||I'), true],
  ['a patient and the header', 'MSH-4 EQUALS "NORTH" AND PID-5.1.1 EQUALS "Doe"', oru(obr), true],
  ['a segment that is not there', 'OBX NOT VALUED', oru(obr), true],
  ['a segment that is', 'OBX NOT VALUED', oru(obr, 'OBX|1|NM|A^A^L||1||||||F'), false],
  ['a value that no order has', 'OBR-25 NOT VALUED', oru(obr), true],
  ['a group by its name', 'PATIENT.PID-5.1.1 EQUALS "Doe"', oru(obr), true],
];

for (const [name, when, message, filtered] of cases) {
  test(`a filter on ${name} ${filtered ? 'keeps the message out' : 'does not hold'}`, () => {
    assert.equal(filteredBy(when, message), filtered ? 'unwanted' : '');
  });
}
