import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupGrammar, isGrammarFault, parseGrammar, printGrammar } from '../../src/hl7/grammar.js';
import { Group, type GroupedMessage, groupMessage } from '../../src/hl7/grouping.js';
import { read } from './read.js';

function grammar(text: string, name = 'ORU_R01'): GroupGrammar {
  const result = parseGrammar(text, name);
  if (isGrammarFault(result)) throw new Error(`${result.detail} at ${result.offset}`);
  return result;
}

const oru = grammar(
  'MSH {PATIENT_RESULT: [PATIENT: PID [PD1] {NTE} [VISIT: PV1 [PV2]]] {ORDER_OBSERVATION: [ORC] OBR {NTE} {OBSERVATION: OBX {NTE}} {SPECIMEN: SPM {OBX}}}} [DSC]',
);
const adt = grammar(
  'MSH [EVN] PID [PD1] {NK1} PV1 [PV2] {OBX} {AL1} {DG1} {PROCEDURE: PR1 {ROL}} {GT1} {INSURANCE: IN1 [IN2] {ROL}} [PDA]',
  'ADT_A01',
);

const omg = grammar(
  'MSH [PATIENT: PID] {ORDER: ORC OBR {OBSERVATION: OBX} {PRIOR_RESULT: [PATIENT_PRIOR: PID] [VISIT_PRIOR: PV1] {ORDER_PRIOR: ORC OBR {OBSERVATION_PRIOR: OBX}}}}',
  'OMG_O19',
);

/** Groups a message of segments given by name, each numbered in its first field; shows the tree as one line. */
function tree(structure: GroupGrammar, names: string): { shown: string; diagnostics: string } {
  const grouped = group(structure, names);
  return {
    shown: show(grouped.root),
    diagnostics: grouped.diagnostics.map(({ code, segment, group: at }) => `${code} ${segment} ${at}`).join(', '),
  };
}

function group(structure: GroupGrammar, names: string): GroupedMessage {
  const [, ...rest] = names.split(' ');
  return groupMessage(read('MSH|^~\\&|A', ...rest.map((name, n) => `${name}|${n + 1}`)), structure);
}

function show(item: Group): string {
  return item.items.map((each) => (each instanceof Group ? `${each.name}(${show(each)})` : each.name)).join(' ');
}

type Row = [title: string, structure: GroupGrammar, names: string, shown: string, diagnostics: string];

