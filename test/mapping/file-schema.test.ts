import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { kindOf, schemaLine } from '../../scripts/schema-line.js';
import { fileSchema, schemaFiles } from '../../src/mapping/file-schema.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';

const ajv = new Ajv({ allowUnionTypes: true, strict: true });
const validators = new Map<string, ValidateFunction>(
  Object.keys(schemaFiles).map((kind) => [kind, ajv.compile(fileSchema(kind))]),
);

function faults(kind: string, text: string): string[] {
  const validate = validators.get(kind);
  assert.ok(validate, kind);
  return validate(parse(text)) ? [] : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
}

test('the schemas are what the shapes of the files make', () => {
  for (const kind of Object.keys(schemaFiles)) {
    const made = `${JSON.stringify(fileSchema(kind), null, 1)}\n`;
    assert.equal(
      readFileSync(`mappings/schema/${kind}.json`, 'utf8'),
      made,
      `${kind}: run node dist/scripts/mapping-schema.js`,
    );
  }
});

test('every mapping file of the project is valid, and names its own schema where it names one', (t) => {
  const unnamed: string[] = [];
  for (const [name, text] of Object.entries(readMappingFiles('mappings'))) {
    const kind = kindOf(text);
    assert.ok(kind, name);
    assert.deepEqual(faults(kind, text), [], name);
    if (text.startsWith('# yaml-language-server:')) assert.equal(text.split('\n')[0], schemaLine(name, text), name);
    else unnamed.push(name);
  }
  if (unnamed.length > 0)
    t.diagnostic(`without a schema line: ${unnamed.join(', ')}; run node dist/scripts/mapping-schema.js`);
});

const patient = (rule: string): string => `segment: PID\nresource: Patient\nrules:\n  - ${rule}\n`;

/** Mistakes that a schema can know. */
const mistakes: readonly (readonly [name: string, kind: string, text: string])[] = [
  ['an unknown key of a rule', 'segment', patient('{ id: a, form: PID-3, to: gender }')],
  ['an unknown key of a nested rule', 'segment', patient('{ id: a, from: PID-5, to: name, set: [{ too: text }] }')],
  ['an unknown key of an alternative', 'segment', patient('{ id: a, to: gender, first: [{ form: PID-8 }] }')],
  ['an unknown key of a case', 'segment', patient('{ id: a, switch: OBX-2, cases: { NM: [{ too: x }] } }')],
  ['a rule without id', 'segment', patient('{ from: PID-8, to: gender }')],
  ['a key of the wrong form', 'segment', patient('{ id: a, from: PID-8, to: gender, required: "yes" }')],
  ['a list in place of a text', 'segment', patient('{ id: a, from: PID-8, to: [gender] }')],
  ['rules that are no list', 'segment', 'segment: PID\nresource: Patient\nrules: { id: a }\n'],
  ['what is no path', 'segment', patient('{ id: a, from: PID_8, to: gender }')],
  ['an unknown function', 'segment', patient('{ id: a, from: PID-8, to: gender, apply: [lowr] }')],
  [
    'an unknown function with arguments',
    'segment',
    patient('{ id: a, from: PID-8, to: gender, apply: [{ padd: [1, "0"] }] }'),
  ],
  ['what is no map', 'segment', patient('{ id: a, from: PID-5, to: name, map: XPN.HumanName }')],
  ['an unknown trigger event', 'segment', patient('{ id: a, from: PID-8, to: gender, events: [AO1] }')],
  ['an unknown statement', 'segment', patient('{ id: a, from: PV1-2, says: clas }')],
  ['what is no code system', 'segment', patient('{ id: a, from: PID-8, to: gender, system: HL7001 }')],
  ['an unknown resource', 'segment', 'segment: PID\nresource: Patinet\nrules: []\n'],
  ['an unknown segment', 'segment', 'segment: PDI\nresource: Patient\nrules: []\n'],
  ['an unknown data type', 'datatype', 'datatype: XNC\ntarget: HumanName\nrules: []\n'],
  ['an unknown FHIR type', 'datatype', 'datatype: XCN\ntarget: HumanNam\nrules: []\n'],
  ['an unknown key of a table', 'table', 'table: T\nsource: HL70001\ncods: {}\n'],
  ['what becomes of other codes', 'table', 'table: T\nsource: HL70001\nunmapped: forget\ncodes: {}\n'],
  ['an unknown key of a row', 'table', 'table: T\nsource: HL70001\ncodes: { A: { cod: b } }\n'],
  ['an unknown structure', 'message', 'message: ADT_A1\ngroups: MSH\nbuild: []\n'],
  ['an unknown key of a build', 'message', 'message: ADT_A01\ngroups: MSH\nbuild: [{ as: p, at: PID, maps: x }]\n'],
  ['a fact about no resource', 'message', 'message: ADT_A01\ngroups: MSH\nfacts: [{ id: a, merge: Patinet }]\n'],
  ['a filter without a condition', 'message', 'message: ADT_A01\ngroups: MSH\nfilters: [{ id: a }]\n'],
  ['an unknown part of a key', 'identity', 'keys: { Patient: [{ id: a, parts: [{ pth: PID-3 }] }] }\n'],
  ['a key of no resource', 'identity', 'keys: { Patinet: [{ id: a, parts: [PID-3] }] }\n'],
  ['an unknown status of a visit', 'events', 'events: { A01: { state: in-progres } }\n'],
  ['what an event cannot set', 'events', 'events: { A01: { sets: [clas] } }\n'],
  ['an event that is none', 'events', 'events: { AO1: { state: planned } }\n'],
  [
    'a panel without members',
    'panels',
    'panels: [{ id: a, of: "OBX[Observation]", code-in: "http://loinc.org", component: "OBX[X]" }]\n',
  ],
  ['an unknown layer', 'layer', 'layer: sit\n'],
  ['a change of what is no rule', 'layer', 'layer: site\nrules: [{ override: PID-3, from: PID-4 }]\n'],
  ['an unknown key of an added rule', 'layer', 'layer: site\nrules: [{ add: "PID[Patient]", id: a, form: PID-3 }]\n'],
  ['a sender without a facility', 'layer', 'layer: sender\nsender: LAB\n'],
  ['an unknown key of a case of a test', 'tests', 'tests: [{ nam: x }]\n'],
];

describe('a schema refuses', () => {
  for (const [name, kind, text] of mistakes) {
    it(name, () => assert.notDeepEqual(faults(kind, text), [], text));
  }

  it('nothing that is right', () => {
    for (const rule of [
      '{ id: a, from: [PID-8, ZPI-2], to: gender, table: HL70001.administrative-gender, events: [A01, Z01] }',
      '{ id: a, from: PID-5, to: name, set: [{ to: text, format: "{.1}" }, { from: ., to: family, apply: [trim, { left: 3 }] }] }',
      '{ id: a, from: "NTE[*]-3", to: x, join: "\\n" }',
      '{ id: 5, from: $message.event, to: gender, value: { any: [1, true] } }',
    ]) {
      assert.deepEqual(faults('segment', patient(rule)), [], rule);
    }
  });
});
