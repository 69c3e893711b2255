import { resourceTypes, typeModel } from '../fhir/definitions/type-model.js';
import { compileFill } from './fill-compiler.js';
import type { Library, MapSource } from './library.js';
import { didYouMean } from './problem.js';
import { compileRegisterRule, type RegisterRule } from './register-compiler.js';

/** The rules of a segment map as functions, compiled at their first use. Maps of a part of a resource have none of their own. */
export function segmentRulesOf(source: MapSource, library: Library): readonly RegisterRule[] {
  const known = library.segmentRules.get(source.name);
  if (known !== undefined) return known;
  const outer = library.datatype;
  library.datatype = undefined;
  const model = typeModel('R4', source.target);
  let rules: readonly RegisterRule[] = [];
  if (model === null) {
    const near = didYouMean(source.target, resourceTypes('R4'));
    library.problems.add(source.place, `FHIR has no resource '${source.target}'${near}`);
  } else if (model.resource) rules = source.rules.map((rule) => compileRegisterRule(rule, source.name, model, library));
  else for (const rule of source.rules) compileFill(rule, model, source.target, library);
  library.datatype = outer;
  library.segmentRules.set(source.name, rules);
  return rules;
}
