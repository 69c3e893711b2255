import { isResourceType, resourceTypes } from '../fhir/definitions/type-model.js';
import type { Group } from '../hl7/grouping.js';
import type { Segment } from '../hl7/segment.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Test } from './condition-function.js';
import type { IdentityFact } from './draft.js';
import { authorityOf } from './functions.js';
import { identifying } from './key-rules.js';
import type { Library } from './library.js';
import { didYouMean } from './problem.js';
import type { Run } from './run.js';
import { compileSource, compileWhen, type Source } from './source-compiler.js';
import type { YamlMap } from './yaml-tree.js';

/** Says what a message tells of who is who. */
export type FactRule = (run: Run, facts: IdentityFact[]) => void;

const kinds = ['merge', 'change', 'move', 'link', 'unlink'] as const;

/** Compiles the facts of a message file. */
export function compileFacts(file: YamlMap, groups: ReadonlySet<string>, library: Library): FactRule[] {
  const { reading, problems } = library;
  return reading.maps(file, 'facts').flatMap((rule): FactRule[] => {
    reading.object(rule, 'fact');
    const name = `facts/${reading.required(rule, 'id')}`;
    const kind = kinds.find((each) => rule.entries.has(each));
    if (kind === undefined) {
      problems.add(rule.place, 'a fact is a merge, change, move, link or unlink of a type');
      return [];
    }
    const type = reading.required(rule, kind);
    if (!isResourceType('R4', type)) {
      problems.add(
        reading.placeOf(rule, kind),
        `'${type}' is no resource type${didYouMean(type, resourceTypes('R4'))}`,
      );
    }
    const at = reading.text(rule, 'at');
    if (at !== undefined && !groups.has(at)) {
      problems.add(reading.placeOf(rule, 'at'), `the message has no group '${at}'${didYouMean(at, groups)}`);
    }
    const test = compileWhen(rule, library);
    const preferred = preferredTypes(library);
    const read = (key: string): Source => {
      if (!rule.entries.has(key)) problems.add(rule.place, `a ${kind} names its ${key}`);
      return compileSource(rule, library, key);
    };
    const each = makeFacts(kind, type, preferred, read);
    return [(run, facts) => atPlaces(run, at, test, () => traced(run, name, facts, each))];
  });
}

function makeFacts(
  kind: (typeof kinds)[number],
  type: string,
  prefer: readonly string[],
  read: (key: string) => Source,
): (run: Run, facts: IdentityFact[]) => void {
  if (kind === 'merge' || kind === 'change') {
    const [source, target] = [read('source'), read('target')];
    return (run, facts) => {
      const targets = keysOf(run, type, target.all(run, undefined), prefer);
      for (const from of keysOf(run, type, source.all(run, undefined), prefer)) {
        const to = pairOf(from, targets);
        if (to !== undefined && !same(from, to))
          facts.push({ kind, type, source: withAuthority(from, to), target: to });
      }
    };
  }
  if (kind === 'move') {
    const [moved, source, target] = [read('moved'), read('source'), read('target')];
    return (run, facts) => {
      const sources = keysOf(run, 'Patient', source.all(run, undefined), prefer);
      const targets = keysOf(run, 'Patient', target.all(run, undefined), prefer);
      const keys = keysOf(run, type, moved.all(run, undefined), prefer);
      if (type === 'Patient') {
        moveIdentifiers(keys, sources, targets, facts);
        return;
      }
      const [to] = targets;
      if (to === undefined) return;
      const [from] = sources.map((key) => withAuthority(key, to));
      if (from !== undefined && same(from, to)) return;
      for (const key of keys) facts.push({ kind, type, moved: key, from, to });
    };
  }
  const between = read('between');
  return (run, facts) => {
    const bySegment = new Map<Segment, ValueNode[]>();
    for (const node of between.all(run, undefined)) {
      const list = bySegment.get(node.segment) ?? [];
      list.push(node);
      bySegment.set(node.segment, list);
    }
    const keys = [...bySegment.values()].flatMap((nodes) => keysOf(run, type, nodes, prefer).slice(0, 1));
    const [first, ...others] = keys;
    if (first === undefined) return;
    for (const other of others) {
      if (!same(first, other)) facts.push({ kind: 'link', type, a: first, b: other, linked: kind === 'link' });
    }
  };
}

/**
 * A43: the identifiers that stand in both lists (PID-3 and MRG-1) move from the person whom the rest of the one names to the
 * person whom the rest of the other names. Where none stands in both, the prior ones move.
 */
function moveIdentifiers(
  keys: readonly string[][],
  sources: readonly string[][],
  targets: readonly string[][],
  facts: IdentityFact[],
): void {
  const priors = sources.map((key) => withAuthority(key, pairOf(key, targets) ?? key));
  const common = keys.filter((key) => priors.some((prior) => same(prior, key)));
  const moving = common.length > 0 ? common : priors;
  const isMoving = (key: readonly string[]): boolean => moving.some((each) => same(each, key));
  const to = targets.find((key) => !isMoving(key));
  const from = priors.find((key) => !isMoving(key));
  if (to === undefined) return;
  for (const moved of moving) facts.push({ kind: 'move', type: 'Patient', moved, from, to });
}

/** Runs a fact's rule as one of the trace: what it read went into the facts. */
function traced(run: Run, name: string, facts: IdentityFact[], act: (run: Run, facts: IdentityFact[]) => void): void {
  const before = facts.length;
  run.trace?.enter(name);
  act(run, facts);
  if (facts.length > before) run.trace?.made(name, '');
  run.trace?.leave();
}

function atPlaces(run: Run, at: string | undefined, test: Test | undefined, act: () => void): void {
  const { root } = run.grouped;
  const groups: readonly Group[] = at === undefined || at === root.name ? [root] : root.descendants(at);
  for (const group of groups.length > 0 ? groups : [root]) {
    const segment = firstSegment(group);
    if (segment === undefined) continue;
    run.segment = segment;
    run.group = group;
    if (test === undefined || test(run, undefined)) act();
  }
}

function firstSegment(group: Group): Segment | undefined {
  const own = group.segments[0];
  if (own !== undefined) return own;
  for (const inner of group.groups()) {
    const found = firstSegment(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys of documents that the identifiers in a field name. */
function keysOf(run: Run, type: string, nodes: readonly ValueNode[], prefer: readonly string[]): string[][] {
  for (const node of nodes) run.trace?.read(node);
  if (type === 'Patient') return identifying(run.tenant, nodes, prefer);
  const keys: string[][] = [];
  for (const node of nodes) {
    const id = node.text.trim();
    if (id === '') continue;
    const [name, oid] = [node.leaf(4, 1), node.leaf(4, 2)];
    const named =
      name === '' && oid === '' ? run.tenant.visitAuthority : (authorityOf(run.tenant, name, oid)?.id ?? (name || oid));
    keys.push([named ?? '', id]);
  }
  return keys;
}

/** The identifier of the same authority, else the first. */
function pairOf(key: readonly string[], others: readonly string[][]): string[] | undefined {
  return others.find((other) => other[0] === key[0]) ?? others[0];
}

/** A prior identifier without authority has that of the one it is paired with. */
function withAuthority(key: readonly string[], paired: readonly string[]): readonly string[] {
  return key[0] === '' ? [paired[0] ?? '', ...key.slice(1)] : key;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

function preferredTypes(library: Library): readonly string[] {
  const way = library.keys.get('Patient')?.ways.find((each) => each.entries.has('prefer'));
  return way === undefined ? [] : library.reading.texts(way, 'prefer').map(({ text }) => text);
}
