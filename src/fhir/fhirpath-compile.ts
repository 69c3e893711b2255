import { booleanShapes, type Compiled, type Scope, type Shape } from './fhirpath-compiled.js';
import { callFunction } from './fhirpath-functions.js';
import { computed, type Item, type Items, isOfType, nothing, pushChildren } from './fhirpath-items.js';
import { operate } from './fhirpath-operators.js';
import { type Expression, ExpressionError } from './fhirpath-syntax.js';
import { parseReference } from './reference.js';
import type { FhirVersion } from './version.js';

const anything: Shape = { type: 'any', model: null };

/**
 * Compiles an expression for inputs of the given shapes into closures. Every element name and type is checked against
 * the definitions. Throws {@link ExpressionError} for what the definitions or this compiler do not know.
 */
export function compileExpression(tree: Expression, input: readonly Shape[], version: FhirVersion): Compiled {
  switch (tree.op) {
    case 'literal': {
      const items = computed(tree.value);
      return { run: () => items, shapes: items };
    }
    case 'empty':
      return { run: () => nothing, shapes: [] };
    case 'this':
      return { run: (items) => items, shapes: input };
    case 'variable':
      return compileVariable(tree.name);
    case 'member':
      return tree.of === null
        ? compileFirstName(tree.name, input)
        : compileMember(tree.name, compileExpression(tree.of, input, version));
    case 'index': {
      const of = compileExpression(tree.of, input, version);
      const at = tree.index;
      return { run: (items, scope) => of.run(items, scope).slice(at, at + 1), shapes: of.shapes };
    }
    case 'type':
      return tree.operator === 'as'
        ? compileAs(tree.of, tree.type, input, version)
        : compileIs(tree.of, tree.type, input, version);
    case 'binary': {
      const left = compileExpression(tree.left, input, version);
      const right = compileExpression(tree.right, input, version);
      return operate(tree.operator, left, right);
    }
    case 'call': {
      const of =
        tree.of === null ? { run: (items: Items) => items, shapes: input } : compileExpression(tree.of, input, version);
      const args = tree.args.map((arg) => compileExpression(arg, of.shapes, version));
      return callFunction(tree.name, of, args);
    }
  }
}

function compileVariable(name: string): Compiled {
  if (name === 'resource') return { run: (_, scope) => [scope.resource], shapes: [anything] };
  if (name === 'rootResource') return { run: (_, scope) => [scope.root], shapes: [anything] };
  if (name !== 'ucum') throw new ExpressionError(`unknown variable %${name}`);
  const items = computed('http://unitsofmeasure.org');
  return { run: () => items, shapes: items };
}

/** A path may begin with the name of its type: `Patient.name`, `Resource.id`. */
function compileFirstName(name: string, input: readonly Shape[]): Compiled {
  const self: Compiled = { run: (items) => items, shapes: input };
  if (!/^[A-Z]/.test(name)) return compileMember(name, self);
  const known = input.some((shape) => shape === anything || shape.type === name);
  if (!known && name !== 'Resource' && name !== 'DomainResource') throw new ExpressionError(`not a ${name}`);
  return self;
}

function compileMember(name: string, of: Compiled): Compiled {
  const shapes: Shape[] = [];
  for (const shape of of.shapes) {
    if (shape === anything) shapes.push(anything);
    for (const member of shape.model?.byName.get(name)?.members ?? []) {
      shapes.push(member.type === 'Resource' ? anything : { type: member.type, model: member.model });
    }
  }
  if (shapes.length === 0) return compileJsonName(name, of);
  const run = of.run;
  return {
    run: (items, scope) => {
      const parents = run(items, scope);
      if (parents.length === 0) return nothing;
      const found: Item[] = [];
      for (const item of parents) {
        if (item === scope.root) scope.asked?.add(name);
        pushChildren(item, name, found);
      }
      return found;
    },
    shapes,
  };
}

/** DSTU2 names a choice by its JSON property: `valueQuantity` is `value` as a Quantity. */
function compileJsonName(name: string, of: Compiled): Compiled {
  const member = of.shapes.find((shape) => shape.model?.version === 'DSTU2')?.model?.members.get(name);
  if (member === undefined) throw new ExpressionError(`no element ${name}`);
  const element = compileMember(member.element.name, of);
  return {
    run: (items, scope) => element.run(items, scope).filter((item) => item.type === member.type),
    shapes: element.shapes.filter((shape) => shape.type === member.type),
  };
}

function compileAs(tree: Expression, type: string, input: readonly Shape[], version: FhirVersion): Compiled {
  const of = compileExpression(tree, input, version);
  const shapes = of.shapes.filter((shape) => shape === anything || isOfType(shape.type, type));
  if (shapes.length === 0) throw new ExpressionError(`never of type ${type}`);
  const run = (items: Items, scope: Scope): Items => {
    const found = of.run(items, scope);
    return found.length === 0 ? nothing : found.filter((item) => isOfType(item.type, type));
  };
  return { run, shapes };
}

function compileIs(tree: Expression, type: string, input: readonly Shape[], version: FhirVersion): Compiled {
  if (tree.op === 'call' && tree.name === 'resolve')
    return compileTargetIs(tree.of ?? { op: 'this' }, type, input, version);
  const of = compileExpression(tree, input, version);
  const run = (items: Items, scope: Scope) =>
    of.run(items, scope).flatMap((item) => computed(isOfType(item.type, type)));
  return { run, shapes: booleanShapes };
}

/** `resolve() is Patient`: nothing is fetched, the type stands in the reference. */
function compileTargetIs(tree: Expression, type: string, input: readonly Shape[], version: FhirVersion): Compiled {
  const of = compileExpression(tree, input, version);
  const run = (items: Items, scope: Scope) =>
    of.run(items, scope).flatMap((item) => computed(parseReference(item.value)?.type === type));
  return { run, shapes: booleanShapes };
}
