import type { Definition, FieldDefinition } from '../dictionary.js';
import type { Hl7Message } from '../message.js';
import type { Segment } from '../segment.js';
import type { ValueNode } from '../value-node.js';
import { compareVersions } from '../version.js';
import { checkEscapes } from './escape-rules.js';
import type { LintContext, Report } from './report.js';
import { checkCode, checkPrimitive, timesOf } from './value-rules.js';

/** What the dictionary asks for and its version does not: optional there, or required by a condition only. */
const notRequired: ReadonlySet<string> = new Set([
  '2.2 OBX-2',
  '2.3 EVN-1',
  '2.3 NK1-7',
  '2.3 OBR-27',
  '2.3 OBX-2',
  '2.3 ORC-7',
  '2.3.1 OBX-2',
  '2.3.1 OBX-4',
]);

/** Every field of every segment that the version defines: presence, number, repetitions, data types, tables, lengths. */
export function checkFields(message: Hl7Message, context: LintContext): void {
  for (const segment of message.segments) {
    checkTrailing(segment, context);
    const definition = context.segment(segment.name);
    if (definition === undefined) {
      if (segment.name.startsWith('Z')) eachLeaf(segment, (leaf) => checkEscapes(leaf, context));
      continue;
    }
    checkSegment(segment, definition, context);
  }
  checkZones(message, context);
}

function checkSegment(segment: Segment, definition: Definition, context: LintContext): void {
  const { report } = context;
  for (const field of definition.fields) {
    const nodes = segment.isDelimiterField(field.position) ? [] : segment.nodes(field.position);
    const isRequired =
      field.optionality === 'required' && !notRequired.has(`${context.version} ${segment.name}-${field.position}`);
    if (isRequired && !segment.isValued(field.position) && !segment.isDelete(field.position)) {
      report('field-required', segment.node(field.position), `${field.name.trim()} is required`, 'give it a value');
      continue;
    }
    const valued = nodes.filter((node) => node.end > node.start);
    if (valued.length === 0) continue;
    if (field.optionality === 'backward') {
      report(
        'field-withdrawn',
        segment.node(field.position),
        `${field.name.trim()} is for old systems only`,
        'leave it empty',
      );
    }
    if (typeof field.repetitions === 'number' && nodes.length > field.repetitions) {
      const right = field.repetitions === 1 ? 'one value' : `at most ${field.repetitions} repetitions`;
      report(
        'field-repeats',
        segment.node(field.position),
        `${nodes.length} repetitions`,
        `${right}; a ~ in text is \\R\\`,
      );
    }
    for (const node of valued) checkField(node, typed(segment, field, context), context);
  }
  // What a version later than the dictionary's last may have added is not judged.
  if (context.isNewer) return;
  const last = definition.fields.at(-1)?.position ?? 0;
  for (let position = last + 1; position <= segment.fieldCount; position++) {
    if (!segment.isValued(position)) continue;
    const right = `${segment.name} ends with field ${last} in version ${context.version}; a | in text is \\F\\`;
    report('field-beyond', segment.node(position), `${segment.name} has no field ${position}`, right);
  }
}

/** The definition of a field with the data type that OBX-2 gives to OBX-5. */
function typed(segment: Segment, field: FieldDefinition, context: LintContext): FieldDefinition {
  if (segment.name !== 'OBX' || field.position !== 5) return field;
  const named = segment.value(2);
  if (named === '') {
    const right = 'a data type such as NM, ST, CWE or TX in OBX-2';
    context.report('value-type-missing', segment.node(5), 'OBX-2 does not say what this is', right, '');
    return { ...field, type: 'VARIES' };
  }
  if (context.dataType(named) === undefined && named !== 'NULL') {
    const right = `a data type of version ${context.version}, such as NM, ST, CWE or TX`;
    context.report('value-type-unknown', segment.node(2), 'no such data type', right);
    return { ...field, type: 'VARIES' };
  }
  return { ...field, type: named };
}

function checkField(node: ValueNode, field: FieldDefinition, context: LintContext): void {
  if (node.isDelete) return;
  // A value with components where none belong is too long for that reason, which is told once.
  const isLeaf = context.dataType(field.type)?.fields.length === 0;
  if (!isLeaf || node.childCount <= 1) checkLength(node, field, context);
  checkValue(node, field, context);
}

/** A repetition, component or subcomponent as its data type says; a table belongs to the first part of a composite. */
function checkValue(node: ValueNode, { type, table, optionality }: FieldDefinition, context: LintContext): void {
  const definition = context.dataType(type);
  if (node.level === 'subcomponent' || definition === undefined || type === 'VARIES') {
    leavesOf(node, (leaf) => checkEscapes(leaf, context));
    if (definition !== undefined && definition.fields.length === 0) checkLeaf(node, type, table, context);
    return;
  }
  if (type === 'TS') {
    checkLeaf(node.child(1), 'DTM', undefined, context);
    return;
  }
  if (definition.fields.length === 0) {
    // Compositions that no version spells out, and fields kept for old systems, whose old type had components.
    if (type !== 'CM' && optionality !== 'backward' && node.childCount > 1) reportExtra(node, 1, type, context);
    leavesOf(node, (leaf) => checkEscapes(leaf, context));
    checkLeaf(node.childCount > 1 ? node.child(1) : node, type, table, context);
    return;
  }
  checkComposite(node, definition, type, table, context);
}

