import type { Group } from '../hl7/grouping.js';
import type { Segment } from '../hl7/segment.js';
import type { ValueNode } from '../hl7/value-node.js';
import { reads } from './descriptions.js';
import type { Run } from './run.js';
import type { PartPath, SegmentPath, SourcePath } from './source-path.js';

/** Gives the nodes at a path, valued or `""`, in order. `node` is the value the rule stands at. */
export type ReadAll = (run: Run, node: ValueNode | undefined) => readonly ValueNode[];
/** The first valued node at a path. */
export type ReadOne = (run: Run, node: ValueNode | undefined) => ValueNode | undefined;
/** The text at a path, '' when not valued. */
export type ReadText = (run: Run, node: ValueNode | undefined) => string;

const none: readonly ValueNode[] = [];

/** The unescaped text of a node: of a repetition its first leaf, of a component all of it. */
export function textOf(run: Run, node: ValueNode): string {
  if (run.trace !== undefined) run.trace.read(node.component === 0 ? node.child(1).child(1) : node);
  return node.component === 0 ? node.text : node.wholeText;
}

/** Compiles a path to a reader of all its nodes. */
export function compileReadAll(path: SourcePath): ReadAll {
  return reads.as(readerOfAll(path), { path });
}

function readerOfAll(path: SourcePath): ReadAll {
  if (path.kind === 'meta') return () => none;
  if (path.kind === 'part') {
    const one = partReader(path);
    return (run, node) => {
      const found = one(run, node);
      return found === undefined ? none : [found];
    };
  }
  const { field, repetition } = path;
  if (field === undefined) return () => none;
  const part = partOfNode(path);
  const add = (run: Run, node: ValueNode | undefined, segment: Segment, found: ValueNode[]): void => {
    if (segment.isEmpty(field)) return;
    const number = repetition === '=' ? run.repetition : repetition;
    if (number !== undefined) {
      const value = part(segment.node(field, number));
      if (value !== undefined && value.end > value.start) found.push(value);
    } else if (standsAt(node, segment, field)) {
      const value = part(node);
      if (value !== undefined) found.push(value);
    } else {
      for (const each of segment.nodes(field)) {
        const value = part(each);
        if (value !== undefined && value.end > value.start) found.push(value);
      }
    }
  };
  if (path.groups.length === 0 && !path.all) {
    const name = path.segment;
    return (run, node) => {
      const segment = run.near(name);
      if (segment === undefined || segment.isEmpty(field)) return none;
      const found: ValueNode[] = [];
      add(run, node, segment, found);
      return found;
    };
  }
  const segments = segmentsReader(path);
  return (run, node) => {
    const found: ValueNode[] = [];
    for (const segment of segments(run)) add(run, node, segment, found);
    return found;
  };
}

/** Compiles a path to a reader of its first valued node. */
export function compileReadOne(path: SourcePath): ReadOne {
  return reads.as(readerOfOne(path), { path });
}

function readerOfOne(path: SourcePath): ReadOne {
  if (path.kind === 'meta') return () => undefined;
  if (path.kind === 'part') {
    const part = partReader(path);
    return (run, node) => {
      const found = part(run, node);
      return found?.isValued ? found : undefined;
    };
  }
  const { field, repetition, segment: name } = path;
  if (field === undefined) return () => undefined;
  const part = partOfNode(path);
  const all = compileReadAll(path);
  const simple = path.groups.length === 0 && !path.all;
  return (run, node) => {
    if (!simple) return all(run, node).find((each) => each.isValued);
    const segment = run.near(name);
    if (segment === undefined || segment.isEmpty(field)) return undefined;
    if (standsAt(node, segment, field) && repetition === undefined) {
      const value = part(node);
      return value?.isValued === true ? value : undefined;
    }
    const number = repetition === '=' ? run.repetition : (repetition ?? 1);
    const value = part(segment.node(field, number));
    if (value?.isValued === true) return value;
    if (repetition !== undefined) return undefined;
    return all(run, node).find((each) => each.isValued);
  };
}

