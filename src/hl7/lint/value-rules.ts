import type { Definition } from '../dictionary.js';
import type { Segment } from '../segment.js';
import { isTimestampFault, parseTimeOfDay, parseTimestamp } from '../timestamps.js';
import type { ValueNode } from '../value-node.js';
import { compareVersions } from '../version.js';
import type { LintContext } from './report.js';

const number = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const date = /^\d{4}(\d{2}(\d{2})?)?$/;
const dateTime = /^\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,4})?)?)?)?)?)?([+-]\d{4})?$/;
const timeOfDay = /^\d{2}(\d{2}(\d{2}(\.\d{1,4})?)?)?([+-]\d{4})?$/;

/** The form of a leaf of a primitive data type (HL7 v2.8, chapter 2A). */
export function checkPrimitive(node: ValueNode, type: string, context: LintContext): void {
  const { report } = context;
  const text = node.raw.trim();
  switch (type) {
    case 'NM':
      if (!number.test(text))
        report('number-malformed', node, 'an NM is a number', 'digits with a sign and a decimal point');
      return;
    case 'SI':
      if (!/^\d{1,4}$/.test(text)) report('number-malformed', node, 'an SI is a whole number', 'one to four digits');
      return;
    case 'DT':
      if (!date.test(text)) report('date-malformed', node, 'a DT is a date', dateForm(context.version));
      else checkPossible(node, parseTimestamp(text), context);
      return;
    case 'DTM':
      if (!dateTime.test(text)) {
        report('datetime-malformed', node, 'a time in another form', 'YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]');
      } else checkPossible(node, parseTimestamp(text), context);
      return;
    case 'TM':
      if (!timeOfDay.test(text)) report('time-malformed', node, 'a TM is a time of day', 'HHMM[SS[.S]][+/-ZZZZ]');
      else checkPossible(node, parseTimeOfDay(text), context);
  }
}

function dateForm(version: string): string {
  return compareVersions(version, '2.3') < 0 ? 'YYYYMMDD' : 'YYYY[MM[DD]]';
}

function checkPossible(node: ValueNode, result: object, { report }: LintContext): void {
  if (!isTimestampFault(result) || result.fault !== 'impossible') return;
  report('time-impossible', node, result.detail, 'a day of the calendar and a time of day');
}

/** Tables with rules of their own: events, types, structures, versions, data types, character sets. */
const elsewhere: ReadonlySet<number> = new Set([3, 76, 104, 125, 211, 354]);

const coded: ReadonlySet<string> = new Set(['CE', 'CWE', 'CNE', 'CF']);

/** A code against its table, and whether a coded value says where its code comes from (HL7 v2.8, 2A.3.11 and 2.5.3.6). */
export function checkCode(node: ValueNode, type: string, table: string | undefined, context: LintContext): void {
  const number = table === undefined ? undefined : Number(table.slice(3));
  const isCoded = coded.has(type);
  const first = isCoded || node.childCount > 1 ? node.child(1) : node;
  const code = first.raw.trim();
  if (isCoded) checkSystems(node, number !== undefined && context.codes(number) !== undefined, context);
  if (number === undefined || elsewhere.has(number) || code === '' || code === '""' || type === 'HD' || type === 'CX')
    return;
  if (!isCoded && type !== 'ID' && type !== 'IS' && !isOldProcessingId(type, context)) return;
  // A coded value with a system of its own is judged by nobody but its table's owner.
  const system = isCoded ? node.leaf(3) : '';
  if (system !== '' && system !== table) return;
  const codes = context.codes(number);
  if (codes === undefined || codes.size === 0 || codes.has(code) || codes.has(code.toUpperCase())) return;
  const user = context.isUserTable(number) || (isCoded && system === '');
  const name = `HL7 table ${String(number).padStart(4, '0')}`;
  const problem = user ? `not among the suggestions of ${name}` : `${name} has no such value`;
  context.report(user ? 'code-local' : 'code-unknown', first, problem, listed(codes));
}

/** MSH-11, whose first component has the table itself from 2.5 on. */
function isOldProcessingId(type: string, { dataType }: LintContext): boolean {
  return type === 'PT' && dataType(type)?.fields[0]?.table === undefined;
}

function checkSystems(node: ValueNode, hasTable: boolean, { report }: LintContext): void {
  for (const [code, system] of [
    [1, 3],
    [4, 6],
  ] as const) {
    if (node.leaf(code) === '' || node.leaf(system) !== '') continue;
    if (hasTable && code === 1) continue;
    const right = `name it in part ${system}: LN, SCT, I10, or 99 and a name of your own`;
    report('code-system-missing', node.child(code), 'a code without its coding system', right);
  }
}

function listed(codes: ReadonlySet<string>): string {
  const all = [...codes];
  return all.length > 16 ? `one of ${all.slice(0, 16).join(', ')}, …` : `one of ${all.join(', ')}`;
}

/** Every time of a segment that has an hour and no offset, by the data types of its fields. */
export function timesOf(
  segment: Segment,
  definition: Definition | undefined,
  dataType: LintContext['dataType'],
): ValueNode[] {
  const found: ValueNode[] = [];
  const look = (node: ValueNode, type: string): void => {
    if (node.end === node.start) return;
    if (type === 'TS') look(node.child(1), 'DTM');
    else if (type === 'DTM') {
      if (dateTime.test(node.raw) && node.raw.length >= 10 && !/[+-]\d{4}$/.test(node.raw)) found.push(node);
    } else if (node.level !== 'subcomponent') {
      for (const part of dataType(type)?.fields ?? []) look(node.child(part.position), part.type);
    }
  };
  for (const field of definition?.fields ?? []) {
    if (segment.isDelimiterField(field.position)) continue;
    for (const node of segment.nodes(field.position)) look(node, field.type);
  }
  return found;
}
