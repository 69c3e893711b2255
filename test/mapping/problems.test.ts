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
    "x.yaml:2:11 FHIR has no resource 'Patinet'; did you mean 'Patient'?",
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

/** A path that no version of the standard has, in every place where paths stand. */
const paths: readonly (readonly [name: string, text: string, problem: string])[] = [
  [
    'an unknown segment',
    segment('  - { id: a, from: PDI-3, to: gender }'),
    "x.yaml:4:20 'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'a data type in place of a segment',
    segment('  - { id: a, from: XCN-3, to: gender }'),
    "x.yaml:4:20 'XCN' is a data type, not a segment; did you mean 'XCN.3'?",
  ],
  [
    'a field beyond the longest definition',
    segment('  - { id: a, from: [PID-8, PID-94], to: gender }'),
    "x.yaml:4:28 PID has no field 94: it has 1 to 40 in HL7 2.1 to 2.9; did you mean 'PID-34'?",
  ],
  [
    'field 0',
    segment('  - { id: a, from: PID-0, to: gender }'),
    "x.yaml:4:20 PID has no field 0: it has 1 to 40 in HL7 2.1 to 2.9; did you mean 'PID-1'?",
  ],
  [
    'a component beyond all types of the field',
    segment('  - { id: a, from: PID-3.13, to: gender }'),
    "x.yaml:4:20 PID-3 (Patient Identifier List) has no component 13: it has 1 to 12 in HL7 2.1 to 2.9; did you mean 'PID-3.12'?",
  ],
  [
    'a component of a text',
    segment('  - { id: a, from: PID-19.2, to: gender }'),
    'x.yaml:4:20 PID-19 (SSN Number - Patient) has no component 2: it is one value, a ST in HL7 2.1 to 2.9',
  ],
  [
    'a subcomponent',
    segment('  - { id: a, from: PID-5.1.9, to: gender }'),
    "x.yaml:4:20 PID-5.1 (Family Name) has no subcomponent 9: it has 1 to 5 in HL7 2.1 to 2.9; did you mean 'PID-5.1.5'?",
  ],
  [
    'a condition',
    segment('  - { id: a, from: ZZ1-1, when: PDI-3 VALUED OR ZZ1-2 VALUED, to: gender }'),
    "x.yaml:4:33 'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'a condition that compares two fields',
    segment('  - { id: a, from: ZZ1-1, when: PID-8 EQUALS PID-5.1.9, to: gender }'),
    "x.yaml:4:33 PID-5.1 (Family Name) has no subcomponent 9: it has 1 to 5 in HL7 2.1 to 2.9; did you mean 'PID-5.1.5'?",
  ],
  [
    'a condition on a whole segment',
    segment('  - { id: a, from: ZZ1-1, when: OBZ VALUED, to: gender }'),
    "x.yaml:4:33 'OBZ' is no segment of HL7 2.1 to 2.9; did you mean 'OBR'?",
  ],
  [
    'a placeholder',
    segment('  - { id: a, from: ZZ1-1, to: name, set: [{ to: text, format: "{PID-5.1}[ {PID-94|PID-5.2}]" }] }'),
    "x.yaml:4:63 PID has no field 94: it has 1 to 40 in HL7 2.1 to 2.9; did you mean 'PID-34'?",
  ],
  [
    'an item',
    segment('  - { id: a, from: ZZ1-1, to: name, item: [IN1-2, IN1-99], set: [{ to: text }] }'),
    "x.yaml:4:51 IN1 has no field 99: it has 1 to 55 in HL7 2.1 to 2.9; did you mean 'IN1-49'?",
  ],
  [
    'a switch',
    segment('  - { id: a, from: ZZ1-1, switch: PDI-2, cases: { A: [{ to: gender }] } }'),
    "x.yaml:4:35 'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'a group',
    segment('  - { id: a, from: "ORDER_OBSERVATON.OBR-4.1", to: gender }'),
    "x.yaml:4:20 no message has a group 'ORDER_OBSERVATON'; did you mean 'ORDER_OBSERVATION'?",
  ],
  [
    'a part beyond its data type',
    'datatype: XCN\ntarget: HumanName\nrole: zz\nrules:\n  - { id: a, from: XCN.77, to: text }',
    "x.yaml:5:20 XCN has no component 77: it has 1 to 25 in HL7 2.1 to 2.9; did you mean 'XCN.17'?",
  ],
  [
    'a part of a part',
    'datatype: XCN\ntarget: HumanName\nrole: zz\nrules:\n  - { id: a, from: XCN.9.4, to: text }',
    "x.yaml:5:20 XCN.9 (Assigning Authority) has no subcomponent 4: it has 1 to 3 in HL7 2.1 to 2.9; did you mean 'XCN.9.3'?",
  ],
  [
    'a part of the value that a rule stands at',
    segment('  - { id: a, from: PID-3, to: identifier, set: [{ to: value, from: .1 }, { to: period.id, from: .13 }] }'),
    "x.yaml:4:97 the value has no component 13: it has 1 to 12 in HL7 2.1 to 2.9; did you mean '.12'?",
  ],
  [
    'a fact',
    'message: ZZZ_Z01\ngroups: "MSH [PID]"\nbuild: []\nfacts:\n  - { id: a, merge: Patient, source: MRG-1, target: PDI-3 }',
    "x.yaml:5:53 'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'the type of a fact',
    'message: ZZZ_Z01\ngroups: "MSH [PID]"\nbuild: []\nfacts:\n  - { id: a, merge: Patinet, source: MRG-1, target: PID-3 }',
    "x.yaml:5:21 'Patinet' is no resource type; did you mean 'Patient'?",
  ],
  [
    'the place of a fact',
    'message: ZZZ_Z01\ngroups: "MSH {PATIENT: PID}"\nbuild: []\nfacts:\n  - { id: a, merge: Patient, at: PATEINT, source: MRG-1, target: PID-3 }',
    "x.yaml:5:34 the message has no group 'PATEINT'; did you mean 'PATIENT'?",
  ],
  [
    'an event in events.yaml',
    'layer: site\nevents:\n  A01: { state: in-progress, at: [PV1-44, EVN-66] }',
    "x.yaml:3:43 EVN has no field 66: it has 1 to 7 in HL7 2.1 to 2.9; did you mean 'EVN-6'?",
  ],
  [
    'a trigger event',
    segment('  - { id: a, from: ZZ1-1, events: [A01, AO4], to: gender }'),
    "x.yaml:4:41 'AO4' is no trigger event; did you mean 'A04'?",
  ],
  [
    'a grammar',
    'message: ZZZ_Z01\ngroups: "MSH [PDI] [ZPI]"\nbuild: []',
    "x.yaml:2:9 'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'a layer',
    'layer: site\nrules:\n  - { override: "PID[Patient]/PID-8", from: PID-88 }',
    "x.yaml:3:45 PID has no field 88: it has 1 to 40 in HL7 2.1 to 2.9; did you mean 'PID-38'?",
  ],
  [
    'a filter of a layer',
    'layer: site\nfilters:\n  - { id: a, message: ADT_A01, when: PDI-3 VALUED }',
    "x.yaml:3:38 'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'the message of a filter',
    'layer: site\nfilters:\n  - { id: a, message: ADT_A04, when: PID-3 VALUED }',
    "x.yaml:3:23 no message has the structure 'ADT_A04'; ADT^A04 has 'ADT_A01'",
  ],
];

