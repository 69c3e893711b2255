import type { Hl7Message } from './message.js';
import type { Hl7Path } from './paths.js';
import type { Segment } from './segment.js';
import type { ValueNode } from './value-node.js';

/**
 * Every leaf of a message that carries something, `""` included, in message order: the input side of traces and of coverage.
 * A repetition or component without separators is its own only leaf. The delimiters in MSH-1 and MSH-2 are no values.
 */
export function* leaves(message: Hl7Message): Generator<ValueNode> {
  for (const segment of message.segments) yield* segmentLeaves(segment);
}

/** Every leaf of one segment that carries something, `""` included, in order. */
export function* segmentLeaves(segment: Segment): Generator<ValueNode> {
  const count = segment.fieldCount;
  for (let field = segment.isDelimiterField(1) ? 3 : 1; field <= count; field++) {
    for (const repetition of segment.nodes(field)) {
      for (const component of repetition.children()) {
        for (const leaf of component.children()) if (leaf.end > leaf.start) yield leaf;
      }
    }
  }
}

/**
 * The full path of a node, to the last separator that the message has there: `OBX[3]-5[1].2`, `PID[1]-5[1].1.2`.
 * A part number is written only where the value has several parts at that level, so equal places print alike.
 */
export function pathOf(node: ValueNode): Hl7Path {
  const { segment, field, repetition } = node;
  const whole = segment.node(field, repetition);
  const path = { segment: segment.name, occurrence: segment.occurrence, field, repetition };
  if (node.component === 0 || (whole.childCount <= 1 && node.component === 1 && !splits(whole.child(1)))) return path;
  if (node.subcomponent === 0 || (!splits(whole.child(node.component)) && node.subcomponent === 1)) {
    return { ...path, component: node.component };
  }
  return { ...path, component: node.component, subcomponent: node.subcomponent };
}

function splits(component: ValueNode): boolean {
  return component.childCount > 1;
}
