import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codesOf } from '../../../src/fhir/definitions/code-display.js';
import { loadDictionary } from '../../../src/hl7/dictionary.js';
import { lintFeed } from '../../../src/hl7/lint/lint-feed.js';
import { Linter } from '../../../src/hl7/lint/lint-message.js';
import { type Finding, type LintRule, lintRules } from '../../../src/hl7/lint/rules.js';

const codes = (table: number) => {
  const found = codesOf(`http://terminology.hl7.org/CodeSystem/v2-${String(table).padStart(4, '0')}`);
  return found === null ? undefined : new Set(Object.keys(found));
};
const linter = new Linter(await loadDictionary(), codes);

function lint(bytes: Buffer | string, wire = false): Finding[] {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
  return lintFeed(linter, buffer, 'feed', new Map(), { wire }).flatMap(({ findings }) => findings);
}

/** Messages with nothing wrong. What a case changes is all that is wrong with it. */
const good = {
  adt: [
    'MSH|^~\\&|HIS|NORTH|WL|X|20260301101500+0100||ADT^A01^ADT_A01|4711|P|2.5.1|||AL|NE||ASCII',
    'EVN||20260301101500+0100',
    'PID|1||77^^^NORTH^MR||Doe^Jane||19700102|F||||||||M^Married^HL70002',
    'NK1|1|Doe^Jim',
    'NK1|2|Doe^Joan',
    'PV1|1|I|W^1^2',
    'OBX|1|NM|8480-6^Systolic^LN||120|mm[Hg]^^UCUM|||||F',
    'DG1|1||I10^Hypertension^I10C||20260301|W',
  ],
  oru: [
    'MSH|^~\\&|LAB|NORTH|WL|X|20260301101500+0100||ORU^R01^ORU_R01|4712|P|2.5.1',
    'PID|1||77^^^NORTH^MR||Doe^Jane',
    'OBR|1|||GLU^Glucose^L|||20260301101500+0100||||||||||||||||||F',
    'OBX|1|NM|GLU^Glucose^L||5.1||||||F',
    'OBX|2|ST|COM^Comment^L||fine \\T\\ well||||||F',
  ],
  new: [
    'MSH|^~\\&#|HIS|NORTH|WL|X|20260301101500+0100||ADT^A01^ADT_A01|4713|P|2.8',
    'EVN||20260301101500+0100',
    'PID|1||77^^^NORTH^MR||Doe^Jane',
    'PV1|1|I^Inpatient^HL70004',
  ],
  document: [
    'MSH|^~\\&|HIS|NORTH|WL|X|20260301101500+0100||MDM^T02^MDM_T02|4715|P|2.5.1',
    'EVN||20260301101500+0100',
    'PID|1||77^^^NORTH^MR||Doe^Jane',
    'PV1|1|I',
    'TXA|1|DS|TX|20260301101500+0100|7^Roe^Al||20260301101500+0100||||8^Type^Ann|D1|||||AU|||||7^Roe^Al',
    'OBX|1|TX|D^Doc^L||text||||||F',
  ],
  order: [
    'MSH|^~\\&|HIS|NORTH|WL|X|20260301101500+0100||OML^O21^OML_O21|4716|P|2.5.1',
    'PID|1||77^^^NORTH^MR||Doe^Jane',
    'ORC|NW|P1',
    'TQ1|1||BID',
    'TQ2|1|S|P8|||EE',
    'OBR|1|||GLU^Glucose^L',
  ],
  old: [
    'MSH|^~\\&|HIS|NORTH|WL|X|20260301101500+0100||ADT^A01|4714|P|2.3',
    'EVN|A01|20260301101500+0100',
    'PID|1||77^^^NORTH^MR||Doe^Jane',
    'PV1|1|I|W^1^2',
  ],
};

type Change = readonly [from: string | RegExp, to: string];

