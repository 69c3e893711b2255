import { booleanShapes, type Compiled, type Scope } from './fhirpath-compiled.js';
import { compareItems, computed, type Items, itemsEqual, nothing } from './fhirpath-items.js';
import { ExpressionError } from './fhirpath-syntax.js';

/** FHIRPath's third truth value is null. A single value that is not a boolean counts as true (FHIRPath §4.5). */
export function truth(items: Items): boolean | null {
  const first = items[0];
  if (first === undefined) return null;
  return items.length === 1 && typeof first.value === 'boolean' ? first.value : true;
}

const logic: Readonly<Record<string, (a: boolean | null, b: boolean | null) => boolean | null>> = {
  and: (a, b) => (a === false || b === false ? false : a === null || b === null ? null : true),
  or: (a, b) => (a === true || b === true ? true : a === null || b === null ? null : false),
  xor: (a, b) => (a === null || b === null ? null : a !== b),
  implies: (a, b) => (a === false || b === true ? true : a === null || b === null ? null : b),
};

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Applies a binary operator. Throws {@link ExpressionError} for one that is not known. */
export function operate(operator: string, left: Compiled, right: Compiled): Compiled {
  if (operator === '|') {
    const run = (items: Items, scope: Scope) => joined(left.run(items, scope), right.run(items, scope));
    return { run, shapes: [...left.shapes, ...right.shapes] };
  }
  const combine = combination(operator);
  const run = (items: Items, scope: Scope) => combine(left.run(items, scope), right.run(items, scope));
  return { run, shapes: operator === '&' || operator === '+' ? computed('') : booleanShapes };
}

function joined(left: Items, right: Items): Items {
  if (left.length === 0) return right;
  return right.length === 0 ? left : [...left, ...right];
}

function combination(operator: string): (a: Items, b: Items) => Items {
  const logical = logic[operator];
  if (logical !== undefined) return (a, b) => known(logical(truth(a), truth(b)));
  const comparison = comparisons[operator];
  if (comparison !== undefined) return (a, b) => compared(a, b, comparison);
  if (operator === '=') return (a, b) => known(equal(a, b));
  if (operator === '!=') return (a, b) => known(negated(equal(a, b)));
  if (operator === 'in') return (a, b) => (a[0] === undefined ? nothing : computed(contains(b, a)));
  if (operator === '&') return (a, b) => computed(text(a) + text(b));
  if (operator === '+') return sum;
  throw new ExpressionError(`unknown operator ${operator}`);
}

function known(value: boolean | null): Items {
  return value === null ? nothing : computed(value);
}

function negated(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

function equal(a: Items, b: Items): boolean | null {
  if (a.length === 0 || b.length === 0) return null;
  return a.length === b.length && a.every((item, at) => b[at] !== undefined && itemsEqual(item, b[at]));
}

function compared(a: Items, b: Items, accepts: (order: number) => boolean): Items {
  const [left, right] = [a[0], b[0]];
  const order = left === undefined || right === undefined ? null : compareItems(left, right);
  return order === null ? nothing : computed(accepts(order));
}

function sum(a: Items, b: Items): Items {
  const [left, right] = [a[0]?.value, b[0]?.value];
  return typeof left === 'number' && typeof right === 'number' ? computed(left + right) : nothing;
}

function contains(all: Items, some: Items): boolean {
  return some.every((item) => all.some((other) => itemsEqual(item, other)));
}

function text(items: Items): string {
  const value = items[0]?.value;
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}
