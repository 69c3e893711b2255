/**
 * Writes compiled rules out as source: one function for each data type map and for the rules of each map of a segment or
 * resource. What runs without a trace runs these; with one, or where a process may not generate code, the compiled functions
 * run, which say what is right.
 */
import type { JsonObject } from '../core/json.js';
import { SourceWriter } from '../core/source-writer.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { GatedFill } from './fill.js';
import { helpers } from './generated-helpers.js';
import type { RegisterRule } from './register-compiler.js';
import type { Run } from './run.js';
import { writeRules } from './write-rules.js';
import { writeFillOf } from './write-values.js';
import type { At } from './written-at.js';

/** Fills an object from a value; false where nothing of the message went in, or what is required is missing. */
export type FillAll = (run: Run, node: ValueNode, into: JsonObject) => boolean;

/** The rules of a data type map; undefined where code may not be generated. `filled`: whether it is filled already. */
export function generateFills(all: readonly GatedFill[], filled: boolean): FillAll | undefined {
  const w = new SourceWriter();
  const at: At = { node: 'v', value: 'v', segment: '' };
  w.line('const p = v.filledParts;');
  w.line(`let g = ${filled};`);
  w.block('l:', () => {
    for (const { fill, gate } of all) {
      const write = (): void => writeFillOf(w, fill, at, 'o', 'g', 'l');
      if ((gate & 1) === 1) write();
      else w.block(`if ((p & ${gate}) !== 0)`, write);
    }
  });
  w.line('return g;');
  return made(w, 'run, v, o') as FillAll | undefined;
}

/** The rules of a segment map, run at the run's segment, or of a resource's data type map at a value. */
export function generateRules(
  all: readonly RegisterRule[],
  place: { readonly segment: string } | 'value',
): ((run: Run, node: ValueNode | undefined) => void) | undefined {
  const w = new SourceWriter();
  const at: At = place === 'value' ? { node: 'v', value: 'v', segment: '' } : { node: '', value: '', ...place };
  w.line('const s = run.segment;');
  writeRules(w, all, at);
  return made(w, 'run, v') as ((run: Run, node: ValueNode | undefined) => void) | undefined;
}

function made(w: SourceWriter, parameters: string): unknown {
  const names = Object.keys(helpers);
  const constants = w.constants.map((_, at) => `const k${at} = constants[${at}];`).join('');
  const body = `'use strict';const {${names.join(',')}} = helpers;${constants}return function (${parameters}) {\n${w.source}\n};`;
  try {
    return new Function('helpers', 'constants', body)(helpers, w.constants);
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
