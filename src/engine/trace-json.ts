/** A trace as JSON for people: places of the message with the names that the standard gives them, and values only on demand. */
import type { Json, JsonObject } from '../core/json.js';
import { labelOf } from '../hl7/definitions.js';
import { leaves, pathOf } from '../hl7/leaves.js';
import type { Hl7Message } from '../hl7/message.js';
import { printPath } from '../hl7/paths.js';
import type { ValueNode } from '../hl7/value-node.js';
import { shapeOf } from '../hl7/value-shape.js';
import type { Trace } from '../mapping/trace.js';

/**
 * Every element with its rule and the places it was made from; every leaf of the message with what became of it. `nameOf` turns the
 * label of a draft into what the element's resource is called; `exampleOf` gives what is shown of a value: its shape, if nothing else is said.
 */
export function traceJson(
  trace: Trace,
  message: Hl7Message,
  nameOf: (label: string) => string,
  exampleOf: (text: string) => string = shapeOf,
): JsonObject {
  return {
    elements: trace.elements.map(
      ({ label, path, rule, from }): Json => ({
        resource: nameOf(label),
        path,
        rule,
        from: from.map((node) => printPath(pathOf(node))),
        labels: [...new Set(from.map(fieldLabel))].filter((name) => name !== ''),
      }),
    ),
    fields: trace.fates(leaves(message)).map(({ node, fate, rules }): Json => {
      const path = pathOf(node);
      return {
        field: printPath(path),
        label: labelOf(path.segment, path.field ?? 0, path.component, path.subcomponent),
        fate,
        rules: [...rules],
        example: exampleOf(node.text),
      };
    }),
  };
}

function fieldLabel({ segment, field }: ValueNode): string {
  return labelOf(segment.name, field);
}