function checkComposite(
  node: ValueNode,
  { fields }: Definition,
  type: string,
  table: string | undefined,
  context: LintContext,
): void {
  if (node.childCount > fields.length) reportExtra(node, fields.length, type, context);
  checkCode(node, type, table, context);
  for (const part of fields) {
    const child = node.child(part.position);
    if (child.end === child.start) {
      if (part.optionality === 'required') {
        const right = `component ${part.position} of ${type}, ${part.name.trim()}`;
        context.report('component-required', child, 'a required component has no value', right);
      }
      continue;
    }
    checkField(child, part, context);
  }
}

function checkLeaf(node: ValueNode, type: string, table: string | undefined, context: LintContext): void {
  if (node.end === node.start || node.isDelete) return;
  checkPrimitive(node, type, context);
  if (table !== undefined && (type === 'ID' || type === 'IS')) checkCode(node, type, table, context);
}

function reportExtra(node: ValueNode, most: number, type: string, context: LintContext): void {
  const extra = node.children().find((child, index) => index >= most && child.isValued);
  if (extra === undefined || context.isNewer) return;
  const mark = node.level === 'repetition' ? 'a ^ in text is \\S\\' : 'an & in text is \\T\\';
  const has = most === 1 ? 'no components' : `${most} components`;
  context.report('component-beyond', extra, `${type} has ${has}`, mark);
}

/** Types whose form says more than their length, and one that has none. */
const ownForm: ReadonlySet<string> = new Set(['DT', 'DTM', 'TM', 'TS', 'VARIES']);

/** Maximum lengths are normative in 2.1 to 2.6 (HL7 v2.6, 2.5.3.2); those over 64K stand for no limit. */
function checkLength(node: ValueNode, { length, type }: FieldDefinition, context: LintContext): void {
  const { report, version } = context;
  const raw = node.raw;
  if (compareVersions(version, '2.7') >= 0) {
    const { truncation } = node.segment.message.delimiters;
    const declared = [...node.segment.message.header.value(2)].length === 5;
    const isLeaf = context.dataType(type)?.fields.length === 0;
    if (isLeaf && declared && truncation !== -1 && raw.endsWith(String.fromCharCode(truncation))) {
      report('truncated', node, 'the sender cut the value', 'the whole value');
    }
    return;
  }
  if (length === undefined || length === 0 || length >= 65_536 || ownForm.has(type)) return;
  if (isMisprinted(node)) return;
  if (raw.length > length) {
    report('too-long', node, `${raw.length} characters`, `at most ${length} in version ${version}`);
  }
}

/**
 * Lengths that the versions contradict themselves: OBX-2 has two characters and data types of three, MSH-9 has seven and no
 * room for its structure.
 */
function isMisprinted({ segment: { name }, field }: ValueNode): boolean {
  return (name === 'OBX' && field === 2) || (name === 'MSH' && field === 9);
}

function checkTrailing(segment: Segment, { report }: LintContext): void {
  if (segment.name === 'MSH' && segment.fieldCount <= 2) return;
  const { delimiters } = segment.message;
  const separator = String.fromCharCode(delimiters.field);
  const { raw } = segment;
  if (!raw.endsWith(separator)) {
    checkTrailingParts(segment, report);
    return;
  }
  let count = 0;
  while (raw.endsWith(separator, raw.length - count)) count++;
  report('trailing-empty', segment, `${count} separators after the last value`, 'end the segment after it', '');
}

/** The first field of a segment that ends in separators with nothing after them; one tells how the sender writes. */
function checkTrailingParts(segment: Segment, report: Report): void {
  const { component, repetition, subcomponent } = segment.message.delimiters;
  for (let field = 1; field <= segment.fieldCount; field++) {
    const raw = segment.rawField(field);
    const last = raw.charCodeAt(raw.length - 1);
    if (raw === '' || segment.isDelimiterField(field)) continue;
    if (last !== component && last !== repetition && last !== subcomponent) continue;
    report(
      'trailing-empty',
      segment.node(field),
      'separators after the last part',
      'end the value after its last part',
      '',
    );
    return;
  }
}

function checkZones(message: Hl7Message, { segment: define, dataType, report }: LintContext): void {
  const places = message.segments.flatMap((segment) => timesOf(segment, define(segment.name), dataType));
  const [first] = places;
  if (first === undefined) return;
  const count = places.length === 1 ? 'a time has' : `${places.length} times of the message have`;
  report('zone-missing', first, `${count} no offset`, 'YYYYMMDDHHMMSS+ZZZZ, or agree on a zone with the receiver');
}

function eachLeaf(segment: Segment, visit: (leaf: ValueNode) => void): void {
  for (let field = 1; field <= segment.fieldCount; field++) {
    for (const node of segment.nodes(field)) leavesOf(node, visit);
  }
}

function leavesOf(node: ValueNode, visit: (leaf: ValueNode) => void): void {
  const parts = node.level === 'subcomponent' ? [] : node.children();
  if (parts.length <= 1) visit(node);
  else for (const part of parts) leavesOf(part, visit);
}
