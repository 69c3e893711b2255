import type { GroupGrammar } from './grammar.js';
import { type GroupEntry, type GroupIndex, indexOf, type RequiredMember } from './group-index.js';
import type { Hl7Message } from './message.js';
import type { Segment } from './segment.js';

/**
 * `unknown`: the grammar has no such segment; `local`: nor should it, the name begins with Z. `misplaced`: it came out of order or
 * once too often, and went to the nearest group that has it. `missing`: a required segment or group is not there.
 */
export interface GroupingDiagnostic {
  readonly code: 'unknown' | 'local' | 'misplaced' | 'missing';
  readonly segment: string;
  /** The group it was put into, or is missing from. */
  readonly group: string;
  /** Line of the segment in the text, or of the group's first segment. */
  readonly line: number;
}

/** So many segments are looked through, more are kept by name. */
const few = 8;

/** One occurrence of a group: its segments and inner groups in message order. */
export class Group {
  readonly name: string;
  readonly grammar: GroupGrammar;
  readonly parent: Group | undefined;
  /** Which occurrence of its name within the parent, from 1. */
  readonly occurrence: number;
  readonly #items: (Segment | Group)[] = [];
  readonly #segments: Segment[] = [];
  readonly #groups: Group[] = [];
  /** The segments of each name that was asked for, once there are many. */
  #named: Map<string, readonly Segment[]> | undefined;
  #last: Map<string, Group> | undefined;
  /** The first segment of each name, once there are many. */
  #first: Map<string, Segment> | undefined;

  constructor(grammar: GroupGrammar, parent: Group | undefined) {
    this.name = grammar.name;
    this.grammar = grammar;
    this.parent = parent;
    let occurrence = 1;
    if (parent !== undefined) {
      const before = parent.lastGroup(grammar.name);
      if (before !== undefined) occurrence = before.occurrence + 1;
    }
    this.occurrence = occurrence;
  }

  /** Own segments and groups, in message order. */
  get items(): readonly (Segment | Group)[] {
    return this.#items;
  }

