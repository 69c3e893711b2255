import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMapping } from '../../src/mapping/compile.js';
import { printProblem } from '../../src/mapping/problem.js';
import { mappingFiles } from './mapped.js';

const segment = (rules: string) => `segment: ZZ1\nresource: Patient\nrules:\n${rules}`;

/** A file added to the project's, and the one problem it makes. */
const cases: readonly (readonly [name: string, text: string, problem: string])[] = [
  [
    'an element that is not there',
    segment('  - { id: a, from: ZZ1-1, to: gendr }'),
    "x.yaml:4:31 Patient has no element 'gendr'; did you mean 'gender'?",
  ],
  [
    'an element below',
    segment('  - { id: a, from: ZZ1-1, to: contact.name.famly }'),
    "x.yaml:4:31 HumanName has no element 'famly'; did you mean 'family'?",
  ],
  [
    'a choice without its type',
    segment('  - { id: a, from: ZZ1-1, to: deceased }'),
    "x.yaml:4:31 'deceased' is a choice: deceasedBoolean, deceasedDateTime",
  ],
  [
    'an unknown map',
    segment('  - { id: a, from: ZZ1-1, to: name, map: "XPN[HumanNam]" }'),
    "x.yaml:4:42 there is no map 'XPN[HumanNam]'; did you mean 'XPN[HumanName]'?",
  ],
  [
    'a map of the wrong type',
    segment('  - { id: a, from: ZZ1-1, to: name, map: "XAD[Address]" }'),
    "x.yaml:4:42 'XAD[Address]' makes a Address, where a HumanName is needed",
  ],
  [
    'an unknown table',
    segment('  - { id: a, from: ZZ1-1, to: gender, table: HL70001.gender }'),
    "x.yaml:4:46 there is no table 'HL70001.gender'",
  ],
  [
    'an unknown key',
    segment('  - { id: a, form: ZZ1-1, to: gender }'),
    "x.yaml:4:14 unknown key 'form'; did you mean 'from'?",
  ],
  [
    'no path',
    segment('  - { id: a, from: ZZ1_1, to: gender }'),
    "x.yaml:4:20 'ZZ1_1' is no path; PID-3, PID-5.1, NTE[*]-3, CX.4 or . expected",
  ],
  [
    'a bad condition',
    segment('  - { id: a, from: ZZ1-1, when: ZZ1-1 IZ "x", to: gender }'),
    'x.yaml:4:33 the condition is not understood: VALUED, EQUALS, IN, LENGTH, LST.COUNT, CONTAINS, STARTS WITH or MATCHES expected, at character 7',
  ],
  [
    'an unknown function',
    segment('  - { id: a, from: ZZ1-1, to: gender, apply: [lowr] }'),
    "x.yaml:4:47 there is no function 'lowr'; did you mean 'lower'?",
  ],
  [
    'wrong arguments',
    segment('  - { id: a, from: ZZ1-1, to: gender, apply: [{ pad: 3 }] }'),
    "x.yaml:4:47 function 'pad' takes [length, character]",
  ],
  [
    'two rules of one id',
    segment('  - { id: a, from: ZZ1-1, to: gender }\n  - { id: a, from: ZZ1-2, to: birthDate }'),
    "x.yaml:5:5 'ZZ1[Patient]' has two rules 'a'",
  ],
  [
    'two rules for one element',
    segment('  - { id: a, from: ZZ1-1, to: gender }\n  - { id: b, from: ZZ1-2, to: gender }'),
    "x.yaml:5:5 'b' sets gender, as 'a' does; put both into one rule with first",
  ],
  [
    'two members of one choice',
    segment('  - { id: a, from: ZZ1-1, to: deceasedBoolean }\n  - { id: b, from: ZZ1-2, to: deceasedDateTime }'),
    "x.yaml:5:5 'b' sets deceased[x], as 'a' does; put both into one rule with first",
  ],
  [
    'a complex type from text',
    segment('  - { id: a, from: ZZ1-1, to: maritalStatus }'),
    'x.yaml:4:5 a CodeableConcept is made by map, table, set, ref or value',
  ],
  [
    'a reference to the wrong type',
    segment('  - { id: a, from: ZZ1-1, to: managingOrganization, ref: "XCN[Practitioner]" }'),
    "x.yaml:4:58 'managingOrganization' refers to Organization, not to Practitioner",
  ],
  [
    'a resource that is none',
    'segment: ZZ1\nresource: Patinet\nrules: []\n',
    "x.yaml:1:1 FHIR has no resource 'Patinet'; did you mean 'Patient'?",
  ],
  [
    'a layer that names a vanished rule',
    'layer: site\nrules:\n  - { disable: "PID[Patient]/PID-33" }',
    "x.yaml:3:16 'PID[Patient]' has no rule 'PID-33'; did you mean 'PID-3'?",
  ],
  [
    'a layer that names a vanished map',
    'layer: site\nrules:\n  - { disable: "PIX[Patient]/PID-3" }',
    "x.yaml:3:16 there is no map 'PIX[Patient]'; did you mean 'PID[Patient]'?",
  ],
  [
    'an unknown layer',
    'layer: sit\nrules: []',
    "x.yaml:1:8 a layer is one of additions, site, sender; did you mean 'site'?",
  ],
  [
    'a grammar',
    'message: ZZZ_Z01\ngroups: "MSH [PID"\nbuild: []',
    'x.yaml:2:9 the grammar is not understood at character 9: ] expected',
  ],
  [
    'a group that is not there',
    'message: ZZZ_Z01\ngroups: "MSH [PID]"\nbuild:\n  - { as: p, at: PDI, map: "PID[Patient]" }',
    "x.yaml:4:18 ZZZ_Z01 has no group or segment 'PDI'; did you mean 'PID'?",
  ],
  [
    'a reference to what is not built',
    'message: ZZZ_Z01\ngroups: "MSH [PV1]"\nbuild:\n  - { as: v, at: PV1, map: "PV1[Encounter]", refs: { subject: patent } }',
    "x.yaml:4:63 nothing is built as 'patent'",
  ],
  [
    'a part of another type',
    'datatype: ZZ\ntarget: Identifier\nrules:\n  - { id: a, from: CX.1, to: value }',
    "x.yaml:4:20 'CX.1' is a part of CX, and this is a map of ZZ",
  ],
  [
    'a setting that is not there',
    segment('  - { id: a, from: ZZ1-1, to: gender, when: $tenant.accountsAreVisit }'),
    "x.yaml:4:45 the tenant has no yes/no setting 'accountsAreVisit'; did you mean 'accountsAreVisits'?",
  ],
  [
    'a number where a text belongs',
    segment('  - { id: a, from: ZZ1-1, to: maritalStatus, value: { coding: [{ code: 01 }] } }'),
    'x.yaml:4:72 a code is a string; write "01"',
  ],
  [
    'a constant with an unknown member',
    segment('  - { id: a, from: ZZ1-1, to: maritalStatus, value: { txt: x } }'),
    "x.yaml:4:55 CodeableConcept has no element 'txt'; did you mean 'text'?",
  ],
  [
    'a constant that is no list',
    segment('  - { id: a, from: ZZ1-1, to: maritalStatus, value: { coding: { code: x } } }'),
    'x.yaml:4:63 coding is a list',
  ],
  ['broken YAML', 'segment: [', ''],
  [
    'another kind of file',
    'name: x',
    'x.yaml:1:1 a mapping file begins with one of segment, datatype, table, message, keys, events, panels, layer',
  ],
];

for (const [name, text, expected] of cases) {
  test(`mistake with a place: ${name}`, () => {
    const { mapping, problems } = compileMapping({ ...mappingFiles(), 'x.yaml': text });
    const printed = problems.map(printProblem);
    if (expected === '') {
      if (name === 'broken YAML') assert.ok(printed.length > 0 && printed[0]?.startsWith('x.yaml:1:'));
      return;
    }
    assert.deepEqual(printed, [expected]);
    assert.equal(mapping, undefined);
  });
}
