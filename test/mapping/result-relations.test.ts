/** What results and orders say of each other: parents and members, specimens, documents, comments, cancellations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type Json } from '../../src/core/json.js';
import { map, obr, oru, pid } from './mapped.js';

const micro = 'OBR|1|P1^OE|F1^LAB|625-4^Stool culture^LN|||20240503||||||||||||||||||MB|F';

/** An order or document with these segments after PID. */
function message(type: string, ...segments: string[]): string {
  return [`MSH|^~\\&|OE|NORTH|W|W|20240503111500||${type}|M3|P|2.5.1`, pid, ...segments].join('\n');
}

/** Observations with their members and what they derive from, by OBX-1 of the message: `2: members 3 4`. */
function relations(text: string): string[] {
  const { all } = map(text);
  const observations = all('Observation');
  const nameOf = (reference: Json | undefined): string => {
    const at = observations.findIndex((each) => reference === `Observation/${each['id']}`);
    return at < 0 ? String(reference) : String(at + 1);
  };
  return observations.flatMap((observation, index) => {
    const said = ['hasMember', 'derivedFrom'].flatMap((name) => {
      const list = observation[name];
      return Array.isArray(list)
        ? [`${name} ${list.map((each) => nameOf(isJsonObject(each) ? each['reference'] : undefined)).join(' ')}`]
        : [];
    });
    return said.length === 0 ? [] : [`${index + 1}: ${said.join(', ')}`];
  });
}

const cases: readonly (readonly [name: string, segments: readonly string[], expected: readonly string[]])[] = [
  [
    'susceptibilities of an order whose parent result is an organism',
    [
      micro,
      'OBX|1|CWE|600-7^Bacteria identified^LN|1|112283007^E. coli^SCT||||||F',
      'OBX|2|CWE|600-7^Bacteria identified^LN|2|40886007^K. oxytoca^SCT||||||F',
      'OBR|2|P2^OE|F2^LAB|50545-3^Susceptibility panel^LN||||||||||||||||||||||600-7&Bacteria identified&LN^2^K. oxytoca|||P1&OE^F1&LAB',
      'OBX|1|SN|18878-9^Cefazolin^LN|1|<^2|ug/mL||S|||F',
      'OBX|2|SN|18906-8^Ciprofloxacin^LN|1|>^4|ug/mL||R|||F',
    ],
    ['2: hasMember 3 4', '3: derivedFrom 2', '4: derivedFrom 2'],
  ],
  [
    'susceptibilities with the sub-id of their organism',
    [
      micro,
      'OBX|1|CE|600-7^Bacteria identified^LN|1|ECO^E. coli^L||||||F',
      'OBX|2|NM|564-5^Colony count^LN|1|100000|/mL|||||F',
      'OBX|3|ST|18878-9^Cefazolin susceptibility^LN|1|<2|ug/mL||S|||F',
      'OBX|4|CE|600-7^Bacteria identified^LN|2|KOX^K. oxytoca^L||||||F',
      'OBX|5|ST|18878-9^Cefazolin susceptibility^LN|2|>8|ug/mL||R|||F',
    ],
    ['1: hasMember 3', '3: derivedFrom 1', '4: hasMember 5', '5: derivedFrom 4'],
  ],
  [
    'dotted sub-ids of an organism',
    [
      micro,
      'OBX|1|CE|600-7^Bacteria identified^LN|1|ECO^E. coli^L||||||F',
      'OBX|2|ST|18878-9^Cefazolin^LN|1.1|<2|ug/mL||S|||F',
      'OBX|3|ST|18906-8^Ciprofloxacin^LN|1.2|>4|ug/mL||R|||F',
    ],
    ['1: hasMember 2 3', '2: derivedFrom 1', '3: derivedFrom 1'],
  ],
  [
    'dotted sub-ids of anything else are members only, level by level',
    [
      obr,
      'OBX|1|ST|A^Findings^L|1|two||||||F',
      'OBX|2|ST|B^First^L|1.1|small||||||F',
      'OBX|3|NM|C^Size^L|1.1.1|4|mm|||||F',
      'OBX|4|ST|D^Second^L|1.2|large||||||F',
    ],
    ['1: hasMember 2 4', '2: hasMember 3'],
  ],
  [
    'equal sub-ids of ordinary results relate nothing',
    [obr, 'OBX|1|NM|A^One^L|1|1|mg|||||F', 'OBX|2|NM|B^Two^L|1|2|mg||H|||F'],
    [],
  ],
  [
    'sub-ids of another order are other ones',
    [obr, 'OBX|1|ST|A^Findings^L|1|x||||||F', obr.replaceAll('1^', '2^'), 'OBX|1|ST|B^First^L|1.1|y||||||F'],
    [],
  ],
];