for (const [name, text, expected] of paths) {
  test(`a path that is not there: ${name}`, () => {
    const { problems } = compileMapping({ ...mappingFiles(), 'x.yaml': text });
    assert.deepEqual(problems.map(printProblem), [expected]);
  });
}

test('a key that reads what is not there', () => {
  const { problems } = compileMapping({
    ...mappingFiles(),
    'x.yaml': 'layer: site\nkeys:\n  RelatedPerson:\n    - { id: a, parts: [NK1-94, { entity: KN1-2 }] }',
  });
  assert.deepEqual(problems.map(printProblem), [
    "x.yaml:4:24 NK1 has no field 94: it has 1 to 41 in HL7 2.1 to 2.9; did you mean 'NK1-34'?",
    "x.yaml:4:42 'KN1' is no segment of HL7 2.1 to 2.9; did you mean 'NK1'?",
  ]);
});

test('old types, types that changed and what anything may stand in give no alarm', () => {
  const read = [
    ...[
      'PID-7.2',
      'PID-3.4.3',
      'OBX-3.6',
      'OBX-5.9.9',
      'OBX-4.4',
      'OBX-16.13',
      'ORC-7.10.11',
      'PV1-3.4.2',
      'ORC-4.2.2',
    ],
    ...['PID-5.1.5', 'RXE-1.1.2', 'OBR-27.2.1', 'PV1-8.9.3', 'ZPI-99.9.9', 'ORC-2.4', 'OBX-33.1.2', 'OH1-3', 'MSH-28'],
  ];
  const rules = read.map(
    (path, index) => `  - { id: r${index}, from: ${path}, to: contact, set: [{ to: name.text }] }`,
  );
  const { problems } = compileMapping({ ...mappingFiles(), 'x.yaml': segment(rules.join('\n')) });
  assert.deepEqual(problems.map(printProblem), []);
});

/** A slip in the name of a map or message, in a file that many others name. */
const slips: readonly (readonly [file: string, from: string, to: string, problem: string])[] = [
  [
    'segments/pid.patient.yaml',
    'resource: Patient',
    'resource: Patinet',
    "FHIR has no resource 'Patinet'; did you mean 'Patient'?",
  ],
  [
    'segments/pid.patient.yaml',
    'segment: PID',
    'segment: PDI',
    "'PDI' is no segment of HL7 2.1 to 2.9; did you mean 'PID'?",
  ],
  [
    'segments/obx.observation.yaml',
    'resource: Observation',
    'resource: Observatoin',
    "FHIR has no resource 'Observatoin'; did you mean 'Observation'?",
  ],
  [
    'segments/obx.component.yaml',
    'resource: Observation.component',
    'resource: Observation.componetn',
    "Observation has no element 'componetn'; did you mean 'component'?",
  ],
  [
    'datatypes/cwe.codeableconcept.yaml',
    'target: CodeableConcept',
    'target: CodeableConcpet',
    "FHIR has no type 'CodeableConcpet'; did you mean 'CodeableConcept'?",
  ],
  [
    'datatypes/xcn.practitioner.yaml',
    'datatype: XCN',
    'datatype: XNC',
    "'XNC' is no data type of HL7 2.1 to 2.9; did you mean 'XCN'?",
  ],
  ['messages/oru-r01.yaml', 'ORU_R01', 'ORU_R1', "no message has the structure 'ORU_R1'; did you mean 'ORU_R01'?"],
];

for (const [file, from, to, expected] of slips) {
  test(`one slip is one problem: ${to}`, () => {
    const files = mappingFiles();
    const name = `mappings/${file}`;
    const text = files[name] ?? '';
    assert.ok(text.includes(from), `${name} has ${from}`);
    const { problems } = compileMapping({ ...files, [name]: text.replace(from, to) });
    assert.deepEqual(
      problems.map(({ file, message }) => [file, message]),
      [[name, expected]],
    );
  });
}
