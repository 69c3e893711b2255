import type { Group } from '../hl7/grouping.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Test } from './condition-function.js';
import { findDraft, findDrafts, isWithin } from './find-draft.js';
import type { Library } from './library.js';
import { didYouMean } from './problem.js';
import type { DraftBuilder, Run } from './run.js';
import { compileSource, compileTest } from './source-compiler.js';
import { compileText } from './value-compiler.js';
import type { YamlMap, YamlNode } from './yaml-tree.js';

/** Which drafts a `refs` entry refers to, from where a draft stands. */
export interface ReferenceChoice {
  /** `as` name of the drafts. */
  readonly name: string;
  /** True when the drafts are found by what they say (`match`), so that a reference by identifier means the same thing. */
  readonly byMatch: boolean;
  readonly choose: (run: Run, from: DraftBuilder) => readonly DraftBuilder[];
}

type ReadKey = (run: Run, node: ValueNode | undefined) => string;

/** Compiles one name, or one map with `of` and `match` or with `only`. `many`: for a list. */
export function compileChoices(
  value: YamlNode,
  path: string,
  many: boolean,
  labels: ReadonlySet<string>,
  library: Library,
): ReferenceChoice[] {
  if (value.kind === 'list') return value.items.flatMap((item) => compileChoices(item, path, many, labels, library));
  const choice = value.kind === 'map' ? compileMatch(value, labels, library) : undefined;
  if (choice !== undefined) return [choice];
  return library.reading.textsOf(value, path).map(({ text: name, place }) => {
    checkName(name, place, labels, library);
    const choose = many
      ? (run: Run, from: DraftBuilder) => findDrafts(run, name, from)
      : (run: Run, from: DraftBuilder) => [findDraft(run, name, from)].filter((each) => each !== undefined);
    return { name, byMatch: false, choose };
  });
}

function checkName(name: string, place: YamlNode['place'], labels: ReadonlySet<string>, library: Library): void {
  if (!labels.has(name)) library.problems.add(place, `nothing is built as '${name}'${didYouMean(name, labels)}`);
}

function compileMatch(map: YamlMap, labels: ReadonlySet<string>, library: Library): ReferenceChoice {
  const { reading } = library;
  reading.object(map, 'match');
  const only = reading.text(map, 'only');
  const name = only ?? reading.required(map, 'of');
  checkName(name, map.place, labels, library);
  const within = reading.text(map, 'within');
  const when = testOf(map, 'when', library);
  if (only !== undefined) return { name, byMatch: false, choose: chooseOnly(name, within, when) };
  const pairs = reading.maps(map, 'match').map((pair) => {
    reading.object(pair, 'matchPair');
    return { its: compileKeyText(pair, 'its', library), mine: compileKeyText(pair, 'mine', library) };
  });
  if (pairs.length === 0)
    library.problems.add(map.place, 'match lists what must be equal: [{ its: SPM-2, mine: OBX-33 }]');
  const whose = testOf(map, 'whose', library);
  const once = reading.flag(map, 'once');
  const indexOf = indexed(name, within, (run) => keyOf(run, pairs, 'its'), whose);
  const claimed = new WeakMap<Run, Set<DraftBuilder>>();
  return {
    name,
    byMatch: true,
    choose: (run, from) => {
      standAt(run, from);
      if (when !== undefined && !when(run, undefined)) return [];
      const key = keyOf(run, pairs, 'mine');
      if (key === undefined) return [];
      const place = within === undefined ? run.grouped.root : from.group.enclosing(within);
      const found = (place === undefined ? undefined : indexOf(run).get(place)?.get(key)) ?? [];
      const others = found.filter((each) => each !== from);
      if (!once) return others;
      const taken = claimed.get(run) ?? new Set();
      claimed.set(run, taken);
      const free = others.filter((each) => !taken.has(each));
      for (const each of free) taken.add(each);
      return free;
    },
  };
}

/** The one draft of a name within the group around; none where there are several, which only a match can tell apart. */
function chooseOnly(name: string, within: string | undefined, when: Test | undefined): ReferenceChoice['choose'] {
  return (run, from) => {
    standAt(run, from);
    if (when !== undefined && !when(run, undefined)) return [];
    const place = within === undefined ? run.grouped.root : from.group.enclosing(within);
    const found = (run.named.get(name) ?? []).filter((each) => place !== undefined && isWithin(each.group, place));
    return found.length === 1 ? found : [];
  };
}

type Index = ReadonlyMap<Group, ReadonlyMap<string, readonly DraftBuilder[]>>;

/** All drafts of a name by the group they are looked for in and what they say, made once a message. */
function indexed(
  name: string,
  within: string | undefined,
  key: (run: Run) => string | undefined,
  whose: Test | undefined,
): (run: Run) => Index {
  const known = new WeakMap<Run, Index>();
  return (run) => {
    const made = known.get(run);
    if (made !== undefined) return made;
    const { segment, group } = run;
    const index = new Map<Group, Map<string, DraftBuilder[]>>();
    for (const draft of run.named.get(name) ?? []) {
      const place = within === undefined ? run.grouped.root : draft.group.enclosing(within);
      if (place === undefined) continue;
      standAt(run, draft);
      const text = whose === undefined || whose(run, undefined) ? key(run) : undefined;
      if (text === undefined) continue;
      const byKey = index.get(place) ?? new Map<string, DraftBuilder[]>();
      index.set(place, byKey);
      byKey.set(text, [...(byKey.get(text) ?? []), draft]);
    }
    run.segment = segment;
    run.group = group;
    known.set(run, index);
    return index;
  };
}

function keyOf(run: Run, pairs: readonly { its: ReadKey; mine: ReadKey }[], side: 'its' | 'mine'): string | undefined {
  const texts: string[] = [];
  for (const pair of pairs) {
    const text = pair[side](run, undefined).trim();
    if (text === '') return undefined;
    texts.push(text);
  }
  return texts.join('\u0000');
}

/** A path, a list of paths, or a map with `from` and `apply`. */
function compileKeyText(pair: YamlMap, key: string, library: Library): ReadKey {
  const value = pair.entries.get(key)?.value;
  if (value?.kind !== 'map') {
    if (value === undefined) library.problems.add(pair.place, `${key} is missing`);
    return compileSource(pair, library, key).text;
  }
  library.reading.object(value, 'matchPart');
  const source = compileSource(value, library);
  const text = compileText(value, false, source, library);
  return (run, node) => {
    const from = source.one(run, node);
    const made = from === undefined ? undefined : text(run, from);
    return typeof made === 'string' ? made : '';
  };
}

function testOf(map: YamlMap, key: string, library: Library): Test | undefined {
  const text = library.reading.text(map, key);
  return text === undefined ? undefined : compileTest(text, library.reading.placeOf(map, key), library);
}

function standAt(run: Run, draft: DraftBuilder): void {
  run.segment = draft.segment;
  run.group = draft.group;
}
