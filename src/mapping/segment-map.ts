import { typeModel } from '../fhir/definitions/type-model.js';
import { compileFill } from './fill-compiler.js';
import type { Library, MapSource } from './library.js';
import { compileRegisterRule, type RegisterRule } from './register-compiler.js';
import { type RuleSet, ruleSet } from './rule-set.js';

/** The rules of a segment map as functions, compiled at their first use. Maps of a part of a resource have none of their own. */
export function segmentRulesOf(source: MapSource, library: Library): RuleSet {
  const known = library.segmentRules.get(source.name);
  if (known !== undefined) return known;
  const all = library.within(undefined, () => compileRules(source, library));
  const rules = ruleSet(all, { segment: source.from }, library);
  library.segmentRules.set(source.name, rules);
  return rules;
}

function compileRules(source: MapSource, library: Library): readonly RegisterRule[] {
  const model = typeModel('R4', source.target);
  if (model === null) return [];
  if (model.resource) return source.rules.map((rule) => compileRegisterRule(rule, source.name, model, library));
  for (const rule of source.rules) compileFill(rule, model, source.target, library);
  return [];
}