const table: Row[] = [
  [
    'a result message',
    oru,
    'MSH PID PD1 NTE PV1 ORC OBR NTE OBX NTE OBX SPM OBX ORC OBR OBX',
    'MSH PATIENT_RESULT(PATIENT(PID PD1 NTE VISIT(PV1)) ORDER_OBSERVATION(ORC OBR NTE OBSERVATION(OBX NTE) OBSERVATION(OBX) SPECIMEN(SPM OBX)) ORDER_OBSERVATION(ORC OBR OBSERVATION(OBX)))',
    '',
  ],
  [
    'several patients',
    oru,
    'MSH PID OBR OBX PID OBR OBX DSC',
    'MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX))) PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX))) DSC',
    '',
  ],
  [
    'no patient',
    oru,
    'MSH OBR OBX OBR OBX',
    'MSH PATIENT_RESULT(ORDER_OBSERVATION(OBR OBSERVATION(OBX)) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))',
    '',
  ],
  [
    'no OBR: the observations are still there, each for itself',
    oru,
    'MSH PID OBX NTE OBX',
    'MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBSERVATION(OBX NTE) OBSERVATION(OBX)))',
    'misplaced OBX OBSERVATION, missing OBR ORDER_OBSERVATION',
  ],
  [
    'an ORC without OBR',
    oru,
    'MSH PID ORC OBX',
    'MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC OBSERVATION(OBX)))',
    'missing OBR ORDER_OBSERVATION',
  ],
  [
    'PV1 after the results goes to the patient',
    oru,
    'MSH PID OBR OBX PV1 OBX OBR OBX',
    'MSH PATIENT_RESULT(PATIENT(PID VISIT(PV1)) ORDER_OBSERVATION(OBR OBSERVATION(OBX) OBSERVATION(OBX)) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))',
    'misplaced PV1 VISIT',
  ],
  [
    'OBX after a specimen belongs to the specimen',
    oru,
    'MSH PID OBR SPM OBX NTE OBX',
    'MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR SPECIMEN(SPM OBX OBX) NTE))',
    'misplaced NTE ORDER_OBSERVATION',
  ],
  [
    'unknown and local segments stay in the open group',
    oru,
    'MSH PID ZPD OBR OBX ZBX QQQ OBX',
    'MSH PATIENT_RESULT(PATIENT(PID ZPD) ORDER_OBSERVATION(OBR OBSERVATION(OBX ZBX QQQ) OBSERVATION(OBX)))',
    'local ZPD PATIENT, local ZBX OBSERVATION, unknown QQQ OBSERVATION',
  ],
  [
    'the next order is an order, not a prior result of the one before',
    omg,
    'MSH PID ORC OBR OBX ORC OBR OBX',
    'MSH PATIENT(PID) ORDER(ORC OBR OBSERVATION(OBX)) ORDER(ORC OBR OBSERVATION(OBX))',
    '',
  ],
  [
    'a prior result begins with its patient or visit',
    omg,
    'MSH PID ORC OBR OBX PV1 ORC OBR OBX PID ORC OBR OBX',
    'MSH PATIENT(PID) ORDER(ORC OBR OBSERVATION(OBX) PRIOR_RESULT(VISIT_PRIOR(PV1) ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX))) PRIOR_RESULT(PATIENT_PRIOR(PID) ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX))))',
    '',
  ],
  ['a flat message', adt, 'MSH EVN PID NK1 NK1 PV1 OBX AL1 DG1', 'MSH EVN PID NK1 NK1 PV1 OBX AL1 DG1', ''],
  [
    'segments out of order',
    adt,
    'MSH EVN PID PV1 DG1 AL1 NK1 GT1 IN1 IN2 GT1 IN1 PR1 EVN',
    'MSH EVN PID PV1 DG1 AL1 NK1 GT1 INSURANCE(IN1 IN2) GT1 INSURANCE(IN1) PROCEDURE(PR1) EVN',
    'misplaced AL1 ADT_A01, misplaced NK1 ADT_A01, misplaced GT1 ADT_A01, misplaced PR1 PROCEDURE, misplaced EVN ADT_A01',
  ],
  [
    'of segments too early only those are named, though others are missing',
    oru,
    'MSH PID ORC NTE OBR OBX OBX',
    'MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC NTE OBR OBSERVATION(OBX) OBSERVATION(OBX)))',
    'misplaced NTE ORDER_OBSERVATION',
  ],
  [
    'the last segment first hides nothing',
    adt,
    'MSH PDA PID PV1 IN1 IN2 IN1',
    'MSH PDA PID PV1 INSURANCE(IN1 IN2) INSURANCE(IN1)',
    'misplaced PDA ADT_A01',
  ],
  [
    'repeated and missing segments',
    adt,
    'MSH PID PID PD1 PD1',
    'MSH PID PID PD1 PD1',
    'misplaced PID ADT_A01, misplaced PD1 ADT_A01, missing PV1 ADT_A01',
  ],
  [
    'a ROL after a procedure belongs to it',
    adt,
    'MSH PID PV1 PR1 ROL PR1 ROL',
    'MSH PID PV1 PROCEDURE(PR1 ROL) PROCEDURE(PR1 ROL)',
    '',
  ],
  [
    'IN2 without IN1',
    adt,
    'MSH PID PV1 IN2',
    'MSH PID PV1 INSURANCE(IN2)',
    'misplaced IN2 INSURANCE, missing IN1 INSURANCE',
  ],
  ['only a header', adt, 'MSH', 'MSH', 'missing PID ADT_A01, missing PV1 ADT_A01'],
];

test('every segment is placed', () => {
  for (const [title, structure, names, shown, diagnostics] of table) {
    const result = tree(structure, names);
    assert.equal(result.shown, shown, title);
    assert.equal(result.diagnostics, diagnostics, title);
  }
});

test('a choice takes any of its segments and groups', () => {
  const orm = grammar('MSH {ORDER: ORC [DETAIL: <OBR|RQD|(RX: RXO {RXR})> {NTE}]}', 'ORM_O01');
  assert.equal(
    tree(orm, 'MSH ORC OBR NTE ORC RXO RXR NTE ORC').shown,
    'MSH ORDER(ORC DETAIL(OBR NTE)) ORDER(ORC DETAIL(RX(RXO RXR) NTE)) ORDER(ORC)',
  );
});