for (const [name, segments, expected] of cases) {
  test(name, () => {
    assert.deepEqual(relations(oru(...segments)), expected);
  });
}

test('a child order names its parent order and the result that made it wanted, by address where the message holds them', () => {
  const parent = 'OBX|1|CWE|600-7^Bacteria identified^LN|1|112283007^E. coli^SCT||||||F';
  const child =
    'OBR|2|P2^OE|F2^LAB|50545-3^Susceptibility panel^LN||||||||||||||||||||||600-7&Bacteria identified&LN^1^E. coli|||P1&OE^F1&LAB';
  const [, order] = map(oru(micro, parent, child)).all('ServiceRequest');
  assert.equal(at(order, 'basedOn', 0, 'reference'), 'ServiceRequest/placer.OE.P1');
  assert.equal(at(order, 'reasonReference', 0, 'display'), 'Bacteria identified 1: E. coli');
  const [alone] = map(oru(child)).all('ServiceRequest');
  assert.equal(at(alone, 'basedOn', 0, 'reference'), undefined);
  assert.equal(at(alone, 'basedOn', 0, 'identifier', 'value'), 'P1');
});

const specimens: readonly (readonly [
  name: string,
  segments: readonly string[],
  expected: readonly (string | undefined)[],
])[] = [
  ['the one of the order', [obr, 'OBX|1|NM|A^B||1', 'SPM|1|S1&OE||BLD'], ['placer.OE.S1']],
  [
    'of several the one that OBX-33 names',
    [obr, `OBX|1|NM|A^B||1${'|'.repeat(28)}S2&OE`, 'SPM|1|S1&OE||BLD', 'SPM|2|S2&OE||UR'],
    ['placer.OE.S2'],
  ],
  ['of several none without a name', [obr, 'OBX|1|NM|A^B||1', 'SPM|1|S1&OE||BLD', 'SPM|2|S2&OE||UR'], [undefined]],
  [
    'the one it stands under',
    [obr, 'SPM|1|S1&OE||BLD', 'OBX|1|NM|A^B||1', 'SPM|2|S2&OE||UR', 'OBX|1|NM|A^B||2'],
    ['placer.OE.S1', 'placer.OE.S2'],
  ],
  ['OBR-15 of older versions', [`${obr}||||||||BLDV^^^LA`, 'OBX|1|NM|A^B||1'], ['source.filler.LAB.F1']],
  ['that of its own order', [obr, 'OBX|1|NM|A^B||1', obr.replaceAll('1^', '2^'), 'SPM|1|S2&OE||UR'], [undefined]],
];

for (const [name, segments, expected] of specimens) {
  test(`the specimen of a result: ${name}`, () => {
    const found = map(oru(...segments))
      .all('Observation')
      .map((each) => at(each, 'specimen', 'reference'));
    assert.deepEqual(
      found,
      expected.map((id) => (id === undefined ? undefined : `Specimen/${id}`)),
    );
  });
}

test('an empty field makes no empty specimen', () => {
  for (const segments of [[obr], [`${obr}||||||||`], [obr, 'SPM|1'], [obr, 'SPM|1||||']]) {
    assert.deepEqual(
      map(oru(...segments))
        .all('Specimen')
        .map((each) => each['type'] ?? each['collection']),
      segments[1] === undefined ? [] : [{ collectedDateTime: '2024-05-03T11:00:00+02:00' }],
    );
  }
});

