import type { JsonObject } from '../core/json.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Run } from './run.js';

/** What a nested rule did: nothing, set a constant, set something of the message, or missed what is required. */
export type Filled = 0 | 1 | 2 | -1;
/** A nested rule: fills an object from the node that the rule around it stands at. */
export type Fill = (run: Run, node: ValueNode | undefined, into: JsonObject) => Filled;

/** A rule of a data type map with the parts of the value of which one must hold something for it to act. */
export interface GatedFill {
  readonly fill: Fill;
  /** Bits as of `ValueNode.filledParts`; bit 0: it may act whatever the value holds. */
  readonly gate: number;
}

/** As `runFills`, for the rules of a data type map at its value: most parts of most values are empty. */
export function runGated(
  fills: readonly GatedFill[],
  run: Run,
  node: ValueNode,
  into: JsonObject,
  filledBefore: boolean,
): boolean {
  let filled = filledBefore;
  const parts = run.trace === undefined ? node.filledParts : allParts;
  for (const { fill, gate } of fills) {
    if ((gate & parts) === 0) continue;
    const result = fill(run, node, into);
    if (result === -1) return false;
    if (result === 2) filled = true;
  }
  return filled;
}

/** A trace follows what rules look at, too. */
const allParts = -1;

/** Runs nested rules in order. False when nothing of the message went in, or what is required is missing. */
export function runFills(
  fills: readonly Fill[],
  run: Run,
  node: ValueNode | undefined,
  into: JsonObject,
  filledBefore: boolean,
): boolean {
  let filled = filledBefore;
  for (const fill of fills) {
    const result = fill(run, node, into);
    if (result === -1) return false;
    if (result === 2) filled = true;
  }
  return filled;
}
