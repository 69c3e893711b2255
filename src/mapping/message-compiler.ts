import { type TypeModel, typeModel } from '../fhir/definitions/type-model.js';
import { type GroupGrammar, isGrammarFault, parseGrammar } from '../hl7/grammar.js';
import type { Test } from './condition-function.js';
import { compileFacts, type FactRule } from './fact-compiler.js';
import { findDraft } from './find-draft.js';
import { compileKey, type KeyMaker } from './key-rules.js';
import type { Library } from './library.js';
import { compileFilter, type MessageFilter } from './message-filter.js';
import { checkGrammar, checkStructure, namesOf } from './message-name.js';
import { compilePanels, type Panel } from './panel-compiler.js';
import { didYouMean } from './problem.js';
import { compileChoices, type ReferenceChoice } from './reference-choice.js';
import type { RuleSet } from './rule-set.js';
import { segmentRulesOf } from './segment-map.js';
import { compileTest, compileWhen } from './source-compiler.js';
import { parseTarget, type Register, registerOf } from './target-path.js';
import type { YamlMap } from './yaml-tree.js';

/** A segment map as part of a build. */
export interface Feed {
  readonly segment: string;
  /** Only its segments in this group: `VISIT_ROLE.ROL[Encounter]`. */
  readonly group: string | undefined;
  readonly rules: RuleSet;
}

/** Where the drafts of a build stand: groups or segments. */
export interface BuildPlace {
  readonly group: string | undefined;
  readonly segment: string | undefined;
}

export interface BuildReference {
  readonly register: Register;
  readonly choice: ReferenceChoice;
  readonly rule: string;
}

/** One entry of `build` compiled. */
export interface Build {
  readonly as: string;
  readonly type: string;
  readonly places: readonly BuildPlace[];
  readonly when: Test | undefined;
  readonly deleted: Test | undefined;
  readonly feeds: readonly Feed[];
  /** Segments whose comments (NTE) are the draft's; none: those that follow the segment it stands at. */
  readonly notes: readonly string[];
  /** Segments whose participants (PRT) are the draft's; none: those of its place. */
  readonly participants: readonly string[];
  /** Groups below its place whose segments are not the draft's. */
  readonly outside: readonly string[];
  readonly references: readonly BuildReference[];
  readonly key: KeyMaker;
  readonly panels: readonly Panel[];
  /** Names of its maps, when it stands for a whole list in snapshot mode. */
  readonly snapshot: readonly string[];
  /** Tells of the message itself: made for whoever looks at one message, never stored. */
  readonly view: boolean;
}

/** The builds of a message in order, and what is asked of them for every message. */
export interface Builds {
  readonly list: readonly Build[];
  readonly byName: ReadonlyMap<string, Build>;
  /** Names of those that make an Encounter. */
  readonly visits: readonly string[];
}

/** A message file compiled. */
export interface CompiledMessage {
  readonly structures: readonly string[];
  readonly grammar: GroupGrammar;
  /** The builds whose resources are stored. */
  readonly stored: Builds;
  /** These and the views. */
  readonly all: Builds;
  readonly facts: readonly FactRule[];
  readonly filters: readonly MessageFilter[];
}

/** Compiles a message file. */
export function compileMessage(
  file: YamlMap,
  panelFiles: readonly YamlMap[],
  library: Library,
): CompiledMessage | undefined {
  const { reading, problems } = library;
  reading.object(file, 'message');
  const named = reading.texts(file, 'message');
  for (const { text, place } of named) checkStructure(text, place, library);
  const structures = named.map(({ text }) => text);
  const [name] = structures;
  if (name === undefined) {
    problems.add(file.place, 'message names one structure or several: ADT_A01');
    return undefined;
  }
  const grammar = parseGrammar(reading.required(file, 'groups'), name);
  if (isGrammarFault(grammar)) {
    problems.add(
      reading.placeOf(file, 'groups'),
      `the grammar is not understood at character ${grammar.offset + 1}: ${grammar.detail}`,
    );
    return undefined;
  }
  const { groups, segments } = namesOf(grammar);
  checkGrammar({ groups, segments }, reading.placeOf(file, 'groups'), library);
  const names = new Set([...groups, ...segments]);
  const entries = reading.maps(file, 'build');
  const labels = new Set(entries.map((entry) => reading.text(entry, 'as') ?? ''));
  const builds = entries.flatMap((entry) => compileBuild(entry, name, names, labels, panelFiles, library) ?? []);
  const filters = reading.maps(file, 'filters').flatMap((filter) => compileFilter(filter, library) ?? []);
  const stored = buildsOf(builds.filter(({ view }) => !view));
  return { structures, grammar, stored, all: buildsOf(builds), facts: compileFacts(file, groups, library), filters };
}

