import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { msh, read, segmentOf } from './read.js';

const pid =
  'PID|1||A1^^^NORTH&1.2.3&ISO^MR~B2^^^SSA^SS||von Berg&von&Berg^Anna^^^Dr.||19700102|F|||Weg 1^^Bonn^^53111^DE~""||""|';

test('segments end in CR, LF or CRLF, with blank lines and a BOM before them', () => {
  for (const end of ['\r', '\n', '\r\n', '\r\r', '\n\n', '\r\n\r\n', '\r \r']) {
    for (const last of ['', end]) {
      const message = read(`\uFEFF${[msh, 'EVN|A01', pid].join(end)}${last}`);
      assert.deepEqual(
        message.segments.map((segment) => segment.name),
        ['MSH', 'EVN', 'PID'],
        JSON.stringify(end),
      );
      assert.equal(message.header.value(12), '2.5.1');
      assert.equal(segmentOf(message, 'EVN').value(1), 'A01');
      assert.equal(segmentOf(message, 'PID').index, 2);
    }
  }
});

test('a message may mix segment ends', () => {
  const message = read(`${msh}\nEVN|A01\r\n${pid}\rZZZ|1\n\rZZ2|2`);
  assert.deepEqual(
    message.segments.map(({ name, line }) => `${name}@${line}`),
    ['MSH@1', 'EVN@2', 'PID@3', 'ZZZ@4', 'ZZ2@6'],
  );
});

test('MSH counts its separator as field 1', () => {
  const { header } = read(msh);
  assert.equal(header.value(1), '|');
  assert.equal(header.value(2), '^~\\&');
  assert.equal(header.rawField(2), '^~\\&');
  assert.equal(header.repetitionCount(2), 1);
  assert.equal(header.componentCount(2), 1);
  assert.equal(header.value(3), 'HIS');
  assert.equal(header.value(9, 1, 2), 'A01');
  assert.equal(header.value(10), '4711');
  assert.equal(header.fieldCount, 12);
});

test('repetitions, components and subcomponents are read by number', () => {
  const segment = segmentOf(read(msh, pid), 'PID');
  assert.equal(segment.fieldCount, 14);
  assert.equal(segment.value(3), 'A1');
  assert.equal(segment.value(3, 2), 'B2');
  assert.equal(segment.value(3, 3), '');
  assert.equal(segment.value(3, 1, 4), 'NORTH');
  assert.equal(segment.value(3, 1, 4, 2), '1.2.3');
  assert.equal(segment.value(3, 1, 4, 4), '');
  assert.equal(segment.value(3, 2, 5), 'SS');
  assert.equal(segment.value(5, 1, 1, 3), 'Berg');
  assert.equal(segment.value(8), 'F');
  assert.equal(segment.value(8, 1, 1, 1), 'F');
  assert.equal(segment.value(8, 1, 2), '');
  assert.equal(segment.value(8, 1, 1, 2), '');
  assert.equal(segment.value(2), '');
  assert.equal(segment.value(40), '');
  assert.equal(segment.value(0), '');
  assert.equal(segment.repetitionCount(3), 2);
  assert.equal(segment.repetitionCount(2), 0);
  assert.equal(segment.componentCount(3), 5);
  assert.equal(segment.subcomponentCount(3, 1, 4), 3);
  assert.equal(segment.rawRepetition(3, 2), 'B2^^^SSA^SS');
  assert.equal(segment.rawComponent(3, 1, 4), 'NORTH&1.2.3&ISO');
});

test('"" asks to delete, is not a value and differs from absent', () => {
  const segment = segmentOf(read(msh, pid), 'PID');
  assert.equal(segment.isDelete(13), true);
  assert.equal(segment.isValued(13), false);
  assert.equal(segment.value(13), '');
  assert.equal(segment.rawField(13), '""');
  assert.equal(segment.isDelete(12), false);
  assert.equal(segment.isDelete(14), false);
  assert.equal(segment.isDelete(11), false);
  assert.equal(segment.node(11, 2).isDelete, true);
  assert.equal(segment.isValued(11), true);
});