/** Compiles a path to a reader of its text. */
export function compileReadText(path: SourcePath): ReadText {
  return reads.as(readerOfText(path), { path });
}

function readerOfText(path: SourcePath): ReadText {
  if (path.kind === 'meta') {
    const { name } = path;
    if (name === 'event') return (run) => run.event;
    if (name === 'structure') return (run) => run.structure;
    return (run) => run.grouped.message.header.value(9);
  }
  const read = compileReadOne(path);
  return (run, node) => {
    const found = read(run, node);
    return found === undefined ? '' : textOf(run, found);
  };
}

/** True where the rule stands at a repetition of the very field that is asked for: that one is meant, not the first. */
function standsAt(node: ValueNode | undefined, segment: Segment, field: number): node is ValueNode {
  return node !== undefined && node.field === field && node.component === 0 && node.segment === segment;
}

function partOfNode(path: { component: number | undefined; subcomponent: number | undefined }) {
  const { component, subcomponent } = path;
  if (component === undefined) return (node: ValueNode): ValueNode | undefined => node;
  if (subcomponent === undefined) return (node: ValueNode): ValueNode | undefined => node.valuedChild(component);
  return (node: ValueNode): ValueNode | undefined => node.valuedChild(component)?.valuedChild(subcomponent);
}

function partReader(path: PartPath): (run: Run, node: ValueNode | undefined) => ValueNode | undefined {
  const { component, subcomponent, type } = path;
  if (component === undefined) return (_run, node) => node;
  return (run, here) => {
    const node = type === '' ? here : run.value;
    if (node === undefined) return undefined;
    if (node.subcomponent !== 0) return component === 1 ? node : undefined;
    const part = node.valuedChild(component);
    if (subcomponent === undefined || part === undefined) return part;
    return part.component === 0 || part.subcomponent !== 0
      ? subcomponent === 1
        ? part
        : undefined
      : part.valuedChild(subcomponent);
  };
}

/** The segments that a path means from where the run stands. */
export function segmentsReader(
  path: Pick<SegmentPath, 'groups' | 'segment' | 'all'>,
): (run: Run) => readonly Segment[] {
  const { groups, segment: name, all } = path;
  if (groups.length > 0) {
    return (run) => {
      let found: readonly Group[] = [run.group];
      for (const [index, step] of groups.entries()) {
        found = found.flatMap((group) =>
          index === 0 ? groupsNear(group, step.name, step.all) : group.groups(step.name),
        );
        if (!step.all) found = found.slice(0, 1);
      }
      const segments = found.flatMap((group) => group.segmentsNamed(name));
      return all || groups.some((step) => step.all) ? segments : segments.slice(0, 1);
    };
  }
  if (all) return (run) => everySegment(run, name);
  return (run) => {
    const found = run.near(name);
    return found === undefined ? [] : [found];
  };
}

/** The groups of a name that belong to a place: the one around it, else all below it, else those below the nearest group around it. */
export function groupsMeant(group: Group, name: string): readonly Group[] {
  const around = group.enclosing(name);
  return around === undefined ? groupsNear(group, name, true) : [around];
}

/** The group itself, one below it, or one below the nearest group around it that has such; none within a neighbouring repetition. */
function groupsNear(group: Group, name: string, all: boolean): readonly Group[] {
  if (group.name === name && !all) return [group];
  let found = group.descendants(name);
  let from = group;
  while (found.length === 0 && from.parent !== undefined) {
    const { parent, name: passed } = from;
    if (parent.name === name && !all) return [parent];
    found = parent.groups().flatMap((inner) => {
      if (inner.name === name) return [inner];
      return inner.name === passed ? [] : inner.descendants(name);
    });
    from = parent;
  }
  return found;
}

/** Every segment of a name that belongs to the run's segment: those of its group, or directly after it where its group has several of its kind. */
export function everySegment(run: Run, name: string): readonly Segment[] {
  const own = run.group.segmentsNamed(name);
  if (own.length === 0 || run.segment.name === name) return own;
  if (run.group.segmentsNamed(run.segment.name).length > 1) return run.group.following(run.segment, name);
  return own;
}