/** Rule, message, what is changed in it, place of the finding. */
const cases: readonly (readonly [LintRule, keyof typeof good, readonly Change[], string])[] = [
  ['charset-unknown', 'adt', [['|ASCII', '|KLINGON']], '1 MSH-18'],
  ['charset-mismatch', 'adt', [['Doe^Jim', 'Döe^Jim']], '4 NK1[1]'],
  ['charset-undeclared', 'oru', [['Doe', 'Döe']], '1 MSH-18'],
  ['control-character', 'adt', [['Jane', 'Ja\x01ne']], '3 PID'],
  ['delimiters-repeated', 'adt', [['|^~\\&|', '|^^\\&|']], '1 MSH-2'],
  ['delimiters-missing', 'adt', [['|^~\\&|', '|^~\\|']], '1 MSH-2'],
  ['delimiters-extra', 'adt', [['|^~\\&|', '|^~\\&#|']], '1 MSH-2'],
  ['delimiters-extra', 'new', [['|^~\\&#|', '|^~\\&#@|']], '1 MSH-2'],
  ['delimiters-unusual', 'adt', [['|^~\\&|', '|^~\\$|']], '1 MSH-2'],
  [
    'delimiters-contradicted',
    'old',
    [
      ['77^^^NORTH^MR', '77$$$$$$NORTH$$MR'],
      ['Doe^Jane', 'Doe$$Jane'],
      ['W^1^2', 'W$$1$$2'],
    ],
    '3 PID',
  ],
  ['version-unknown', 'adt', [['|2.5.1|', '|2.5.7|']], '1 MSH-12.1'],
  ['version-unknown', 'new', [['|2.8', '|V2']], '1 MSH-12.1'],
  ['version-newer', 'new', [['|2.8', '|2.9']], '1 MSH-12.1'],
  ['type-unknown', 'oru', [['ORU^R01^ORU_R01', 'ADX^X77^ORU_R01']], '1 MSH-9'],
  ['structure-contradicts', 'adt', [['ADT^A01^ADT_A01', 'ADT^A01^ADT_A04']], '1 MSH-9.3'],
  ['structure-unchecked', 'oru', [['ORU^R01^ORU_R01', 'ZRU^Z01^ZRU_Z01']], '1 MSH-9'],
  ['event-contradicts', 'adt', [['EVN||', 'EVN|A08|']], '2 EVN-1'],
  ['not-a-segment', 'adt', [['Doe^Jim', 'Doe\r^Jim']], '5 '],
  ['segment-unknown', 'adt', [['\rPV1', '\rPRT||AD||AT\rPV1']], '6 PRT'],
  ['segment-unknown', 'adt', [['\rPV1', '\rABC|1\rPV1']], '6 ABC'],
  ['segment-withdrawn', 'new', [[/$/, '\rROL|1|AD|AT^Attending^HL70443|D1^Doc']], '5 ROL'],
  ['segment-not-in-structure', 'adt', [['\rPV1', '\rTXA|1|CN|TX|||||||||D1|||||DO\rPV1']], '6 TXA'],
  ['segment-misplaced', 'adt', [[/(\rPV1[^\r]*)(\rOBX[^\r]*)/, '$2$1']], '6 OBX'],
  ['segment-repeated', 'adt', [['\rNK1', '\rPID|2||78^^^NORTH^MR||Roe^Rick\rNK1']], '4 PID[2]'],
  ['segment-missing', 'adt', [[/\rPV1[^\r]*/, '']], '1 PV1'],
  ['segment-missing', 'oru', [[/\rOBR[^\r]*/, '']], '3 OBR'],
  ['set-id-sequence', 'adt', [['NK1|2', 'NK1|3']], '5 NK1[2]-1'],
  ['set-id-sequence', 'oru', [['OBX|2', 'OBX|1']], '5 OBX[2]-1'],
  ['trailing-empty', 'adt', [['Doe^Jim', 'Doe^Jim|||']], '4 NK1[1]'],
  ['trailing-empty', 'adt', [['Doe^Jim', 'Doe^Jim^^']], '4 NK1[1]-2'],
  ['field-required', 'adt', [['|77^^^NORTH^MR|', '||']], '3 PID-3'],
  ['field-conditional', 'oru', [['|||20260301101500+0100||||', '|||||||']], '3 OBR-7'],
  ['field-conditional', 'oru', [['+0100||||||||||||||||||F', '+0100']], '3 OBR-25'],
  ['field-conditional', 'document', [['|TX|2026', '||2026']], '5 TXA-3'],
  ['field-conditional', 'document', [['|7^Roe^Al||2026', '|||2026']], '5 TXA-5'],
  ['field-conditional', 'document', [['|8^Type^Ann|', '||']], '5 TXA-11'],
  ['field-conditional', 'document', [['MDM^T02^MDM_T02', 'MDM^T06^MDM_T02']], '5 TXA-13'],
  ['field-conditional', 'document', [['|AU|||||7^Roe^Al', '|AU']], '5 TXA-22'],
  ['field-conditional', 'order', [['ORC|NW|P1', 'ORC|NW']], '3 ORC-2'],
  ['field-conditional', 'order', [['|P8|||EE', '||||EE']], '5 TQ2-3'],
  ['field-conditional', 'order', [['|P8|||EE', '|P8']], '5 TQ2-6'],
  ['field-conditional', 'new', [['Doe^Jane', `Doe^Jane${'|'.repeat(31)}B^Beagle^L`]], '3 PID-35'],
  ['field-conditional', 'new', [['Doe^Jane', `Doe^Jane${'|'.repeat(30)}D^Dog^L||S`]], '3 PID-36'],
  ['field-required', 'adt', [['|4711|', '||']], '1 MSH-10'],
  ['field-required', 'adt', [['|P|2.5.1', '||2.5.1']], '1 MSH-11'],
  ['field-required', 'oru', [['|P|2.5.1', '|P||||AL']], '1 MSH-12'],
  ['field-beyond', 'adt', [['20260301|W', `20260301|W${'|'.repeat(21)}x`]], '8 DG1-27'],
  ['field-repeats', 'adt', [['|19700102|F', '|19700102|F~M']], '3 PID-8[1]'],
  ['field-withdrawn', 'new', [['PID|1||', 'PID|1|77|']], '3 PID-2'],
  ['component-required', 'adt', [['|77^^^NORTH^MR|', '|^^^NORTH^MR|']], '3 PID-3.1'],
  ['component-beyond', 'adt', [['|19700102|F', '|19700102|F^Female']], '3 PID-8.2'],
  ['component-beyond', 'adt', [['77^^^NORTH^MR', '77^^^NORTH&1.2.3&ISO&X^MR']], '3 PID-3.4.4'],
  ['value-type-missing', 'adt', [['OBX|1|NM', 'OBX|1|']], '7 OBX-5'],
  ['value-type-unknown', 'adt', [['OBX|1|NM', 'OBX|1|XX']], '7 OBX-2'],
  ['number-malformed', 'oru', [['|5.1|', '|5,1|']], '4 OBX[1]-5'],
  ['number-malformed', 'adt', [['NK1|2', 'NK1|B']], '5 NK1[2]-1'],
  ['date-malformed', 'adt', [['|W^1^2', `|W^1^2${'|'.repeat(22)}2026-03-01`]], '6 PV1-25'],
  ['time-malformed', 'oru', [['|ST|COM^Comment^L||fine \\T\\ well', '|TM|COM^Comment^L||25 past']], '5 OBX[2]-5'],
  ['datetime-malformed', 'adt', [['|19700102|', '|02.01.1970|']], '3 PID-7.1'],
  ['time-impossible', 'adt', [['|19700102|', '|19700230|']], '3 PID-7.1'],
  ['zone-missing', 'adt', [['|20260301101500+0100||ADT', '|20260301101500||ADT']], '1 MSH-7.1'],
  ['code-system-missing', 'adt', [['I10^Hypertension^I10C', 'I10^Hypertension']], '8 DG1-3.1'],
  ['code-unknown', 'adt', [['|||||F', '|||||Q']], '7 OBX-11'],
  ['code-unknown', 'adt', [['|P|2.5.1', '|Q|2.5.1']], '1 MSH-11.1'],
  ['code-unknown', 'adt', [['|AL|NE', '|AX|NE']], '1 MSH-15'],
  ['code-local', 'adt', [['|19700102|F', '|19700102|W']], '3 PID-8'],
  ['code-local', 'old', [['PV1|1|I', 'PV1|1|X']], '4 PV1-2'],
  ['too-long', 'adt', [['|4711|', '|471100000000000000000|']], '1 MSH-10'],
  ['truncated', 'new', [['NORTH', 'NORTHWESTERN#']], '1 MSH-4.1'],
  ['escape-invalid', 'oru', [['fine \\T\\ well', 'fine \\Q\\ well']], '5 OBX[2]-5'],
  ['escape-invalid', 'oru', [['fine \\T\\ well', 'C:\\temp']], '5 OBX[2]-5'],
];

