import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileMapping, differenceFromBase, setFor } from '../../src/mapping/compile.js';
import { printProblem } from '../../src/mapping/problem.js';
import { adt, compiledWith, map, mappingFiles, obr, oru, pid, pv1 } from './mapped.js';

const sexed = (sex: string, more = '') => adt('A08', `PID|1||1||Doe|||${sex}`, more).trim();

test("a sender's table adds to the table of that name, for that sender only", () => {
  const mapping = compiledWith({
    'layers/lab.yaml': `
layer: sender
sender: ADT1|NORTH
tables:
  - { table: HL70001.administrative-gender, codes: { "1": male, "2": female } }`,
  });
  assert.equal(map(sexed('2'), {}, mapping).one('Patient')['gender'], 'female');
  assert.equal(map(sexed('M'), {}, mapping).one('Patient')['gender'], 'male');
  assert.equal(map(sexed('2').replace('ADT1', 'ADT2'), {}, mapping).one('Patient')['gender'], undefined);
});

test('override replaces the stated keys only, disable takes a rule out, add brings a Z segment in', () => {
  const mapping = compiledWith({
    'layers/site.yaml': `
layer: site
rules:
  - { override: "PID[Patient]/PID-8", when: PID-8 NOT EQUALS "F" }
  - { disable: "PID[Patient]/PID-5" }
  - { add: "PID[Patient]", id: ZPI-3, from: ZPI-3, to: name.text }`,
  });
  const patient = map(sexed('F', 'ZPI|||Known as'), {}, mapping).one('Patient');
  assert.equal(patient['gender'], undefined);
  assert.deepEqual(patient['name'], [{ text: 'Known as' }]);
  assert.equal(map(sexed('M'), {}, mapping).one('Patient')['gender'], 'male');
  assert.deepEqual(
    differenceFromBase(mapping.common)
      .filter(({ layer }) => layer === 'site')
      .map(({ name, change, layer }) => [name, change, layer]),
    [
      ['PID[Patient]/PID-5', 'disabled', 'site'],
      ['PID[Patient]/PID-8', 'overridden', 'site'],
      ['PID[Patient]/ZPI-3', 'added', 'site'],
    ],
  );
});

test('an override may narrow by event', () => {
  const mapping = compiledWith({
    'layers/site.yaml': 'layer: site\nrules:\n  - { override: "PID[Patient]/PID-8", events: [A04] }',
  });
  assert.equal(map(sexed('F'), {}, mapping).one('Patient')['gender'], undefined);
  assert.equal(map(sexed('F').replaceAll('A08', 'A04'), {}, mapping).one('Patient')['gender'], 'female');
});

test('an override of how a value is made takes the place of the old way', () => {
  const mapping = compiledWith({
    'layers/site.yaml': 'layer: site\nrules:\n  - { override: "PID[Patient]/PID-8", value: unknown }',
  });
  assert.equal(map(sexed('F'), {}, mapping).one('Patient')['gender'], 'unknown');
});

test('layers stack: additions, site, the general sender, the exact one', () => {
  const layer = (kind: string, sender: string, value: string) =>
    `layer: ${kind}\n${sender === '' ? '' : `sender: "${sender}"\n`}rules:\n  - { override: "PID[Patient]/PID-8", value: ${value} }`;
  const mapping = compiledWith({
    'layers/1.yaml': layer('sender', 'ADT1|NORTH', 'male'),
    'layers/2.yaml': layer('sender', '*|NORTH', 'female'),
    'layers/3.yaml': layer('site', '', 'other'),
    'layers/4.yaml': layer('additions', '', 'unknown'),
  });
  const gender = (sender: string) =>
    map(sexed('X').replace('ADT1|NORTH', sender), {}, mapping).one('Patient')['gender'];
  assert.deepEqual(['ADT1|NORTH', 'ADT2|NORTH', 'ADT2|SOUTH'].map(gender), ['male', 'female', 'other']);
  assert.equal(setFor(mapping, 'X|Y'), mapping.common);
});