const results: readonly (readonly [obr25: string, obx11: string, report: string, observation: string])[] = [
  ['F', 'F', 'final', 'final'],
  ['P', 'P', 'preliminary', 'preliminary'],
  ['C', 'C', 'corrected', 'corrected'],
  ['F', 'W', 'final', 'entered-in-error'],
  ['F', 'X', 'final', 'cancelled'],
  ['F', 'A', 'final', 'amended'],
  ['F', '', 'final', 'final'],
  ['X', 'F', 'cancelled', 'cancelled'],
  ['X', 'P', 'cancelled', 'cancelled'],
  ['X', '', 'cancelled', 'cancelled'],
  ['X', 'W', 'cancelled', 'entered-in-error'],
  ['', '', 'unknown', 'unknown'],
];

for (const [obr25, obx11, report, observation] of results) {
  test(`OBR-25 '${obr25}' with OBX-11 '${obx11}'`, () => {
    const { one } = map(oru(`${obr}${'|'.repeat(18)}${obr25}`, `OBX|1|NM|A^B||1||||||${obx11}`));
    assert.deepEqual([one('DiagnosticReport')['status'], one('Observation')['status']], [report, observation]);
  });
}

test('a deleted result is gone, and no report refers to it', () => {
  const { all, one } = map(oru(obr, 'OBX|1|NM|A^B||1||||||D', 'OBX|2|NM|C^D||2||||||F'));
  const [left, ...others] = all('Observation');
  assert.equal(others.length, 0);
  assert.deepEqual(one('DiagnosticReport')['result'], [{ reference: `Observation/${left?.['id']}` }]);
});

const controls: readonly (readonly [control: string, status: string, expected: string])[] = [
  ['NW', '', 'active'],
  ['OK', '', 'active'],
  ['RO', '', 'active'],
  ['XO', '', 'active'],
  ['SN', '', 'active'],
  ['NA', '', 'active'],
  ['RL', '', 'active'],
  ['CA', '', 'revoked'],
  ['OC', '', 'revoked'],
  ['CR', '', 'revoked'],
  ['DC', '', 'revoked'],
  ['OD', '', 'revoked'],
  ['RP', '', 'revoked'],
  ['RU', '', 'revoked'],
  ['RQ', '', 'revoked'],
  ['UA', '', 'revoked'],
  ['HD', '', 'on-hold'],
  ['OH', '', 'on-hold'],
  ['HR', '', 'on-hold'],
  ['SC', 'IP', 'active'],
  ['SC', 'CM', 'completed'],
  ['SC', 'HD', 'on-hold'],
  ['SC', 'CA', 'revoked'],
  ['CA', 'IP', 'revoked'],
  ['SC', '', 'unknown'],
  ['UC', '', 'unknown'],
];

for (const [control, status, expected] of controls) {
  test(`an order with ORC-1 ${control} and ORC-5 '${status}' is ${expected}`, () => {
    for (const type of ['ORM^O01', 'OML^O21']) {
      const { one } = map(message(type, `ORC|${control}|P1^OE|||${status}`, 'OBR|1|P1^OE||A^B'));
      assert.equal(one('ServiceRequest')['status'], expected);
    }
  });
}

const details: readonly (readonly [segment: string, type: string, code: string])[] = [
  ['OBR|1|P1^OE||A^B', 'ServiceRequest', 'B'],
  ['RQD|1|I1^Gloves^L|||5|box^Box^L', 'ServiceRequest', 'Gloves'],
  ['RQ1|12||M1^Glove^L', 'ServiceRequest', ''],
  ['ODS|D||LF^Low fat^L', 'ServiceRequest', 'Low fat'],
  ['ODT|EARLY^Early tray^L', 'ServiceRequest', 'Early tray'],
  ['RXO|M1^Aspirin^L|100||mg', 'MedicationRequest', 'Aspirin'],
];