  /** Own segments, in message order. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The first own segment of that name. */
  segment(name: string): Segment | undefined {
    if (this.#first !== undefined) return this.#first.get(name);
    for (const segment of this.#segments) if (segment.name === name) return segment;
    return undefined;
  }

  /** All own segments of that name, in message order; of many, looked for once. */
  segmentsNamed(name: string): readonly Segment[] {
    const known = this.#named?.get(name);
    if (known !== undefined) return known;
    const found: Segment[] = [];
    for (const segment of this.#segments) if (segment.name === name) found.push(segment);
    if (this.#segments.length > few) {
      this.#named ??= new Map();
      this.#named.set(name, found);
    }
    return found;
  }

  /** Own groups of that name, or all of them. */
  groups(name?: string): readonly Group[] {
    return name === undefined ? this.#groups : this.#groups.filter((group) => group.name === name);
  }

  lastGroup(name: string): Group | undefined {
    return this.#last?.get(name);
  }

  /** All groups of that name at any depth below, in message order. */
  descendants(name: string): Group[] {
    const found: Group[] = [];
    this.#addDescendants(name, found);
    return found;
  }

  #addDescendants(name: string, found: Group[]): void {
    for (const group of this.#groups) {
      if (group.name === name) found.push(group);
      group.#addDescendants(name, found);
    }
  }

  /** The nearest group of that name that encloses this one, or this one itself. */
  enclosing(name: string): Group | undefined {
    return this.name === name ? this : this.parent?.enclosing(name);
  }

  /** The run of segments of one name that comes directly after a segment of this group: the NTE of an OBX in a flat structure. */
  following(segment: Segment, name: string): Segment[] {
    const run: Segment[] = [];
    for (let at = this.#after(segment); at < this.#segments.length; at++) {
      const next = this.#segments[at];
      if (next === undefined || next.name !== name) break;
      run.push(next);
    }
    return run;
  }

  /** The nearest segment of that name before a segment of this group. */
  preceding(segment: Segment, name: string): Segment | undefined {
    for (let at = this.#after(segment) - 2; at >= 0; at--) {
      if (this.#segments[at]?.name === name) return this.#segments[at];
    }
    return undefined;
  }

  /** Position in the own segments of the first that comes after one in the message. */
  #after(segment: Segment): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle]?.index ?? 0) <= segment.index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** For `groupMessage`, while it builds the tree. */
  add(item: Segment | Group): void {
    this.#items.push(item);
    if (item instanceof Group) {
      this.#groups.push(item);
      this.#last ??= new Map();
      this.#last.set(item.name, item);
      return;
    }
    this.#segments.push(item);
    this.#named = undefined;
    if (this.#first === undefined && this.#segments.length > few) {
      this.#first = new Map(this.#segments.toReversed().map((segment) => [segment.name, segment]));
    } else if (this.#first !== undefined && !this.#first.has(item.name)) this.#first.set(item.name, item);
  }
}

/** A message with each of its segments in its group. */
export class GroupedMessage {
  readonly message: Hl7Message;
  /** The message itself as a group, named after its structure. */
  readonly root: Group;
  readonly diagnostics: readonly GroupingDiagnostic[];
  readonly #placed: readonly Group[];
  /** All groups of each name, once one was asked for. */
  #named: Map<string, Group[]> | undefined;

  constructor(message: Hl7Message, root: Group, placed: readonly Group[], diagnostics: readonly GroupingDiagnostic[]) {
    this.message = message;
    this.root = root;
    this.diagnostics = diagnostics;
    this.#placed = placed;
  }

  /** All groups of that name, the root included, in message order. */
  groupsNamed(name: string): readonly Group[] {
    if (this.#named === undefined) {
      this.#named = new Map();
      addByName(this.root, this.#named);
    }
    return this.#named.get(name) ?? noGroups;
  }

  /** The group a segment of this message belongs to. */
  groupOf(segment: Segment): Group {
    return this.#placed[segment.index] ?? this.root;
  }
}

const noGroups: readonly Group[] = [];

function addByName(group: Group, named: Map<string, Group[]>): void {
  const known = named.get(group.name);
  if (known === undefined) named.set(group.name, [group]);
  else known.push(group);
  for (const inner of group.groups()) addByName(inner, named);
}

/**
 * Puts every segment of a message into the groups of its structure. A segment goes forward in the innermost open group that has a
 * place for it, a new group is opened by what it may begin with. Required members that never come are passed over; a segment that
 * comes before one still to come, or after its place, goes to the nearest group that has such a segment and moves nothing; one that
 * no group has stays in the group that is open. Each of these has a diagnostic. Linear in the number of segments.
 */
export function groupMessage(message: Hl7Message, grammar: GroupGrammar): GroupedMessage {
  const diagnostics: GroupingDiagnostic[] = [];
  const placed: Group[] = [];
  const root: Open = { group: new Group(grammar, undefined), index: indexOf(grammar), at: -1 };
  const open = [root];
  const last = new Map(message.segments.map((segment) => [segment.name, segment.index]));
  for (const segment of message.segments) {
    const { name } = segment;
    let group: Group;
    if (!root.index.anywhere.has(name)) {
      group = (open.at(-1) ?? root).group;
      diagnostics.push({
        code: name.startsWith('Z') ? 'local' : 'unknown',
        segment: name,
        group: group.name,
        line: segment.line,
      });
    } else if (placeForward(open, name, (later) => (last.get(later) ?? 0) > segment.index)) {
      group = (open.at(-1) ?? root).group;
    } else {
      group = placeAnyhow(open, name, (later) => (last.get(later) ?? 0) > segment.index);
      diagnostics.push({ code: 'misplaced', segment: name, group: group.name, line: segment.line });
    }
    group.add(segment);
    placed.push(group);
  }
  reportMissing(root.group, message.header.line, diagnostics);
  return new GroupedMessage(message, root.group, placed, diagnostics);
}

/** A group that segments may still be added to, and the member it has come to. */
interface Open {
  readonly group: Group;
  readonly index: GroupIndex;
  at: number;
}

/** True when a segment of that name is still to come. */
type Lookahead = (name: string) => boolean;

/** Finds the place that the grammar's order gives, and leaves its group innermost. */
function placeForward(open: Open[], name: string, comes: Lookahead): boolean {
  for (let depth = open.length - 1; depth >= 0; depth--) {
    for (const entry of open[depth]?.index.begin.get(name) ?? []) {
      const level = open[depth];
      if (level === undefined || !isAhead(entry, level) || overtakes(entry, level, comes)) continue;
      const again = entry.group === undefined || leads(entry.group, name) ? undefined : againAt(open, depth, name);
      place(open, again?.depth ?? depth, again?.entry ?? entry, name);
      return true;
    }
  }
  return false;
}

/**
 * A segment that may begin a new group only because what leads that group is left out, but leads a group that is open and repeats,
 * repeats that group: after one order an ORC is the next order, not the first of its prior results.
 */
function againAt(open: readonly Open[], below: number, name: string): { depth: number; entry: GroupEntry } | undefined {
  for (let depth = below - 1; depth >= 0; depth--) {
    const level = open[depth];
    const entry = level?.index.begin.get(name)?.find(({ member }) => member === level.at);
    if (entry?.repeating && entry.group !== undefined && leads(entry.group, name)) return { depth, entry };
  }
  return undefined;
}

function isAhead(entry: GroupEntry, level: Open): boolean {
  return entry.member > level.at || (entry.member === level.at && entry.repeating);
}

/** True when something that must stand between here and there has not come, but is to come: the segment is too early. */
function overtakes(entry: GroupEntry, level: Open, comes: Lookahead): boolean {
  return level.index.required.some(
    (required) =>
      required.member > level.at &&
      required.member < entry.member &&
      [...required.first].some(comes) &&
      !isThere(required, level.group),
  );
}

function isThere({ options }: RequiredMember, group: Group): boolean {
  return options.some((name) => group.segment(name) !== undefined || group.lastGroup(name) !== undefined);
}

function leads(group: GroupGrammar, name: string): boolean {
  return indexOf(group).leading.has(name);
}

/** Goes on at a member of an open group; what is open within that group is closed. */
function place(open: Open[], depth: number, entry: GroupEntry, name: string): void {
  const level = open[depth];
  if (level === undefined) return;
  open.length = depth + 1;
  level.at = entry.member;
  if (entry.group !== undefined) enter(open, entry.group, name);
}

/** Opens a group and those within it down to the one that holds the segment. */
function enter(open: Open[], grammar: GroupGrammar, name: string): void {
  let next: GroupGrammar | undefined = grammar;
  while (next !== undefined) {
    const parent = open.at(-1)?.group;
    const group: Group = new Group(next, parent);
    parent?.add(group);
    const index = indexOf(next);
    const entry: GroupEntry | undefined = index.begin.get(name)?.[0] ?? index.within.get(name)?.[0];
    open.push({ group, index, at: entry?.member ?? -1 });
    next = entry?.group;
  }
}

/**
 * Finds the nearest group that can hold the segment out of order, going outwards; opens groups for it where that is called for. A
 * segment so placed does not move the place in its group: the one that is out of order is this one, not those that follow.
 */
function placeAnyhow(open: Open[], name: string, comes: Lookahead): Group {
  for (let depth = open.length - 1; depth >= 0; depth--) {
    const level = open[depth];
    if (level === undefined) break;
    const begins = nearest(level.index.begin.get(name), level);
    if (begins !== undefined) {
      if (begins.group === undefined) {
        const closed = overtakes(begins, level, comes) ? lastWith(level, name) : undefined;
        return closed === undefined ? level.group : holder(closed, name);
      }
      const last = level.group.lastGroup(begins.group.name);
      if (last !== undefined && !begins.repeating) return holder(last, name);
    }
    const entry = begins ?? nearest(level.index.within.get(name), level);
    if (entry?.group === undefined) continue;
    const last = level.group.lastGroup(entry.group.name);
    if (begins === undefined && last !== undefined) {
      if (last === open[depth + 1]?.group) continue;
      return holder(last, name);
    }
    place(open, depth, entry, name);
    return (open.at(-1) ?? level).group;
  }
  throw new RangeError('only for segments that the grammar has');
}

/** The group in or below a closed one that holds such segments; made where there is none yet. */
function holder(group: Group, name: string): Group {
  const index = indexOf(group.grammar);
  const entry = index.begin.get(name)?.[0] ?? index.within.get(name)?.[0];
  if (entry?.group === undefined) return group;
  let inner = group.lastGroup(entry.group.name);
  if (inner === undefined) {
    inner = new Group(entry.group, group);
    group.add(inner);
  }
  return holder(inner, name);
}

/** The last group below a level that has such a segment further in, where there is one. */
function lastWith(level: Open, name: string): Group | undefined {
  const group = level.index.within.get(name)?.at(-1)?.group;
  return group && level.group.lastGroup(group.name);
}

/**
 * Of the members that can take a segment: a group that was passed and has not come yet, else the first from here on, else the last
 * before.
 */
function nearest(entries: readonly GroupEntry[] | undefined, level: Open): GroupEntry | undefined {
  const isWaiting = ({ member, group }: GroupEntry) =>
    group !== undefined && member < level.at && level.group.lastGroup(group.name) === undefined;
  return entries?.find(isWaiting) ?? entries?.find(({ member }) => member >= level.at) ?? entries?.at(-1);
}

function reportMissing(group: Group, line: number, diagnostics: GroupingDiagnostic[]): void {
  for (const required of indexOf(group.grammar).required) {
    if (isThere(required, group)) continue;
    diagnostics.push({ code: 'missing', segment: required.options.join('|'), group: group.name, line });
  }
  for (const inner of group.groups()) reportMissing(inner, firstLine(inner) ?? line, diagnostics);
}

function firstLine(group: Group): number | undefined {
  const first = group.items[0];
  return first instanceof Group ? firstLine(first) : first?.line;
}
