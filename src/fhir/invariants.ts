import type { Invariant } from './definitions/definition-files.js';
import { resourceTypes, typeModel } from './definitions/type-model.js';
import { compileExpression } from './fhirpath-compile.js';
import type { Compiled, Scope, Shape } from './fhirpath-compiled.js';
import type { Item } from './fhirpath-items.js';
import { truth } from './fhirpath-operators.js';
import { ExpressionError, parseExpression } from './fhirpath-syntax.js';
import { dstu2Invariants } from './invariants-dstu2.js';
import type { FhirVersion } from './version.js';

/** Checked elsewhere: the narrative's by narrativeProblem. */
const checkedElsewhere: ReadonlySet<string> = new Set(['txt-1', 'txt-2', 'txt-3']);

const compiled = new Map<string, Compiled | null>();

/** The keys and severities of the invariants that an item breaks. What cannot be decided is not broken. */
export function brokenInvariants(
  version: FhirVersion,
  place: string,
  invariants: readonly Invariant[],
  item: Item,
  scope: Scope,
): { readonly key: string; readonly severity: 'error' | 'warning' }[] {
  const broken: { key: string; severity: 'error' | 'warning' }[] = [];
  for (const [key, severity, published] of invariants) {
    const check = compileInvariant(version, place, key, published, item);
    if (check !== null && truth(check.run([item], scope)) === false) {
      broken.push({ key, severity: severity === 'warning' ? 'warning' : 'error' });
    }
  }
  return broken;
}

/** `place key` of every invariant of a version's carried types that is not evaluated. */
export function invariantsNotEvaluated(version: FhirVersion): string[] {
  const missed = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const model = typeModel(version, name);
    if (model === null || seen.has(name)) return;
    seen.add(name);
    const note = (place: string, invariants: readonly Invariant[], shape: Shape): void => {
      for (const [key, , published] of invariants) {
        if (compileInvariant(version, place, key, published, shape) === null && !checkedElsewhere.has(key))
          missed.add(key);
      }
    };
    note(name, model.invariants, { type: name, model });
    for (const member of model.members.values()) {
      note(`${name}.${member.element.name}`, member.element.invariants, member);
      if (member.model !== null) visit(member.model.name);
    }
  };
  for (const type of resourceTypes(version)) visit(type);
  return [...missed].sort();
}

/** Null for an invariant that we cannot evaluate. */
function compileInvariant(
  version: FhirVersion,
  place: string,
  key: string,
  published: string | null,
  shape: Shape,
): Compiled | null {
  const cacheKey = `${version} ${place} ${key}`;
  const known = compiled.get(cacheKey);
  if (known !== undefined) return known;
  const expression = published ?? dstu2Invariants[key] ?? null;
  const result = expression === null || checkedElsewhere.has(key) ? null : tryCompile(version, expression, shape);
  compiled.set(cacheKey, result);
  return result;
}

function tryCompile(version: FhirVersion, expression: string, shape: Shape): Compiled | null {
  try {
    return compileExpression(parseExpression(expression), [shape], version);
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}
