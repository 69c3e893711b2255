import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HL7Message } from 'hl7v2';
import { Message } from 'node-hl7-client';
import { splitBatch } from '../../src/hl7/batch.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { read } from './read.js';

const own = [
  'MSH|^~\\&|HIS|NORTH|WARD|X|20260301101500||ADT^A01^ADT_A01|4711|P|2.5.1',
  'EVN|A01|20260301101500',
  'PID|1||A1^^^N&1.2&ISO^MR~B2^^^M^SS||Berg^Anna^M\\T\\M^^Dr.||19700102|F|||Weg 1^^Bonn^^53111^DE||+49^PRN^PH~+50^NET',
  'PV1|1|I|W1^101^A^NORTH||||D1^House^Greg',
].join('\r');

/** Messages with CR between segments, as both libraries want them. */
function* messages(withCorpus: boolean): Generator<[name: string, text: string]> {
  yield ['own', own];
  if (!withCorpus) return;
  const folder = join(corpusFolder, 'messages');
  for (const file of readdirSync(folder)) {
    for (const bytes of splitBatch(readFileSync(join(folder, file))).messages) {
      const lines = bytes
        .toString()
        .replace('\uFEFF', '')
        .split(/[\r\n]+/);
      yield [
        file,
        lines
          .map((line) => line.trimStart())
          .filter((line) => line !== '')
          .join('\r'),
      ];
    }
  }
}

test('node-hl7-client reads the same components', (t) => {
  let compared = 0;
  for (const [name, text] of messages(hasCorpus(t))) {
    if (text.lastIndexOf('MSH|') > 0) continue; // It takes a value MSH for a second header.
    const ours = read(text);
    const theirs = new Message({ text });
    for (const segmentName of new Set(ours.segments.map((segment) => segment.name))) {
      const segments = ours.all(segmentName);
      theirs.get(segmentName).forEach((other, n) => {
        const segment = segments[n];
        assert.ok(segment, `${name} ${segmentName}`);
        for (let field = segmentName === 'MSH' ? 3 : 1; field <= segment.fieldCount; field++) {
          for (let component = 1; component <= segment.componentCount(field); component++) {
            const value = segment.value(field, 1, component);
            // It knows no formatting escapes, gives "" as text, and trims the end of a segment.
            if (value === '' || segment.rawComponent(field, 1, component).includes('\\.')) continue;
            assert.equal(
              other.get(`${field}.${component}`).toString().trimEnd(),
              value.trimEnd(),
              `${name} ${segmentName}[${n + 1}]-${field}.${component}`,
            );
            compared++;
          }
        }
      });
    }
  }
  assert.ok(compared >= 20);
});

test('hl7v2 finds the same segments and repetitions', (t) => {
  let compared = 0;
  for (const [name, text] of messages(hasCorpus(t))) {
    const ours = read(text);
    let theirs: HL7Message;
    try {
      theirs = HL7Message.parse(text);
    } catch {
      continue; // It refuses values that we keep for the mapping to judge.
    }
    assert.deepEqual(
      theirs.segments.map((segment) => segment.segmentType),
      ours.segments.map((segment) => segment.name),
      name,
    );
    for (const segment of ours.segments.slice(1)) {
      const other = theirs.segments[segment.index];
      for (const field of other?.fields ?? []) {
        if (field === undefined || segment.rawField(field.position) === '') continue;
        const place = `${name} ${segment.name}-${field.position}`;
        assert.equal(field.repetitions.length, segment.repetitionCount(field.position), place);
        compared++;
      }
    }
  }
  assert.ok(compared >= 10);
});