const text = (name: keyof typeof good): string => `${good[name].join('\r')}\r`;

function changed(name: keyof typeof good, changes: readonly Change[]): string {
  let whole = text(name).slice(0, -1);
  for (const [from, to] of changes) {
    const next = whole.replace(from, to);
    assert.notEqual(next, whole, `${from} is in ${name}`);
    whole = next;
  }
  return `${whole}\r`;
}

const places = (findings: readonly Finding[]) => findings.map(({ rule, line, path }) => `${rule} ${line} ${path}`);

describe('lint', () => {
  for (const name of Object.keys(good) as (keyof typeof good)[]) {
    it(`finds nothing wrong with the good ${name} message`, () => {
      assert.deepEqual(places(lint(text(name), true)), []);
    });
  }

  for (const [rule, name, changes, place] of cases) {
    it(`${rule}: ${name} with ${changes.map(([, to]) => JSON.stringify(to)).join(', ')}`, () => {
      assert.deepEqual(places(lint(changed(name, changes), true)), [`${rule} ${place}`]);
    });
  }

  const one = text('adt');
  const wholes: readonly (readonly [LintRule, string, Buffer | string, string])[] = [
    ['no-message', 'text without MSH', 'hello\r', '1 '],
    ['no-message', 'MSH without delimiters', 'MSH \r', '1 '],
    ['utf-16', 'UTF-16', Buffer.from(`\ufeff${one}`, 'utf16le'), '1 '],
    ['line-ends-mixed', 'one LF among CRs', one.replace('\rNK1', '\nNK1'), '1 MSH'],
    ['line-end-not-cr', 'LF on the wire', one.replaceAll('\r', '\n'), '1 MSH'],
    ['line-end-missing', 'no last CR', one.slice(0, -1), '8 '],
    ['control-id-repeated', 'the same message twice', one + one, '9 MSH-10'],
    ['batch-envelope', 'a BTS with a wrong count', `BHS|^~\\&|A\r${one}BTS|3\r`, '10 '],
  ];
  for (const [rule, title, bytes, place] of wholes) {
    it(`${rule}: ${title}`, () => assert.deepEqual(places(lint(bytes, true)), [`${rule} ${place}`]));
  }

  it('has a case for every rule', () => {
    const tested = new Set([...cases, ...wholes].map(([rule]) => rule));
    assert.deepEqual(
      Object.keys(lintRules).filter((rule) => !tested.has(rule as LintRule)),
      [],
    );
  });
});