test('a node points at a value and at its parts', () => {
  const segment = segmentOf(read(msh, pid), 'PID');
  const authority = segment.node(3).child(4);
  assert.equal(authority.level, 'component');
  assert.equal(authority.childCount, 3);
  assert.equal(authority.child(3).text, 'ISO');
  assert.equal(authority.leaf(2), '1.2.3');
  assert.equal(authority.child(1).child(1).text, 'NORTH');
  assert.equal(segment.node(3, 2).child(4).child(1).text, 'SSA');
  assert.equal(segment.node(3, 2).leaf(4), 'SSA');
  assert.equal(segment.node(5).leaf(1, 3), 'Berg');
  assert.equal(segment.node(5).text, 'von Berg');
  assert.deepEqual(
    segment
      .node(5)
      .children()
      .map((part) => part.raw),
    ['von Berg&von&Berg', 'Anna', '', '', 'Dr.'],
  );
  assert.equal(segment.node(5).child(3).isValued, false);
  assert.equal(segment.node(5).child(9).isValued, false);
  assert.equal(segment.node(90).isValued, false);
  assert.deepEqual(
    segment.nodes(3).map((node) => node.text),
    ['A1', 'B2'],
  );
  assert.deepEqual(segment.nodes(2), []);
});

test('separators without a value between them are not valued', () => {
  const segment = segmentOf(read(msh, 'PV1||^^&^|~|^~A|""^""&""|""^"|"""'), 'PV1');
  assert.equal(segment.isValued(2), false);
  assert.equal(segment.isValued(3), false);
  assert.equal(segment.isValued(4), true);
  assert.equal(segment.repetitionCount(3), 2);
  assert.equal(segment.isValued(5), false);
  assert.equal(segment.isValued(6), true);
  assert.equal(segment.isValued(7), true);
});

test('delimiters are what MSH-1 and MSH-2 say', () => {
  const message = read('MSH#*!/?@#HIS#N', 'PID#1##A1***N?1.2?ISO!B2#a/F/b/S/c/R/d/T/e/E/f/P/g');
  const segment = segmentOf(message, 'PID');
  assert.equal(segment.value(3, 1, 4, 2), '1.2');
  assert.equal(segment.value(3, 2), 'B2');
  assert.equal(segment.value(4), 'a#b*c!d?e/f@g');
});

test('delimiters that MSH-2 leaves out have their recommended value', () => {
  const message = read('MSH|^~|HIS', 'PID|a^b&c~d\\F\\e');
  assert.equal(segmentOf(message, 'PID').value(1, 1, 2, 2), 'c');
  assert.equal(segmentOf(message, 'PID').value(1, 2), 'd|e');
  const swapped = read('MSH|&~|HIS', 'PID|a&b^c');
  assert.equal(segmentOf(swapped, 'PID').value(1, 1, 2), 'b^c', 'a character means one thing');
});

test('escapes are replaced after splitting', () => {
  const segment = segmentOf(read(msh, 'OBX|1|TX|||A\\T\\B\\S\\C\\.br\\D \\X41\\ C:\\dir'), 'OBX');
  assert.equal(segment.value(5), 'A&B^C\nD A C:\\dir');
  assert.equal(segment.rawField(5), 'A\\T\\B\\S\\C\\.br\\D \\X41\\ C:\\dir');
});

test('free text whose sender forgot to escape is there as a whole', () => {
  const segment = segmentOf(read(msh, 'OBX|1|TX|||Salt & pepper ^ \\F\\'), 'OBX');
  assert.equal(segment.node(5).wholeText, 'Salt & pepper ^ |');
});

test('a document of megabytes is read without harm', () => {
  const data = 'QUJD'.repeat(1_000_000);
  const segment = segmentOf(read(msh, `OBX|1|ED|1^Report||^application^pdf^Base64^${data}||||||F`, 'NTE|1'), 'OBX');
  assert.equal(segment.value(5, 1, 5).length, data.length);
  assert.equal(segment.value(5, 1, 4), 'Base64');
  assert.equal(segment.value(11), 'F');
});

test('what is not a message is named, never thrown', () => {
  const table: [string, string, number][] = [
    ['', 'empty', 1],
    [' \r\n\r\n', 'empty', 1],
    ['PID|1', 'no-msh', 1],
    ['\r\n\r\nhello', 'no-msh', 3],
    ['MSH', 'bad-delimiters', 1],
    ['MSH\r', 'bad-delimiters', 1],
    ['MSHA^~\\&', 'bad-delimiters', 1],
  ];
  for (const [text, fault, line] of table) {
    const result = parseMessage(text);
    assert.ok(isParseFault(result), JSON.stringify(text));
    assert.deepEqual([result.fault, result.line], [fault, line]);
  }
});

test('lines that are no segments are kept', () => {
  const message = read(msh, 'PI', 'some words that go on and on', 'ZZ1', 'LONGNAME|x|y');
  assert.deepEqual(
    message.segments.map((segment) => segment.name),
    ['MSH', 'PI', 'some words that', 'ZZ1', 'LONGNAME'],
  );
  assert.equal(segmentOf(message, 'LONGNAME').value(2), 'y');
  assert.equal(segmentOf(message, 'ZZ1').fieldCount, 0);
});
