import { indexOf } from '../group-index.js';
import { groupMessage } from '../grouping.js';
import type { Hl7Message } from '../message.js';
import type { Segment } from '../segment.js';
import { structureOf } from '../structures.js';
import { compareVersions } from '../version.js';
import type { LintContext } from './report.js';

/** Segments kept for old systems: since which version, from which on they are gone, and what took their place. */
const withdrawn: Readonly<Record<string, readonly [since: string, gone: string | undefined, instead: string]>> = {
  QRD: ['2.4', '2.7', 'QPD and RCP'],
  QRF: ['2.4', '2.7', 'QPD and RCP'],
  RX1: ['2.2', '2.3', 'RXO, RXE or RXA'],
  ROL: ['2.7', undefined, 'PRT'],
  UB1: ['2.3', '2.7', 'no segment'],
  URD: ['2.4', '2.7', 'no segment'],
  URS: ['2.4', '2.7', 'no segment'],
};

/** Envelope and continuation segments, which stand in messages without being in their structures. */
const everywhere = new Set(['FHS', 'BHS', 'BTS', 'FTS', 'ADD', 'DSC']);

/** Names of segments, their order, and which must be there (HL7 v2.8, 2.5.2, and the structure of the message). */
export function checkStructure(message: Hl7Message, context: LintContext): void {
  const { report, version, dictionary } = context;
  const known: Segment[] = [];
  for (const segment of message.segments) if (checkName(segment, context)) known.push(segment);
  const { structure } = structureOf(message);
  const grammar = dictionary.grammar(structure, version);
  if (grammar === undefined) return;
  const grouped = groupMessage(message, grammar);
  const names = indexOf(grammar).anywhere;
  const isKnown = new Set(known.map(({ line }) => line));
  // Where what opens a group is missing, what follows it is out of order for that reason, which is told once.
  const headless = new Set(grouped.diagnostics.filter(({ code }) => code === 'missing').map(({ line }) => line));
  for (const { code, segment, group, line } of grouped.diagnostics) {
    if (code === 'missing') {
      const what = segment.replaceAll('|', ' or ');
      const right = group === structure ? `${structure} requires it` : `${group} of ${structure} requires it`;
      report('segment-missing', { line, path: segment.split('|')[0] ?? segment }, `${what} is missing`, right);
    } else if (code === 'unknown' && isKnown.has(line) && !everywhere.has(segment)) {
      const right = `${structure} has ${list([...names])}`;
      report('segment-not-in-structure', at(message, line, segment), `${structure} has no ${segment}`, right);
    } else if (code === 'misplaced' && !headless.has(line)) {
      const place = at(message, line, segment);
      const before = grouped.groupOf(place).segmentsNamed(segment);
      const member = grammarOf(grouped.groupOf(place).grammar.members, segment);
      if (before.length > 1 && before[0] !== place && member?.repeating === false) {
        report('segment-repeated', place, `${segment} may come once in ${group}`, 'leave it out, or send two messages');
      } else {
        report('segment-misplaced', place, `out of order in ${structure}`, orderOf(group, grouped.groupOf(place)));
      }
    }
  }
}

/** Says what is wrong with a segment's name; true where it is one whose place can be judged. */
function checkName(segment: Segment, { segment: define, report, version, dictionary }: LintContext): boolean {
  const { name } = segment;
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) {
    const right = 'three characters and the field separator; write line breaks inside a value as \\.br\\';
    report('not-a-segment', { line: segment.line, path: '' }, 'this line is no segment', right, segment.raw);
    return false;
  }
  if (name.startsWith('Z')) return false;
  const [since, gone, instead] = withdrawn[name] ?? [];
  if (since !== undefined && compareVersions(version, since) >= 0) {
    const when =
      gone !== undefined && compareVersions(version, gone) >= 0
        ? `withdrawn in ${gone}`
        : `for old systems only since ${since}`;
    report('segment-withdrawn', segment, when, `${instead} instead`);
    return true;
  }
  if (define(name) !== undefined) return true;
  const first = dictionary.versions.find((each) => dictionary.segment(name, each) !== undefined);
  const right = first === undefined ? 'begin a segment of your own with Z' : `${name} exists from version ${first} on`;
  report('segment-unknown', segment, `version ${version} has no such segment`, right);
  return false;
}

function at(message: Hl7Message, line: number, name: string): Segment {
  return message.segments.find((segment) => segment.line === line && segment.name === name) ?? message.header;
}

type Members = Parameters<typeof indexOf>[0]['members'];

function grammarOf(members: Members, name: string): { readonly repeating: boolean } | undefined {
  return members.find((member) =>
    member.kind === 'choice' ? member.options.some((option) => option.name === name) : member.name === name,
  );
}

function orderOf(name: string, group: { readonly grammar: { readonly members: Members } }): string {
  const names = group.grammar.members.map((member) =>
    member.kind === 'choice' ? member.options.map((option) => option.name).join(' or ') : member.name,
  );
  return `the order of ${name} is ${list(names)}`;
}

function list(names: readonly string[]): string {
  return names.length > 24 ? `${names.slice(0, 24).join(' ')} …` : names.join(' ');
}
