import type { Compiled, Scope } from './fhirpath-compiled.js';
import type { Item, Items } from './fhirpath-items.js';
import { type ReadingOptions, readAtoms } from './search-atoms.js';
import { compileSearchExpression, compileWithin } from './search-expression.js';
import { type SearchParameter, searchParametersOf } from './search-parameters.js';
import type { CompositeValue, SearchAtom, SearchKind, SearchValue } from './search-values.js';
import { type FhirVersion, r4TypeOf, typeInVersion } from './version.js';

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

/** Adds the values of one parameter to `found`, or the version's bit to those that are there. */
export function extract(extractor: Extractor, root: Item, bit: number, found: Map<string, SearchValue>): void {
  const scope: Scope = { resource: root, root };
  const items = extractor.values.run([root], scope);
  if (items.length === 0) return;
  if (extractor.parts === null) {
    for (const atom of atomsOf(extractor.kind, items, extractor.options)) add(extractor.name, bit, atom, found);
    return;
  }
  const [first, second] = extractor.parts;
  for (const item of items) {
    const context = [item];
    const left = atomsOf(first.kind, first.values.run(context, scope), extractor.options);
    if (left.length === 0) continue;
    const right = atomsOf(second.kind, second.values.run(context, scope), extractor.options);
    for (const a of left) {
      for (const b of right) add(extractor.name, bit, { kind: 'composite', parts: [a, b] }, found);
    }
  }
}

function atomsOf(kind: SearchKind, items: Items, options: ReadingOptions): SearchAtom[] {
  const atoms: SearchAtom[] = [];
  for (const item of items) readAtoms(kind, item, options, atoms);
  return atoms;
}

function add(
  parameter: string,
  bit: number,
  value: SearchAtom | CompositeValue,
  found: Map<string, SearchValue>,
): void {
  const key = `${parameter}\n${keyOf(value)}`;
  const same = found.get(key);
  found.set(key, { ...value, parameter, versions: (same?.versions ?? 0) | bit });
}

function keyOf(value: SearchAtom | CompositeValue): string {
  switch (value.kind) {
    case 'token':
      return `${value.system}|${value.code}`;
    case 'string':
      return value.exact;
    case 'date':
      return `${value.from}/${value.to}`;
    case 'reference':
      return `${value.type}/${value.id}|${value.url}|${value.identifier?.system}|${value.identifier?.code}`;
    case 'number':
      return `${value.low}/${value.high}`;
    case 'quantity':
      return `${value.low}/${value.high}|${value.system}|${value.code}|${value.unit}`;
    case 'uri':
      return value.value;
    case 'composite':
      return `${keyOf(value.parts[0])}\t${keyOf(value.parts[1])}`;
  }
}