function buildsOf(list: readonly Build[]): Builds {
  return {
    list,
    byName: new Map(list.map((build) => [build.as, build])),
    visits: list.filter(({ type }) => type === 'Encounter').map(({ as }) => as),
  };
}

/** The groups that a message file names; none where its grammar is not understood. */
export function groupNames(file: YamlMap): Iterable<string> {
  const text = file.entries.get('groups')?.value;
  const grammar = parseGrammar(text?.kind === 'scalar' ? text.text : '', rootName(file));
  return isGrammarFault(grammar) ? [] : namesOf(grammar).groups;
}

function rootName(file: YamlMap): string {
  const node = file.entries.get('message')?.value;
  const first = node?.kind === 'list' ? node.items[0] : node;
  return first?.kind === 'scalar' ? first.text : '';
}

function compileBuild(
  entry: YamlMap,
  message: string,
  names: ReadonlySet<string>,
  labels: ReadonlySet<string>,
  panelFiles: readonly YamlMap[],
  library: Library,
): Build | undefined {
  const { reading, problems } = library;
  reading.object(entry, 'build');
  const as = reading.required(entry, 'as');
  const maps = reading.texts(entry, 'map').map(({ text, place }) => {
    const [, group, name = text] = /^([A-Z][A-Z0-9_]*)\.(.+)$/.exec(text) ?? [];
    if (group !== undefined && !names.has(group)) {
      problems.add(place, `${message} has no group '${group}'${didYouMean(group, names)}`);
    }
    return { text: name, place, group };
  });
  const sources = maps.flatMap(({ text, place }) => library.map(text, place) ?? []);
  const [first] = sources;
  if (first === undefined) {
    if (maps.length === 0) problems.add(entry.place, 'map names one segment map or several');
    return undefined;
  }
  const model = typeModel('R4', first.target);
  if (model === null || !model.resource) {
    problems.add(reading.placeOf(entry, 'map'), `'${first.target}' is no resource type`);
    return undefined;
  }
  for (const [index, source] of sources.entries()) {
    if (source.kind !== 'segment' || source.target !== first.target) {
      problems.add(maps[index]?.place ?? entry.place, `'${source.name}' does not map a segment to ${first.target}`);
    }
  }
  const places = reading.texts(entry, 'at').flatMap(({ text, place }): BuildPlace[] => {
    const parts = text.split('.');
    const unknown = parts.find((part) => !names.has(part) && !part.startsWith('Z'));
    if (unknown !== undefined) {
      problems.add(place, `${message} has no group or segment '${unknown}'${didYouMean(unknown, names)}`);
      return [];
    }
    const last = parts.at(-1) ?? '';
    const isSegment = /^[A-Z][A-Z0-9]{2}$/.test(last);
    return [{ group: isSegment ? parts.at(-2) : last, segment: isSegment ? last : undefined }];
  });
  if (!entry.entries.has('at'))
    problems.add(entry.place, 'at is missing: the group or segment that makes one resource each');
  const anchor = places[0]?.segment ?? first.from;
  const deleted = reading.text(entry, 'deleted');
  return {
    as,
    type: first.target,
    places,
    when: compileWhen(entry, library),
    deleted: deleted === undefined ? undefined : compileTest(deleted, reading.placeOf(entry, 'deleted'), library),
    feeds: sources.map((source, index) => ({
      segment: source.from,
      group: maps[index]?.group,
      rules: segmentRulesOf(source, library),
    })),
    notes: reading.texts(entry, 'notes').map(({ text }) => text),
    participants: reading.texts(entry, 'participants').map(({ text }) => text),
    outside: reading.texts(entry, 'outside').map(({ text }) => text),
    references: compileReferences(entry, message, as, model, labels, library),
    key: compileKey(first.target, 'segment', anchor, library, findDraft),
    panels: reading.flag(entry, 'panels')
      ? compilePanels(
          panelFiles,
          sources.map((source) => source.name),
          library,
        )
      : [],
    view: reading.flag(entry, 'view'),
    snapshot: reading.flag(entry, 'snapshot') ? sources.map((source) => source.name) : [],
  };
}

function compileReferences(
  entry: YamlMap,
  message: string,
  as: string,
  model: TypeModel,
  labels: ReadonlySet<string>,
  library: Library,
): BuildReference[] {
  const references: BuildReference[] = [];
  const map = library.reading.map(entry.entries.get('refs')?.value, 'refs');
  for (const [path, { place, value }] of map?.entries ?? []) {
    const target = parseTarget(path, model, place, library.problems);
    if (target === undefined) continue;
    if (target.type !== 'Reference') {
      library.problems.add(place, `'${path}' is a ${target.type}, not a Reference`);
      continue;
    }
    const rule = `${message}/${as}.${path}`;
    for (const choice of compileChoices(value, path, target.list, labels, library)) {
      references.push({ register: registerOf(target), choice, rule });
    }
  }
  return references;
}