for (const [segment, type, code] of details) {
  test(`what ORM orders by ${segment.slice(0, 3)} is a ${type}, with its comments`, () => {
    const { one } = map(message('ORM^O01', 'ORC|NW|P1^OE', 'NTE|1||of the order', segment, 'NTE|1||of the detail'));
    const order = one(type);
    assert.equal(at(order, type === 'MedicationRequest' ? 'medicationCodeableConcept' : 'code', 'text') ?? '', code);
    const notes = Array.isArray(order['note']) ? order['note'].map((note) => at(note, 'text')) : [];
    assert.deepEqual(notes.filter((text) => String(text).startsWith('of')).sort(), ['of the detail', 'of the order']);
  });
}

test('a document among results is a file, an attachment of the report and a DocumentReference', () => {
  const { one } = map(oru(obr, 'OBX|1|ED|X^Picture^L||^image^PNG^Base64^aGk=||||||F|||20240503101500+0200'));
  const url = `Binary/${one('Binary')['id']}`;
  assert.equal(at(one('DiagnosticReport'), 'presentedForm', 0, 'url'), url);
  const reference = one('DocumentReference');
  assert.equal(at(reference, 'content', 0, 'attachment', 'url'), url);
  assert.deepEqual(
    [reference['status'], reference['docStatus'], reference['date']],
    ['current', 'final', '2024-05-03T10:15:00+02:00'],
  );
});

test('a comment belongs to what it follows: patient, specimen, order, report or result', () => {
  const { one } = map(
    oru(
      'NTE|1||patient',
      'ORC|RE|P1^OE',
      'NTE|1||order',
      obr,
      'NTE|1||report',
      'OBX|1|NM|A^B||1',
      'NTE|1||result',
      'SPM|1|S1&OE||BLD',
      'NTE|1||specimen',
    ),
  );
  const note = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note';
  assert.deepEqual(one('Patient')['extension'], [
    { url: 'http://hl7.org/fhir/StructureDefinition/note', valueAnnotation: { text: 'patient' } },
  ]);
  assert.deepEqual(one('DiagnosticReport')['extension'], [{ url: note, valueAnnotation: { text: 'report' } }]);
  for (const [type, text] of [
    ['ServiceRequest', 'order'],
    ['Observation', 'result'],
    ['Specimen', 'specimen'],
  ] as const) {
    assert.deepEqual(one(type)['note'], [{ text }], type);
  }
});

const layouts: readonly (readonly [event: string, segments: readonly string[]])[] = [
  ['R22', ['SPM|1|S1&OE||BLD', 'OBX|1|NM|T^Temp||4', 'SAC|||C1^LAB', obr, 'ORC|RE|P1^OE', 'OBX|1|NM|A^B||1']],
  ['R23', ['SPM|1|S1&OE||BLD', 'OBX|1|NM|T^Temp||4', 'SAC|||C1^LAB', obr, 'ORC|RE|P1^OE', 'OBX|1|NM|A^B||1']],
  ['R24', [obr, 'ORC|RE|P1^OE', 'OBX|1|NM|A^B||1', 'SPM|1|S1&OE||BLD', 'OBX|1|NM|T^Temp||4', 'SAC|||C1^LAB']],
];

for (const [event, segments] of layouts) {
  test(`OUL ${event}: results, their order and the specimen around or below them`, () => {
    const { one, all } = map(message(`OUL^${event}`, ...segments));
    const specimen = { reference: 'Specimen/placer.OE.S1' };
    assert.deepEqual(at(one('Specimen'), 'container', 0, 'identifier', 0, 'value'), 'C1');
    assert.deepEqual(one('DiagnosticReport')['specimen'], [specimen]);
    assert.deepEqual(
      all('Observation').map((each) => each['specimen']),
      [specimen, specimen],
    );
    assert.equal(one('ServiceRequest')['id'], 'placer.OE.P1');
  });
}

function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value;
  for (const step of path) {
    if (typeof step === 'number') found = Array.isArray(found) ? found[step] : undefined;
    else found = isJsonObject(found) ? found[step] : undefined;
  }
  return found;
}
