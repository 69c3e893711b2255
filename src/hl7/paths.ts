import type { Hl7Message } from './message.js';
import type { Segment } from './segment.js';
import type { ValueNode } from './value-node.js';

/**
 * A place in a message as the v2-to-FHIR guide writes it: `PID-3`, `PID-5.1.2`, `PID-3[1].1`, `PID-3[*].4.2`, `OBX[3]-5`.
 * Numbers count from 1; what is not written is left out.
 */
export interface Hl7Path {
  readonly segment: string;
  /** Which segment of that name in the message; `'*'` all of them. */
  readonly occurrence?: number | '*';
  readonly field?: number;
  /** Which repetition of the field; `'*'` all of them. */
  readonly repetition?: number | '*';
  readonly component?: number;
  readonly subcomponent?: number;
}

const grammar = /^([A-Z][A-Z0-9]{2})(?:\[(\d+|\*)\])?(?:-(\d+)(?:\[(\d+|\*)\])?(?:\.(\d+)(?:\.(\d+))?)?)?$/;

/** Reads a path; undefined when the text is none (numbers from 1 only). */
export function parsePath(text: string): Hl7Path | undefined {
  const match = grammar.exec(text.trim());
  if (match === null) return undefined;
  const [, segment = '', occurrence, field, repetition, component, subcomponent] = match;
  if (
    [occurrence, field, repetition, component, subcomponent].some((part) => part !== undefined && Number(part) === 0)
  ) {
    return undefined;
  }
  return Object.freeze({
    segment,
    ...(occurrence !== undefined && { occurrence: index(occurrence) }),
    ...(field !== undefined && { field: Number(field) }),
    ...(repetition !== undefined && { repetition: index(repetition) }),
    ...(component !== undefined && { component: Number(component) }),
    ...(subcomponent !== undefined && { subcomponent: Number(subcomponent) }),
  });
}

/** Writes a path so that `parsePath` reads it back. */
export function printPath(path: Hl7Path): string {
  let text = path.segment;
  if (path.occurrence !== undefined) text += `[${path.occurrence}]`;
  if (path.field === undefined) return text;
  text += `-${path.field}`;
  if (path.repetition !== undefined) text += `[${path.repetition}]`;
  if (path.component === undefined) return text;
  text += `.${path.component}`;
  return path.subcomponent === undefined ? text : `${text}.${path.subcomponent}`;
}

/** The unescaped text at a path: its first node's first leaf, '' when absent or `""`; a path without a field gives the raw segment. */
export function readPath(message: Hl7Message, path: Hl7Path): string {
  if (path.field === undefined) return segmentsAt(message, path)[0]?.raw ?? '';
  return nodesAt(message, path)[0]?.text ?? '';
}

/**
 * Every node at a path, empty ones left out. Without an occurrence or repetition the first is meant; `'*'` gives all, in message order.
 */
export function nodesAt(message: Hl7Message, path: Hl7Path): ValueNode[] {
  const { field, repetition = 1, component, subcomponent } = path;
  if (field === undefined) return [];
  const found: ValueNode[] = [];
  for (const segment of segmentsAt(message, path)) {
    const nodes = repetition === '*' ? segment.nodes(field) : [segment.node(field, repetition)];
    for (let node of nodes) {
      if (component !== undefined) node = node.child(component);
      if (subcomponent !== undefined) node = node.child(subcomponent);
      if (node.end > node.start) found.push(node);
    }
  }
  return found;
}

function segmentsAt(message: Hl7Message, path: Hl7Path): readonly Segment[] {
  const { segment, occurrence = 1 } = path;
  if (occurrence === '*') return message.all(segment);
  const found = message.all(segment)[occurrence - 1];
  return found === undefined ? [] : [found];
}

function index(text: string): number | '*' {
  return text === '*' ? '*' : Number(text);
}
