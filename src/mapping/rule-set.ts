import type { ValueNode } from '../hl7/value-node.js';
import { generateRules } from './generate.js';
import { GeneratedLater } from './generated-later.js';
import type { Library } from './library.js';
import type { RegisterRule } from './register-compiler.js';
import type { Run } from './run.js';

/** The rules of a map, to be run in order where a run stands. */
export interface RuleSet {
  run(run: Run, node: ValueNode | undefined): void;
}

/** Rules that run as they were compiled, and as generated source once they are used much. */
export function ruleSet(
  rules: readonly RegisterRule[],
  place: { readonly segment: string } | 'value',
  library: Library,
): RuleSet {
  const generated = new GeneratedLater(() => generateRules(rules, place), library.generateAfter);
  return {
    run(run, node) {
      const all = generated.for(run);
      if (all === undefined) for (const rule of rules) rule(run, node);
      else all(run, node);
    },
  };
}
