import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { loadDictionary } from '../../src/hl7/dictionary.js';
import { printGrammar } from '../../src/hl7/grammar.js';
import { groupMessage } from '../../src/hl7/grouping.js';
import { leaves, pathOf } from '../../src/hl7/leaves.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { parsePath, printPath, readPath } from '../../src/hl7/paths.js';
import { eventsOf, structureOf } from '../../src/hl7/structures.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { read } from './read.js';

test('the structure comes from MSH-9.1 and MSH-9.2, and from MSH-9.3 only where those do not say', () => {
  const cases: [string, string, string][] = [
    ['ADT^A01^ADT_A01', '', 'ADT_A01'],
    ['ADT^A04^ADT_A04', '', 'ADT_A01'],
    ['ADT^A08', '', 'ADT_A01'],
    ['ADT^A31^ADT_A31', '', 'ADT_A05'],
    ['ADT^A28', '', 'ADT_A05'],
    ['ADT^A40^ADT_A40', '', 'ADT_A39'],
    ['ADT^A47', '', 'ADT_A30'],
    ['ADT^A13^ADT_A13', '', 'ADT_A01'],
    ['ADT^A11', '', 'ADT_A09'],
    ['ADT^A29', '', 'ADT_A21'],
    ['ADT^A61', '', 'ADT_A61'],
    ['ADT', 'EVN|A03', 'ADT_A03'],
    ['ADT_A31', '', 'ADT_A05'],
    ['adt^a01', '', 'ADT_A01'],
    ['ADT^Z99^ADT_A05', '', 'ADT_A05'],
    ['ADT^Z99', '', 'ADT_Z99'],
    ['ORU^R01', '', 'ORU_R01'],
    ['ORU', '', 'ORU_R01'],
    ['ORU^R40', '', 'ORU_R01'],
    ['ORM^O01', '', 'ORM_O01'],
    ['RDE^O11^RDE_O11', '', 'RDE_O11'],
    ['RDE^O25^RDE_O25', '', 'RDE_O11'],
    ['RDE^O01', '', 'RDE_O11'],
    ['SIU^S26', '', 'SIU_S12'],
    ['MDM^T09', '', 'MDM_T01'],
    ['MDM^T10', '', 'MDM_T02'],
    ['PPR^PC3', '', 'PPR_PC1'],
    ['ACK^A01^ACK', '', 'ACK'],
    ['^^ZZZ_Z01', '', 'ZZZ_Z01'],
    ['', '', ''],
  ];
  for (const [type, second, structure] of cases) {
    const message = read(`MSH|^~\\&|A|B|C|D|2026||${type}|1|P|2.5`, ...(second === '' ? [] : [second]));
    assert.equal(structureOf(message).structure, structure, type);
  }
  assert.deepEqual(eventsOf('ADT_A05'), ['ADT^A05', 'ADT^A14', 'ADT^A28', 'ADT^A31']);
});

test('segments, fields and data types by version', async () => {
  const dictionary = await loadDictionary();
  const identifier = dictionary.segment('PID', '2.5.1')?.fields.find((field) => field.position === 3);
  assert.deepEqual(
    { ...identifier, name: identifier?.name.toLowerCase() },
    {
      position: 3,
      name: 'patient identifier list',
      type: 'CX',
      optionality: 'required',
      repetitions: 'unbounded',
      length: 250,
    },
  );
  const sex = dictionary.segment('PID', '2.5')?.fields.find((field) => field.position === 8);
  assert.equal(sex?.table, 'HL70001');
  assert.equal(dictionary.dataType('XPN')?.fields[0]?.type, 'FN');
  assert.deepEqual(dictionary.dataType('ST')?.fields, []);
  assert.equal(dictionary.segment('SPM', '2.3'), undefined);
  assert.equal(dictionary.segment('ZZZ'), undefined);
  assert.ok(dictionary.segmentNames('2.8').includes('PRT'));
});

test('a message is read by the nearest version that is known', async () => {
  const dictionary = await loadDictionary();
  const cases: [string, string][] = [
    ['2.5.1', '2.5.1'],
    ['2.5', '2.5'],
    ['2.9', '2.8'],
    ['2.5.9', '2.5.1'],
    ['2', '2.8'],
    ['1.9', '2.1'],
    ['', '2.8'],
    ['V2.4', '2.8'],
  ];
  for (const [given, nearest] of cases) assert.equal(dictionary.nearestVersion(given), nearest, given);
});

test('the dictionary knows the groups of messages', async () => {
  const dictionary = await loadDictionary();
  const grammar = dictionary.grammar('ORU_R01');
  assert.ok(grammar);
  const shown = printGrammar(grammar);
  assert.match(shown, /\(?\{PATIENT_RESULT: \[PATIENT: PID \[PD1\]/);
  const adt = dictionary.grammar('ADT_A01', '2.5.1');
  assert.ok(adt);
  assert.match(printGrammar(adt), /PID \[PD1\] \[\{ROL\}\] \[\{NK1\}\] PV1/);
  for (const structure of ['ADT_A39', 'ADT_A24', 'ADT_A30', 'ORM_O01', 'RDE_O11', 'SIU_S12', 'MDM_T02', 'ACK']) {
    assert.ok(dictionary.grammar(structure), structure);
  }
  assert.equal(dictionary.grammar('ZZZ_Z01'), undefined);
  const orm = dictionary.grammar('ORM_O01');
  assert.ok(orm);
  assert.match(printGrammar(orm), /<OBR\|RQD\|RQ1\|RXO\|ODS\|ODT>/);
});

test('every message of the corpus parses, is grouped whole and reads by path', async (t) => {
  if (!hasCorpus(t)) return;
  const dictionary = await loadDictionary();
  const folder = join(corpusFolder, 'messages');
  let count = 0;
  for (const file of readdirSync(folder)) {
    const decoded = decodeMessage(readFileSync(join(folder, file)));
    assert.ok(!isCharsetFault(decoded), file);
    const message = parseMessage(decoded.text, decoded.decodeBytes);
    assert.ok(!isParseFault(message), file);
    const { structure } = structureOf(message);
    const grammar = dictionary.grammar(structure);
    assert.ok(grammar, `${file}: ${structure}`);
    const grouped = groupMessage(message, grammar);
    for (const segment of message.segments) {
      assert.ok(
        grouped.groupOf(segment).segments.includes(segment),
        `${file}: ${segment.name} in line ${segment.line}`,
      );
    }
    for (const leaf of leaves(message)) {
      const path = parsePath(printPath(pathOf(leaf)));
      assert.ok(path, file);
      assert.equal(readPath(message, path), leaf.text, `${file}: ${printPath(path)}`);
    }
    count++;
  }
  assert.equal(count, 139);
});