test('structures may name a segment twice', () => {
  const link = grammar('MSH EVN PID [PD1] [PV1] PID [PD1] [PV1]', 'ADT_A24');
  assert.deepEqual(tree(link, 'MSH EVN PID PV1 PID PD1'), { shown: 'MSH EVN PID PV1 PID PD1', diagnostics: '' });
});

test('groups are walked from a segment', () => {
  const grouped = group(oru, 'MSH PID PV1 OBR OBX NTE NTE OBX OBR OBX');
  const { root } = grouped;
  const [first, second, third] = grouped.message.all('OBX').map((segment) => grouped.groupOf(segment));
  assert.ok(first && second && third);
  assert.equal(first.name, 'OBSERVATION');
  assert.equal(first.segmentsNamed('NTE').length, 2);
  assert.equal(second.occurrence, 2);
  assert.equal(third.occurrence, 1);
  assert.equal(first.parent, second.parent);
  assert.notEqual(first.parent, third.parent);
  assert.equal(third.parent?.segment('OBR')?.value(1), '8');
  assert.equal(first.enclosing('PATIENT_RESULT')?.groups('PATIENT')[0]?.segment('PID')?.value(1), '1');
  assert.equal(root.descendants('OBSERVATION').length, 3);
  assert.equal(root.groups().length, 1);
});

test('neighbours within a flat group', () => {
  const flat = grammar('MSH PID {AL1} {NTE} {OBX}', 'X');
  const { message, root } = group(flat, 'MSH PID OBX NTE NTE OBX NTE');
  const [first, second] = message.all('OBX');
  assert.ok(first && second);
  assert.deepEqual(
    root.following(first, 'NTE').map((note) => note.value(1)),
    ['3', '4'],
  );
  assert.deepEqual(
    root.following(second, 'NTE').map((note) => note.value(1)),
    ['6'],
  );
  assert.deepEqual(root.following(first, 'OBX'), []);
  assert.equal(root.preceding(second, 'OBX'), first);
  assert.equal(root.preceding(first, 'OBX'), undefined);
});

test('ten thousand results are grouped in linear time', () => {
  const names = ['MSH', 'PID', 'OBR', ...Array.from({ length: 10_000 }, () => 'OBX NTE PV1 ZZZ')].join(' ');
  const begin = performance.now();
  const grouped = group(oru, names);
  assert.equal(grouped.root.descendants('OBSERVATION').length, 10_000);
  const early = ['MSH', ...Array.from({ length: 40_000 }, () => 'DG1'), 'PID', 'PV1'].join(' ');
  assert.equal(group(adt, early).root.segments.length, 40_003);
  assert.ok(performance.now() - begin < 10_000);
});

test('grammars are read and printed', () => {
  const texts = [
    'MSH {PATIENT_RESULT: [PATIENT: PID [PD1] {NTE} [VISIT: PV1 [PV2]]] {ORDER_OBSERVATION: [ORC] OBR}}',
    'MSH <OBR|RQD|(RX: RXO {RXR})> {NTE}',
    'MSH (PATIENT: PID) [{NK1}]',
  ];
  for (const text of texts) {
    const printed = printGrammar(grammar(text));
    assert.equal(printGrammar(grammar(printed)), printed);
  }
  assert.deepEqual(
    grammar('MSH [PV1 [PV2]]').members.map((member) => member.optional),
    [false, true, true],
  );
  assert.deepEqual(grammar('MSH [{NTE}]').members, grammar('MSH {[NTE]}').members);
});

test('what is wrong with a grammar is said with its place', () => {
  const faults: [string, number, RegExp][] = [
    ['', 0, /at least one/],
    ['MSH [PID', 8, /\] expected/],
    ['MSH PID]', 7, /segment name/],
    ['MSH {PID PV1}', 9, /group name/],
    ['MSH {X: }', 9, /empty/],
    ['MSH <PID|>', 9, /segment name/],
    ['MSH pid', 4, /segment name/],
    ['MSH PATIENT', 4, /segment name/],
  ];
  for (const [text, offset, detail] of faults) {
    const result = parseGrammar(text, 'X');
    assert.ok(isGrammarFault(result), text);
    assert.match(result.detail, detail, text);
    assert.equal(result.offset, offset, text);
  }
});
