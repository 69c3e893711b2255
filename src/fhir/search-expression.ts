import { isResourceType, typeModel } from './definitions/type-model.js';
import { compileExpression } from './fhirpath-compile.js';
import type { Compiled, Shape } from './fhirpath-compiled.js';
import { ExpressionError, parseExpression } from './fhirpath-syntax.js';
import type { FhirVersion } from './version.js';

/**
 * Compiles the expression of a search parameter for resources of one type. DSTU2's own notation is read too:
 * `effective[x]`, `valueQuantity`, `telecom(system=email)`, `entry.resource(0)`.
 * Throws {@link ExpressionError} for an expression that the definitions or the compiler do not know.
 */
export function compileSearchExpression(version: FhirVersion, type: string, expression: string): Compiled {
  const model = isResourceType(version, type) ? typeModel(version, type) : null;
  if (model === null) throw new ExpressionError(`${version} has no type ${type}`);
  return compileWithin(version, expression, [{ type, model }]);
}

/** The same for an expression relative to what another one gives: the parts of a composite. */
export function compileWithin(version: FhirVersion, expression: string, shapes: readonly Shape[]): Compiled {
  const text = version === 'DSTU2' ? fhirPathOfDstu2(expression) : expression;
  return compileExpression(parseExpression(text), shapes, version);
}

function fhirPathOfDstu2(expression: string): string {
  return expression
    .replaceAll('[x]', '')
    .replaceAll(/(\w+)\((\w+)=(\w+)\)/g, "$1.where($2='$3')")
    .replaceAll(/\.(\w+)\((\d+)\)/g, '.$1[$2]');
}