test('keys of a layer take the place of all ways of their type, and what is printed says so', () => {
  const mapping = compiledWith({
    'layers/site.yaml':
      'layer: site\nkeys:\n  Condition:\n    - { id: DG1-3, patient: true, parts: [{ code: DG1-3 }] }\n    - { id: own, patient: true, parts: [DG1-4] }',
  });
  const keys = mapping.common.statements.filter(({ name }) => name.startsWith('identity/Condition/'));
  assert.deepEqual(keys.map(({ name, change, layer, rule }) => [name, change, layer, rule === undefined]).sort(), [
    ['identity/Condition/DG1-20', 'disabled', 'site', true],
    ['identity/Condition/DG1-3', 'overridden', 'site', false],
    ['identity/Condition/own', 'added', 'site', false],
  ]);
  const { one } = map(adt('A01', pid, pv1, `DG1|1||I10^Hypertension^I10${'|'.repeat(17)}D1`), {}, mapping);
  assert.equal(one('Condition')['id'], 'NORTH.12345.I10_I10');
});

test('a filter of a layer may be narrowed to a message', () => {
  const mapping = compiledWith({
    'site.yaml': 'layer: site\nfilters:\n  - { id: no-results, message: ORU_R01, when: MSH-10 VALUED }',
  });
  assert.equal(map(oru(obr), {}, mapping).mapped.reason, 'no-results');
  assert.equal(map(adt('A01', pid, pv1), {}, mapping).mapped.outcome, 'mapped');
});

test('a filter keeps a message from being applied, and names itself', () => {
  const mapping = compiledWith({
    'layers/site.yaml': `layer: site\nfilters:\n  - { id: training, when: 'MSH-11 EQUALS "T"' }`,
  });
  const { mapped } = map(adt('A08', pid).replace('|P|2.5', '|T|2.5'), {}, mapping);
  assert.deepEqual([mapped.outcome, mapped.reason, mapped.drafts.length], ['filtered', 'training', 0]);
  assert.equal(map(adt('A08', pid), {}, mapping).mapped.outcome, 'mapped');
});

test('a structure without a map is unmapped, by name', () => {
  const { mapped } = map(adt('A08', pid).replace('ADT^A08', 'ZZZ^Z99'));
  assert.deepEqual([mapped.outcome, mapped.reason], ['unmapped', 'ZZZ_Z99']);
});

test('two rules that a layer brings into conflict are found', () => {
  const { problems } = compileMapping({
    ...mappingFiles(),
    'site.yaml': 'layer: site\nrules:\n  - { add: "PID[Patient]", id: ZPI-1, from: ZPI-1, to: gender }',
  });
  assert.deepEqual(problems.map(printProblem), [
    "site.yaml:3:5 'ZPI-1' sets gender, as 'PID-8' does; put both into one rule with first",
  ]);
});

test('a map that calls itself ends', () => {
  const mapping = compiledWith({
    'x.yaml':
      'datatype: ZZ\ntarget: HumanName\nrules:\n  - { id: a, to: $this, map: "ZZ[HumanName]" }\n  - { id: b, to: text }',
    'layers/site.yaml': 'layer: site\nrules:\n  - { override: "PID[Patient]/PID-5", map: "ZZ[HumanName]" }',
  });
  assert.deepEqual(map(adt('A08', pid), {}, mapping).one('Patient')['name'], [{ text: 'Doe' }]);
});

test('codes that look like numbers are texts', () => {
  const mapping = compiledWith({
    'layers/site.yaml':
      'layer: site\ntables:\n  - { table: HL70001.administrative-gender, codes: { 01: male, 2: female } }',
  });
  const genders = ['01', '1', '2'].map((code) => map(sexed(code), {}, mapping).one('Patient')['gender']);
  assert.deepEqual(genders, ['male', undefined, 'female']);
});

test("the documented layer for a hospital's Z segments does what the page says", () => {
  const page = readFileSync('docs/mapping-language.md', 'utf8');
  const [, example = ''] = /### Z segments.*?```yaml\n(.*?)```/s.exec(page) ?? [];
  const { one } = map(adt('A01', pid, 'ZPI||||Y', pv1, 'ZPV|1|C~X'), {}, compiledWith({ 'layers/site.yaml': example }));
  assert.deepEqual(one('Encounter')['hospitalization'], {
    specialArrangement: [
      {
        coding: [
          { system: 'https://north.example/precautions', code: 'contact', display: 'Contact precautions' },
          { system: 'urn:id:NORTH-PREC', code: 'C' },
        ],
      },
      { coding: [{ system: 'urn:id:NORTH-PREC', code: 'X' }] },
    ],
  });
  assert.deepEqual(one('Patient')['extension'], [
    { url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired', valueBoolean: true },
  ]);
});
