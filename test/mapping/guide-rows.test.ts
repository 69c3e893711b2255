/**
 * The rows of HL7's v2-to-FHIR guide for segments, one by one: what a row sends to an element, our rules set there, in one of the full messages or
 * gold cases; or `guide-rows.yaml` says why not. A reason that no row needs fails.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { Trace } from '../../src/mapping/trace.js';
import { csv } from '../support/csv.js';
import { guideFolder, hasGuide } from '../support/needs.js';
import { messageOf, projectMapping } from './mapped.js';

/** Rows by reason: `PID-24 Patient.multipleBirthBoolean`, or `ORC Provenance` for all of a segment. */
type Reasons = Readonly<Record<string, readonly string[]>>;

/** Messages for what the full ones exclude by what else they hold. */
const others: readonly string[] = [
  [
    'MSH|^~\\&|ADT1|NORTH^1.2.3^ISO|APP|FAC|20240503101500|SECRET|ADT^A01^ADT_A01|M1|P|2.8|||AL|NE|USA|UNICODE UTF-8|de^German^ISO639||PROF^NORTH^1.2.3.4^ISO|Sender Ltd^^^^^^^^^S1|Receiver Ltd^^^^^^^^^R1|NET1^1.2.4^ISO|NET2^1.2.5^ISO|R^Restricted^HL70952',
    'SFT|Maker Ltd^^^^^^^^^V1|1.2|Engine|BIN7|fast|20240101',
    'EVN|A01|20240503101400',
    'PID|1||12345^^^NORTH^MR||Doe^Ann|||||||||||||||||||Y||||||Y|||20240503|NORTH^1.2.3^ISO',
    'PV1|1|I|||||||||||||||||V100^^^NORTH|HMO^20240101',
    'IAM|1|DA|1191^Aspirin^RXNORM||||AL1^NORTH|||||in childhood',
  ].join('\n'),
  [
    'MSH|^~\\&|OE|NORTH|W|W|20240503120000||ORM^O01^ORM_O01|M3|P|2.3',
    'PID|1||12345^^^NORTH^MR||Doe^Ann',
    'ORC|NW|P1^OE',
    'OBR|1|P1^OE||K^Potassium^L|S||||||||||||D7^Smith^Jane^^^^^^NORTH|||||||||||||PP1&OE',
  ].join('\n'),
  [
    'MSH|^~\\&|LAB|NORTH|W|W|20240503120000||ORU^R01^ORU_R01|M4|P|2.8',
    'PID|1||12345^^^NORTH^MR||Doe^Ann',
    'ORC|RE|P1^OE|F1^LAB|G1&OE^G2&LAB',
    'OBR|1|||K^Potassium^L|||20240503080000|20240503090000|||||||BLD',
  ].join('\n'),
  [
    'MSH|^~\\&|EHR|NORTH|W|W|20240503120000||VXU^V04^VXU_V04|M5|P|2.8',
    'PID|1||12345^^^NORTH^MR||Doe^Ann',
    'ORC|RE||F1^IIS||||||20240503110000',
    'RXA|0|1|20240503||140^Influenza^CVX|999',
  ].join('\n'),
  [
    'MSH|^~\\&|EHR|NORTH|W|W|20240503120000||MDM^T01^MDM_T01|M6|P|2.8',
    'EVN|T01|20240503',
    'PID|1||12345^^^NORTH^MR||Doe^Ann',
    'TXA|1|DS^Discharge summary^HL70270|TX|||20240503||||||DOC1^EHR',
  ].join('\n'),
];

