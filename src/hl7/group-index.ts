import type { GrammarMember, GroupGrammar } from './grammar.js';

/** A member that can take a segment: itself, or a group that has it. */
export interface GroupEntry {
  readonly member: number;
  readonly repeating: boolean;
  readonly group: GroupGrammar | undefined;
}

export interface RequiredMember {
  readonly member: number;
  readonly options: readonly string[];
  /** Segments that it may begin with. */
  readonly first: ReadonlySet<string>;
}

/** A group's members by the segments they take. */
export interface GroupIndex {
  /** Members that the segment is, and groups that it may begin. */
  readonly begin: ReadonlyMap<string, readonly GroupEntry[]>;
  /** Groups that have the segment further in. */
  readonly within: ReadonlyMap<string, readonly GroupEntry[]>;
  /** Every segment in this group or below. */
  readonly anywhere: ReadonlySet<string>;
  /** Every segment the group may begin with, when what may be missing is. */
  readonly first: ReadonlySet<string>;
  /** What stands at the very beginning of the group, nothing left out. */
  readonly leading: ReadonlySet<string>;
  /** Members that must be there, by the names of what each may be. */
  readonly required: readonly RequiredMember[];
}

const indexes = new WeakMap<GroupGrammar, GroupIndex>();

/** The index of a group, made once. */
export function indexOf(grammar: GroupGrammar): GroupIndex {
  const known = indexes.get(grammar);
  if (known !== undefined) return known;
  const begin = new Map<string, GroupEntry[]>();
  const within = new Map<string, GroupEntry[]>();
  const anywhere = new Set<string>();
  const first = new Set<string>();
  const leading = new Set<string>();
  const required: RequiredMember[] = [];
  let atStart = true;
  grammar.members.forEach((member, position) => {
    const options = optionsOf(member);
    if (!member.optional) {
      const names = options.map((option) => option.name);
      const starts = options.flatMap((option) =>
        option.kind === 'group' ? [...indexOf(option).first] : [option.name],
      );
      required.push({ member: position, options: names, first: new Set(starts) });
    }
    for (const option of options) {
      const group = option.kind === 'group' ? option : undefined;
      const entry: GroupEntry = { member: position, repeating: member.repeating, group };
      const inner = group === undefined ? undefined : indexOf(group);
      for (const name of inner?.anywhere ?? [option.name]) {
        const begins = inner === undefined || inner.first.has(name);
        const map = begins ? begin : within;
        map.set(name, [...(map.get(name) ?? []), entry]);
        anywhere.add(name);
        if (begins && atStart) first.add(name);
        if (position === 0 && (inner === undefined || inner.leading.has(name))) leading.add(name);
      }
    }
    if (!member.optional) atStart = false;
  });
  const index: GroupIndex = { begin, within, anywhere, first, leading, required };
  indexes.set(grammar, index);
  return index;
}

function optionsOf(member: GrammarMember) {
  return member.kind === 'choice' ? member.options : [member];
}