describe('a feed', () => {
  it('is taken as on the wire in frames, as a file else', () => {
    const lines = text('adt').replaceAll('\r', '\n');
    assert.deepEqual(places(lint(lines)), []);
    assert.deepEqual(places(lint(lines.trimEnd())), []);
    assert.deepEqual(places(lint(`\x0b${lines}\x1c\r`)), ['line-end-not-cr 1 MSH']);
  });

  it('counts lines over the whole file', () => {
    const broken = changed('oru', [['|5.1|', '|5,1|']]);
    assert.deepEqual(places(lint(`${text('adt')}${broken}`)), ['number-malformed 12 OBX[1]-5']);
    const framed = `\x0b${text('adt')}\x1c\r\x0b${broken}\x1c\r`;
    assert.deepEqual(places(lint(framed)), ['number-malformed 13 OBX[1]-5']);
  });

  it('names no value of a message but in the value itself', () => {
    for (const [, name, changes] of cases) {
      for (const { problem, right } of lint(changed(name, changes))) {
        assert.doesNotMatch(`${problem} ${right}`, /Doe|Jane|4711|19700102|77\^/);
      }
    }
  });

  it('takes the beginning of a line that is no segment for content', () => {
    const findings = lint(changed('adt', [['Doe^Jim', 'see\rMeyer, Anna 1970\x02|born|']]), true);
    assert.ok(findings.some(({ rule }) => rule === 'not-a-segment'));
    assert.doesNotMatch(JSON.stringify(findings.map(({ value: _, ...shown }) => shown)), /Meyer|Anna|born/);
  });

  it('knows deviations of versions: what one asks for another does not', () => {
    const evn = (version: string) =>
      changed('adt', [
        ['|2.5.1|', `|${version}|`],
        ['EVN||', 'EVN|A01|'],
      ]);
    assert.deepEqual(places(lint(evn('2.5'))), []);
    assert.deepEqual(
      places(lint(evn('2.8'))).filter((place) => place.includes('EVN')),
      ['field-withdrawn 2 EVN-1'],
    );
  });

  it('survives anything', () => {
    const bytes = Buffer.from(text('adt'), 'utf8');
    for (let at = 0; at < bytes.length; at += 1) {
      for (const byte of [0x00, 0x0b, 0x0d, 0x1c, 0x5c, 0x5e, 0x7c, 0xff]) {
        const mutated = Buffer.from(bytes);
        mutated[at] = byte;
        lint(mutated);
      }
    }
  });
});
