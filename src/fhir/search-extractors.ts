import type { Compiled, Scope } from './fhirpath-compiled.js';
import type { Item, Items } from './fhirpath-items.js';
import { type ReadingOptions, readAtoms } from './search-atoms.js';
import { compileSearchExpression, compileWithin } from './search-expression.js';
import { type SearchParameter, searchParametersOf } from './search-parameters.js';
import type { CompositeValue, QuantityAtom, ReferenceAtom, SearchAtom, SearchKind } from './search-values.js';
import { type FhirVersion, r4TypeOf, typeInVersion } from './version.js';

/** Values of a parameter, each once, with the bits of the versions that show it; those that may be equal lie together. */
export type FoundValues = Map<string, FoundValue[]>;

interface FoundValue {
  readonly value: SearchAtom | CompositeValue;
  versions: number;
}

/** One parameter of one version, compiled. */
export interface Extractor {
  readonly name: string;
  readonly kind: SearchKind;
  readonly of: FhirVersion;
  readonly values: Compiled;
  readonly parts: readonly [Part, Part] | null;
  readonly options: ReadingOptions;
}

interface Part {
  readonly kind: SearchKind;
  readonly values: Compiled;
}

const compiled = new Map<string, readonly Extractor[]>();

/** Compiles all parameters of a type (as the version names it). Throws ExpressionError for one that does not compile. */
export function extractorsOf(version: FhirVersion, type: string): readonly Extractor[] {
  const key = `${version} ${type}`;
  let extractors = compiled.get(key);
  if (extractors === undefined) {
    extractors = [...searchParametersOf(version, type).values()].map((parameter) => compile(version, type, parameter));
    if (extractors.length > 0) compiled.set(key, extractors);
  }
  return extractors;
}

function compile(version: FhirVersion, type: string, parameter: SearchParameter): Extractor {
  const { name, kind, of, targets, grams, composite } = parameter;
  const root = of === version ? type : typeInVersion(of, r4TypeOf(version, type));
  const values = compileSearchExpression(of, root, composite?.on ?? parameter.expression);
  const part = ([expression, partKind]: readonly [string, SearchKind]): Part => ({
    kind: partKind,
    values: compileWithin(of, expression, values.shapes),
  });
  const parts = composite === null ? null : ([part(composite.parts[0]), part(composite.parts[1])] as const);
  return { name, kind, of, values, parts, options: { version: of, targets, grams } };
}

/**
 * Adds the values of one parameter to `found`, or the version's bit to those that are there.
 * @returns the elements of the resource that decided them: while these are the same, so are the values; null where it was
 * the resource as a whole
 */
export function extract(extractor: Extractor, root: Item, bit: number, found: FoundValues): ReadonlySet<string> | null {
  const asked = new Set<string>();
  const scope: Scope = { resource: root, root, asked };
  const items = extractor.values.run([root], scope);
  if (items.length === 0) return asked;
  if (extractor.parts === null) {
    for (const atom of atomsOf(extractor.kind, items, extractor.options)) add(bit, atom, found);
    return items.includes(root) ? null : asked;
  }
  const [first, second] = extractor.parts;
  for (const item of items) {
    const context = [item];
    const left = atomsOf(first.kind, first.values.run(context, scope), extractor.options);
    if (left.length === 0) continue;
    const right = atomsOf(second.kind, second.values.run(context, scope), extractor.options);
    for (const a of left) {
      for (const b of right) add(bit, { kind: 'composite', parts: [a, b] }, found);
    }
  }
  return asked;
}

function atomsOf(kind: SearchKind, items: Items, options: ReadingOptions): SearchAtom[] {
  const atoms: SearchAtom[] = [];
  for (const item of items) readAtoms(kind, item, options, atoms);
  return atoms;
}

function add(bit: number, value: SearchAtom | CompositeValue, found: FoundValues): void {
  const key = keyOf(value);
  const others = found.get(key);
  if (others === undefined) {
    found.set(key, [{ value, versions: bit }]);
    return;
  }
  for (const other of others) {
    if (!sameValue(other.value, value)) continue;
    other.versions |= bit;
    return;
  }
  others.push({ value, versions: bit });
}

/** Equal for equal values, and seldom for others: a resource may refer to twenty thousand. */
function keyOf(value: SearchAtom | CompositeValue): string {
  switch (value.kind) {
    case 'token':
      return value.code ?? '';
    case 'string':
      return value.exact;
    case 'date':
      return String(value.from);
    case 'reference':
      return value.id ?? value.url ?? value.identifier?.code ?? '';
    case 'number':
    case 'quantity':
      return String(value.low);
    case 'uri':
      return value.value;
    case 'composite':
      return `${keyOf(value.parts[0])} ${keyOf(value.parts[1])}`;
  }
}

function sameValue(a: SearchAtom | CompositeValue, b: SearchAtom | CompositeValue): boolean {
  switch (a.kind) {
    case 'token':
      return b.kind === 'token' && a.code === b.code && a.system === b.system;
    case 'string':
      return b.kind === 'string' && a.exact === b.exact;
    case 'date':
      return b.kind === 'date' && a.from === b.from && a.to === b.to;
    case 'reference':
      return b.kind === 'reference' && a.id === b.id && a.type === b.type && a.url === b.url && sameIdentifier(a, b);
    case 'number':
      return b.kind === 'number' && a.low === b.low && a.high === b.high;
    case 'quantity':
      return b.kind === 'quantity' && a.low === b.low && a.high === b.high && sameUnit(a, b);
    case 'uri':
      return b.kind === 'uri' && a.value === b.value;
    case 'composite':
      return b.kind === 'composite' && sameValue(a.parts[0], b.parts[0]) && sameValue(a.parts[1], b.parts[1]);
  }
}

function sameIdentifier(a: ReferenceAtom, b: ReferenceAtom): boolean {
  return a.identifier?.code === b.identifier?.code && a.identifier?.system === b.identifier?.system;
}

function sameUnit(a: QuantityAtom, b: QuantityAtom): boolean {
  return a.system === b.system && a.code === b.code && a.unit === b.unit;
}
