import type { CompiledSet } from './compile.js';
import { pathsOfCondition, type RuleStep, stepsOf } from './rule-steps.js';
import { parseSourcePath, type SegmentPath, type SourcePath } from './source-path.js';

/** What one rule does with a field, or for an element. */
export interface Explained {
  readonly rule: string;
  readonly layer: string;
  readonly file: string;
  readonly line: number;
  /** `value`: it reads the field; `condition`: it only tests it. */
  readonly reads: 'value' | 'condition';
  readonly from: readonly string[];
  /** `Patient.name`; '' for what sets no element: keys, facts, events. */
  readonly makes: string;
  readonly conditions: readonly string[];
  readonly table?: string;
  /** The data type map it goes through, and what that map's rules do with it. */
  readonly map?: string;
  readonly through: readonly Explained[];
}

/** Data type maps within data type maps are followed this far. */
const deepest = 4;

/**
 * What all rules do with a field (`PID-5`, `PID-5.1`), or what makes an element (`Patient.name`, `Patient.name.family`), data type maps
 * included. `structure` keeps to the maps and statements of one message. Undefined where the question is neither.
 */
export function explainRules(set: CompiledSet, question: string, structure?: string): Explained[] | undefined {
  const wanted = structure === undefined ? undefined : ofMessage(set, structure);
  const all = new Rules(set, wanted);
  const path = parseSourcePath(question);
  if (path?.kind === 'segment' && path.field !== undefined) return all.readersOf(path);
  if (/^[A-Z][A-Za-z]+(?:\.[\w[\]()$:/-]+)*$/.test(question) && path?.kind !== 'segment') return all.makersOf(question);
  return undefined;
}

/** The maps of a message's builds, and the statements that count for it. */
function ofMessage(set: CompiledSet, structure: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, rule } of set.statements) {
    if (name.startsWith(`${structure}/`) && typeof rule === 'object' && rule !== null && !Array.isArray(rule)) {
      for (const map of [rule['map'] ?? []].flat()) if (typeof map === 'string') names.add(unplaced(map));
      names.add(name);
    } else if (/^(?:identity|events|panels|filters)\//.test(name)) names.add(name);
  }
  return names;
}

/** A map of a build without the group that its segments stand in: `ROL[Patient]` of `PATIENT_ROLE.ROL[Patient]`. */
export function unplaced(map: string): string {
  return map.replace(/^(?:[A-Z0-9_]+\.)+/, '');
}

class Rules {
  readonly #steps: readonly (RuleStep & { readonly map: string })[];
  readonly #byMap = new Map<string, (RuleStep & { readonly map: string })[]>();
  readonly #wanted: ReadonlySet<string> | undefined;

  constructor(set: CompiledSet, wanted: ReadonlySet<string> | undefined) {
    this.#wanted = wanted;
    this.#steps = [...set.rules, ...set.statements].flatMap((rule) =>
      stepsOf(rule).map((step) => ({ ...step, map: mapOf(rule.name) })),
    );
    for (const step of this.#steps) {
      const known = this.#byMap.get(step.map) ?? [];
      known.push(step);
      this.#byMap.set(step.map, known);
    }
  }

  readersOf(asked: SegmentPath): Explained[] {
    return this.#steps.flatMap((step) => {
      if (!this.#isWanted(step)) return [];
      const read = step.from.flatMap(pathOf).some((path) => path.kind === 'segment' && covers(path, asked));
      const tested = step.conditions
        .flatMap(pathsOfCondition)
        .some((path) => path.kind === 'segment' && covers(path, asked));
      if (!read && !tested) return [];
      const through = read ? this.#through(step, asked.component, 1) : [];
      return [explained(step, read ? 'value' : 'condition', through)];
    });
  }

  makersOf(asked: string): Explained[] {
    return this.#steps.flatMap((step) => {
      if (!this.#isWanted(step)) return [];
      const made = elementOf(step);
      const rest = below(made, asked);
      if (made === '' || (rest === undefined && below(asked, made) === undefined)) return [];
      const through = rest === undefined || rest === '' ? [] : this.#makersIn(step, rest, 1);
      if (rest !== undefined && rest !== '' && through.length === 0) return [];
      return [explained(step, 'value', through)];
    });
  }

  #isWanted(step: { readonly map: string; readonly rule: { readonly name: string } }): boolean {
    return this.#wanted === undefined || this.#wanted.has(step.map) || this.#wanted.has(step.rule.name);
  }

  #through(step: RuleStep, component: number | undefined, depth: number): Explained[] {
    if (step.via === undefined || depth > deepest) return [];
    return (this.#byMap.get(step.via) ?? []).flatMap((inner) => {
      const parts = inner.from.flatMap(pathOf).filter((path) => path.kind === 'part');
      const reads = parts.some(
        (path) => component === undefined || path.component === undefined || path.component === component,
      );
      return reads || (parts.length === 0 && inner.from.length === 0 && component === undefined)
        ? [explained(inner, 'value', this.#through(inner, undefined, depth + 1))]
        : [];
    });
  }

  #makersIn(step: RuleStep, rest: string, depth: number): Explained[] {
    if (step.via === undefined || depth > deepest) return [];
    return (this.#byMap.get(step.via) ?? []).flatMap((inner) => {
      const left = inner.to === '' ? rest : below(inner.to, rest);
      const within = inner.to !== '' && below(rest, inner.to) !== undefined;
      if (left === undefined && !within) return [];
      const through = left === undefined || left === '' ? [] : this.#makersIn(inner, left, depth + 1);
      return left === undefined || left === '' || through.length > 0 ? [explained(inner, 'value', through)] : [];
    });
  }
}

function explained(step: RuleStep, reads: Explained['reads'], through: readonly Explained[]): Explained {
  const { rule, from, conditions, via, table } = step;
  const { name, layer, file, line } = rule;
  return {
    ...{ rule: name, layer, file, line, reads, from, makes: elementOf(step), conditions, through },
    ...(table === undefined ? {} : { table }),
    ...(via === undefined ? {} : { map: via }),
  };
}

/** `PID[Patient]` of `PID[Patient]/PID-5`; a statement's own name. */
function mapOf(rule: string): string {
  return /^[A-Z0-9_]+\[[^\]]+\]/.exec(rule)?.[0] ?? rule;
}

/** The element that a step sets, from its map's target down; '' for a statement. */
function elementOf({ rule, to }: RuleStep): string {
  const target = /^[A-Z0-9_]+\[([A-Za-z.]+)(?:-[^\]]*)?\]/.exec(rule.name)?.[1];
  if (target === undefined) return '';
  return to === '' ? target : `${target}.${to}`;
}

/** What is left of `path` below `around`: '' where they are one, undefined where it is not below. Numbers of entries do not count. */
function below(around: string, path: string): string | undefined {
  const [outer, inner] = [plain(around), plain(path)];
  if (outer === inner) return '';
  return inner.startsWith(`${outer}.`) ? inner.slice(outer.length + 1) : undefined;
}

function plain(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '');
}

function pathOf(text: string): SourcePath[] {
  const path = parseSourcePath(text);
  return path === undefined ? [] : [path];
}

function covers(path: SegmentPath, asked: SegmentPath): boolean {
  if (path.segment !== asked.segment || path.field !== asked.field) return false;
  const meets = (a: number | undefined, b: number | undefined): boolean =>
    a === undefined || b === undefined || a === b;
  return meets(path.component, asked.component) && meets(path.subcomponent, asked.subcomponent);
}
