import { canonicalJson } from '../core/json.js';
import { booleanShapes, type Compiled, type Scope } from './fhirpath-compiled.js';
import { computed, type Item, type Items, itemsEqual, nothing } from './fhirpath-items.js';
import { truth } from './fhirpath-operators.js';
import { ExpressionError } from './fhirpath-syntax.js';

type Run = (items: Items, scope: Scope) => Items;
type OnCollection = (of: Run, argument: Compiled) => Run;
type ToScalar = (of: Run, args: readonly Compiled[]) => Run;

/** Applies a FHIRPath function to what `of` gives. Throws {@link ExpressionError} for one that is not known. */
export function callFunction(name: string, of: Compiled, args: readonly Compiled[]): Compiled {
  const argument = args[0];
  const makeCollection = argument === undefined ? undefined : collections.get(name);
  if (makeCollection !== undefined && argument !== undefined) {
    return { run: makeCollection(of.run, argument), shapes: name === 'select' ? argument.shapes : of.shapes };
  }
  if (name === 'first' || name === 'trace') {
    const run: Run = name === 'first' ? (items, scope) => of.run(items, scope).slice(0, 1) : of.run;
    return { run, shapes: of.shapes };
  }
  const make = scalars.get(name);
  if (make === undefined) throw new ExpressionError(`unknown function ${name}()`);
  return { run: make(of.run, args), shapes: booleanShapes };
}

const collections = new Map(
  Object.entries<OnCollection>({
    where: (of, criteria) => (items, scope) =>
      of(items, scope).filter((item) => truth(criteria.run([item], scope)) === true),
    select: (of, projection) => (items, scope) => of(items, scope).flatMap((item) => projection.run([item], scope)),
    intersect: (of, other) => (items, scope) => {
      const others = other.run([scope.resource], scope);
      return of(items, scope).filter((item) => others.some((candidate) => itemsEqual(item, candidate)));
    },
  }),
);

const asText: ToScalar = (of) => (items, scope) => onText(of(items, scope), (text) => text);

const scalars = new Map([
  ['toString', asText] as const,
  ...Object.entries<ToScalar>({
    exists: (of, args) => (items, scope) => computed(holds(of(items, scope), args[0], scope)),
    empty: (of) => (items, scope) => computed(of(items, scope).length === 0),
    count: (of) => (items, scope) => computed(of(items, scope).length),
    not: (of) => (items, scope) => {
      const value = truth(of(items, scope));
      return value === null ? nothing : computed(!value);
    },
    all: (of, args) => (items, scope) =>
      computed(of(items, scope).every((item) => args[0] === undefined || truth(args[0].run([item], scope)) !== false)),
    isDistinct: (of) => (items, scope) => computed(distinct(of(items, scope))),
    hasValue: (of) => (items, scope) => {
      const found = of(items, scope);
      return computed(found.length === 1 && found[0]?.value !== null);
    },
    startsWith: (of, args) => (items, scope) =>
      withText(of, args, items, scope, (text, other) => text.startsWith(other)),
    contains: (of, args) => (items, scope) => withText(of, args, items, scope, (text, other) => text.includes(other)),
    matches: (of, args) => (items, scope) =>
      withText(of, args, items, scope, (text, other) => new RegExp(`^(?:${other})$`, 'u').test(text)),
    substring: (of, args) => (items, scope) => {
      const start = args[0]?.run(items, scope)[0]?.value;
      return onText(of(items, scope), (text) => text.slice(Number(start ?? 0)));
    },
  }),
]);

function holds(found: Items, criteria: Compiled | undefined, scope: Scope): boolean {
  if (criteria === undefined) return found.length > 0;
  return found.some((item) => truth(criteria.run([item], scope)) === true);
}

function distinct(items: Items): boolean {
  const seen = new Set(items.map((item: Item) => canonicalJson(item.value)));
  return seen.size === items.length;
}

function onText(items: Items, change: (text: string) => string | boolean): Items {
  const value = items[0]?.value;
  if (value === undefined || value === null || typeof value === 'object') return nothing;
  return computed(change(String(value)));
}

function withText(
  of: Run,
  args: readonly Compiled[],
  items: Items,
  scope: Scope,
  test: (text: string, other: string) => boolean,
): Items {
  const other = args[0]?.run(items, scope)[0]?.value;
  if (typeof other !== 'string') return nothing;
  return onText(of(items, scope), (text) => test(text, other));
}
