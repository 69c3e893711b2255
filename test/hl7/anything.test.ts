import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acknowledgementPlan, buildAcknowledgement } from '../../src/hl7/acknowledgement.js';
import { splitBatch } from '../../src/hl7/batch.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { isGrammarFault, parseGrammar } from '../../src/hl7/grammar.js';
import { groupMessage } from '../../src/hl7/grouping.js';
import { leaves, pathOf } from '../../src/hl7/leaves.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { parsePath, printPath, readPath } from '../../src/hl7/paths.js';
import { readRawHeader } from '../../src/hl7/raw-header.js';
import { structureOf } from '../../src/hl7/structures.js';
import { parseTimestamp } from '../../src/hl7/timestamps.js';

const piece = fc.constantFrom(
  ...[
    'MSH|^~\\&|',
    'MSH',
    'PID|',
    'OBX|1|',
    'OBR|',
    'ZZZ|',
    'BHS|^~\\&',
    'BTS|2',
    'FTS|1',
    '""',
    'ADT^A01',
    '|',
    '^',
    '~',
    '&',
  ],
  ...['\\', '\\F\\', '\\X41\\', '\r', '\n', '\r\n', ' ', '\0', '#', 'x', 'ä', '\xff', 'A'.repeat(300)],
);
const body = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const start = fc.constantFrom(
  '',
  'MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5\r',
  'MSH#*!/?#A\r',
  'MSH|^~\\&#|A\r\n',
  '\uFEFFMSH|^~|A\n',
);
const text = fc.tuple(start, body).map((parts) => parts.join(''));
const grammar = parseGrammar(
  'MSH {RESULT: [PATIENT: PID [PD1]] {ORDER: [ORC] OBR {OBSERVATION: OBX {NTE}}}}',
  'ORU_R01',
);

test('any text is read or refused, every leaf is read by its path, every segment is placed', () => {
  fc.assert(
    fc.property(text, (sent) => {
      const message = parseMessage(sent);
      if (isParseFault(message)) return;
      structureOf(message);
      for (const leaf of leaves(message)) {
        const written = printPath(pathOf(leaf));
        const path = parsePath(written);
        if (path === undefined) assert.ok(!/^[A-Z][A-Z0-9]{2}$/.test(leaf.segment.name), written);
        else assert.equal(readPath(message, path), leaf.text, written);
      }
      assert.ok(!isGrammarFault(grammar));
      const grouped = groupMessage(message, grammar);
      for (const segment of message.segments) assert.ok(grouped.groupOf(segment).segments.includes(segment));
    }),
  );
});

test('a value is the same by every way of reading it', () => {
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (sent, component, subcomponent) => {
        const message = parseMessage(sent);
        if (isParseFault(message)) return;
        for (const segment of message.segments) {
          for (let field = segment.isDelimiterField(1) ? 3 : 1; field <= segment.fieldCount; field++) {
            for (let repetition = 1; repetition <= segment.repetitionCount(field) + 1; repetition++) {
              const value = segment.value(field, repetition, component, subcomponent);
              const node = segment.node(field, repetition);
              assert.equal(node.leaf(component, subcomponent), value);
              assert.equal(node.child(component).leaf(subcomponent), value);
              assert.equal(node.child(component).child(subcomponent).text, value);
              assert.equal(
                segment.nodes(field)[repetition - 1]?.children()[component - 1]?.children()[subcomponent - 1]?.text ??
                  '',
                value,
              );
            }
          }
        }
      },
    ),
  );
});

test('any bytes are decoded, split and answered', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    text.map((sent) => Buffer.from(sent, 'latin1')),
  );
  const charsets = fc.constantFrom('', '8859/1', 'UNICODE UTF-8', 'GB 18030-2000', '~ISO IR87', 'XX');
  fc.assert(
    fc.property(bytes, charsets, (rest, charset) => {
      const sent = Buffer.concat([Buffer.from(`MSH|^~\\&|A|B|C|D|2026||ADT^A01|77|P|2.5||||||${charset}\r`), rest]);
      for (const each of [sent, rest]) {
        const decoded = decodeMessage(each);
        const header = readRawHeader(each, isCharsetFault(decoded) ? undefined : decoded.charset);
        acknowledgementPlan(header, 'original');
        const answer = buildAcknowledgement({ header, code: 'AE', controlId: '1', time: '2026' });
        assert.ok(answer.toString('latin1').split('\r').length === 3);
        const parts = splitBatch(each);
        assert.ok(parts.messages.reduce((sum, part) => sum + part.length, 0) <= each.length);
      }
    }),
  );
});

test('any text is a time or none', () => {
  fc.assert(fc.property(fc.stringMatching(/^[0-9T:.+\-Z ]{0,24}$/), (sent) => assert.ok(parseTimestamp(sent))));
});