test('each row of the guide for a segment is carried out, or has its reason', (t) => {
  if (!hasGuide(t)) return;
  const made = whatIsMade();
  const reasons = parse(readFileSync(join('test', 'mapping', 'guide-rows.yaml'), 'utf8')) as Reasons;
  const excused = new Map(Object.entries(reasons).flatMap(([why, rows]) => rows.map((row) => [row, why] as const)));
  const needed = new Set<string>();
  const missing: string[] = [];
  let rows = 0;
  for (const { field, type, member } of guideRows()) {
    rows++;
    const set = made.get(`${field} ${type}`) ?? new Set();
    if ([...set].some((path) => member.startsWith(path.replace('[x]', '')))) continue;
    const row = [`${field} ${type}.${member}`, `${field.slice(0, 3)} ${type}`].find((name) => excused.has(name));
    if (row === undefined) missing.push(`${field} ${type}.${member}`);
    else needed.add(row);
  }
  t.diagnostic(
    `${rows} rows of the guide, ${excused.size} of them otherwise for ${Object.keys(reasons).length} reasons`,
  );
  assert.ok(rows > 500);
  assert.deepEqual(missing, [], 'rows that nothing carries out');
  assert.deepEqual(
    [...excused.keys()].filter((row) => !needed.has(row)),
    [],
    'reasons that no row needs',
  );
});

/** Members of types that are set, by the field that a rule is named for or reads: `PID-5 Patient` sets `name`. */
function whatIsMade(): Map<string, Set<string>> {
  const made = new Map<string, Set<string>>();
  for (const text of [...others, ...fullMessages(), ...goldMessages()]) {
    const trace = new Trace();
    const tenant = { ...plainTenantSettings, zone: 'Europe/Berlin' };
    const { drafts } = mapMessage(projectMapping(), messageOf(text), { tenant, trace, views: true });
    const types = new Map(drafts.map(({ label, type }) => [label, type]));
    for (const { label, path, rule, from } of trace.elements) {
      const type = types.get(label) ?? label.replace(/\[.*/, '');
      const fields = from.map(({ segment, field }) => `${segment.name}-${field}`);
      const [, named] = /\/([A-Z][A-Z0-9]{2}-\d+)/.exec(rule) ?? [];
      for (const field of named === undefined ? fields : [...fields, named]) {
        const key = `${field} ${type}`;
        made.set(key, (made.get(key) ?? new Set()).add(path.replace(/[.(].*|\[\d.*/, '')));
      }
    }
  }
  return made;
}

function fullMessages(): string[] {
  const folder = join('test', 'mapping', 'full-messages');
  const segments = parse(readFileSync(join(folder, 'segments.yaml'), 'utf8')) as Record<string, string>;
  const messages = parse(readFileSync(join(folder, 'messages.yaml'), 'utf8')) as Record<string, { message: string[] }>;
  return Object.values(messages).map(({ message }) => message.map((name) => segments[name] ?? name).join('\n'));
}

function goldMessages(): string[] {
  return ['cases', 'order-cases'].flatMap((name) => {
    const folder = join('test', 'mapping', name);
    return readdirSync(folder).flatMap((file) => {
      const cases = JSON.parse(readFileSync(join(folder, file), 'utf8')) as
        | { message: string[] }
        | { message: string[] }[];
      return [cases].flat().map(({ message }) => message.join('\n'));
    });
  });
}

interface GuideRow {
  readonly field: string;
  readonly type: string;
  /** The member of the type, with the type of a choice: `deceasedBoolean`. */
  readonly member: string;
}

/** Rows with a target of the sheets `PID[Patient]`, …; what lies within a reference is a row of the type referred to. */
function* guideRows(): Generator<GuideRow> {
  const folder = join(guideFolder, 'segments');
  for (const file of readdirSync(folder).sort()) {
    const [, segment, sheet] = /_ ([A-Z0-9]{3})\[([A-Za-z]+)/.exec(file) ?? [];
    if (segment === undefined || sheet === undefined) continue;
    const seen = new Set<string>();
    for (const cells of csv(readFileSync(join(folder, file), 'utf8')).slice(2)) {
      const field = cells[1]?.trim() ?? '';
      const target = cells[9]?.trim() ?? '';
      if (!/^[A-Z0-9]{3}-\d+$/.test(field) || !/^[a-z]/.test(target)) continue;
      const inner = /^.*\(([A-Z][A-Za-z]+)(?:\[\d\])?\.+([a-z][A-Za-z]*)/.exec(target);
      const [type = '', member = ''] = inner?.slice(1) ?? [sheet, target.replace(/[.[( ].*/, '')];
      const row = `${field} ${type}.${member}`;
      if (!seen.has(row)) yield { field, type, member };
      seen.add(row);
    }
  }
}
