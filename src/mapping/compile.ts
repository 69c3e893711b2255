import type { Json } from '../core/json.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { checkConflicts } from './conflicts.js';
import { compileFill } from './fill-compiler.js';
import { applyLayer, type EffectiveRule, idOf } from './layers.js';
import { type Compilers, Library, type MapSource, type ResourceMap, type ValueMap } from './library.js';
import { readMapName } from './map-name.js';
import { type CompiledMessage, compileMessage, groupNames } from './message-compiler.js';
import { compileFilter, type MessageFilter } from './message-filter.js';
import { type TreeOf, unpackTree } from './packed-tree.js';
import { didYouMean, type Place, type Problem, Problems } from './problem.js';
import { resourceMapOf } from './resource-map.js';
import { segmentRulesOf } from './segment-map.js';
import { statementsOf } from './statements.js';
import { type ConceptTable, readTable } from './table.js';
import { isTestFile } from './test-cases.js';
import { valueMapOf } from './value-map.js';
import { compileEvents, type EventRules } from './visit-compiler.js';
import { YamlReading } from './yaml-reading.js';
import { jsonOf, readYaml, type YamlMap } from './yaml-tree.js';

/** The rules for one sender, or for all that have none of their own. */
export interface CompiledSet {
  readonly messages: ReadonlyMap<string, CompiledMessage>;
  readonly filters: readonly MessageFilter[];
  readonly events: EventRules;
  /** Every rule as it stands after all layers, disabled ones included. */
  readonly rules: readonly EffectiveRule[];
  /** Keys, events, builds, facts, filters and panels, by name. */
  readonly statements: readonly EffectiveRule[];
  /** What ids are made from, by resource type: the ways to a key as they stand after all layers. */
  readonly keys: ReadonlyMap<string, KeysOfType>;
  /** Data type maps and tables by name, for cases that run one by itself. */
  readonly parts: {
    readonly values: ReadonlyMap<string, ValueMap>;
    readonly resources: ReadonlyMap<string, ResourceMap>;
    readonly tables: ReadonlyMap<string, ConceptTable>;
  };
}

/** The ways to a key of one resource type, and where they stand. */
export interface KeysOfType {
  readonly place: Place;
  readonly ways: readonly Json[];
}

/** A mapping made into functions: holds no text of the files and is never changed. */
export interface CompiledMapping {
  readonly common: CompiledSet;
  /** Most specific first. `sender` is `MSH-3|MSH-4`, `*` stands for anything. */
  readonly senders: readonly { readonly sender: string; readonly set: CompiledSet }[];
}

export interface Compilation {
  /** Undefined when there is any problem. */
  readonly mapping: CompiledMapping | undefined;
  /** In file order. */
  readonly problems: readonly Problem[];
}

export interface CompileOptions {
  /** How often rules run as they were compiled before source is generated of them: 0 at once, Infinity never. */
  readonly generateAfter?: number;
  /** Of files that were parsed before. */
  readonly treeOf?: TreeOf;
}

interface Files {
  readonly maps: YamlMap[];
  readonly tables: YamlMap[];
  readonly messages: YamlMap[];
  readonly keys: YamlMap[];
  readonly events: YamlMap[];
  readonly panels: YamlMap[];
  readonly layers: YamlMap[];
}

const compilers: Compilers = { fill: compileFill, valueMap: valueMapOf, resourceMap: resourceMapOf };
const kinds = ['segment', 'datatype', 'table', 'message', 'keys', 'events', 'panels', 'layer'] as const;
const layerOrder = ['additions', 'site', 'sender'];

/**
 * Compiles mapping files, handed in as texts by name. Every problem has its place; with any problem there is no mapping.
 * The same files give a mapping that behaves the same. Never throws on what the files say.
 */
export function compileMapping(
  files: Readonly<Record<string, string>>,
  { generateAfter = 20, treeOf = () => undefined }: CompileOptions = {},
): Compilation {
  const problems = new Problems();
  const reading = new YamlReading(problems);
  const sorted = sortFiles(files, treeOf, problems, reading);
  // a file that cannot be read would be missed by all the others
  if (problems.list.length > 0) return { mapping: undefined, problems: distinct(problems.list) };
  const layers = sorted.layers.toSorted((a, b) => layerOrder.indexOf(layerOf(a)) - layerOrder.indexOf(layerOf(b)));
  for (const layer of layers) {
    const name = reading.required(layer, 'layer');
    if (!layerOrder.includes(name)) {
      problems.add(
        reading.placeOf(layer, 'layer'),
        `a layer is one of ${layerOrder.join(', ')}${didYouMean(name, layerOrder)}`,
      );
    }
  }
  const shared = layers.filter((layer) => layerOf(layer) !== 'sender');
  const common = compileSet(sorted, shared, problems, generateAfter);
  const ofSenders = layers.filter((layer) => layerOf(layer) === 'sender');
  const patterns = [...new Set(ofSenders.map((layer) => reading.required(layer, 'sender')))].sort(bySpecificity);
  const senders = patterns.map((sender) => {
    const own = ofSenders
      .filter((layer) => matchesSender(reading.text(layer, 'sender') ?? '', sender))
      .toSorted((a, b) => bySpecificity(reading.text(b, 'sender') ?? '', reading.text(a, 'sender') ?? ''));
    return { sender, set: compileSet(sorted, [...shared, ...own], problems, generateAfter) };
  });
  const list = distinct(problems.list);
  return { mapping: list.length === 0 ? { common, senders } : undefined, problems: list };
}

/** The rules for a sender, `MSH-3|MSH-4`. */
export function setFor(mapping: CompiledMapping, sender: string): CompiledSet {
  return mapping.senders.find((each) => matchesSender(each.sender, sender))?.set ?? mapping.common;
}

function matchesSender(pattern: string, sender: string): boolean {
  if (pattern === sender) return true;
  const [application, facility] = pattern.split('|');
  const [sendingApplication, sendingFacility] = sender.split('|');
  return (
    (application === '*' || application === sendingApplication) && (facility === '*' || facility === sendingFacility)
  );
}

function bySpecificity(a: string, b: string): number {
  return stars(a) - stars(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function stars(pattern: string): number {
  return pattern.split('*').length;
}

function layerOf(layer: YamlMap): string {
  const node = layer.entries.get('layer')?.value;
  return node?.kind === 'scalar' ? node.text : '';
}

function sortFiles(
  files: Readonly<Record<string, string>>,
  treeOf: TreeOf,
  problems: Problems,
  reading: YamlReading,
): Files {
  const sorted: Files = { maps: [], tables: [], messages: [], keys: [], events: [], panels: [], layers: [] };
  for (const name of Object.keys(files).sort()) {
    const text = files[name] ?? '';
    if (isTestFile(text)) continue;
    const packed = treeOf(text);
    const tree = packed === undefined ? readYaml(name, text, problems) : unpackTree(name, packed);
    const map = tree === undefined ? undefined : reading.map(tree, 'a mapping file');
    if (map === undefined) continue;
    const kind = map.entries.has('layer') ? 'layer' : kinds.find((key) => map.entries.has(key));
    if (kind === undefined) {
      problems.add(map.place, `a mapping file begins with one of ${kinds.join(', ')}`);
    } else if (kind === 'segment' || kind === 'datatype') sorted.maps.push(map);
    else if (kind === 'table') sorted.tables.push(map);
    else if (kind === 'message') sorted.messages.push(map);
    else if (kind === 'layer') sorted.layers.push(map);
    else {
      reading.object(map, kind === 'keys' ? 'identity' : kind === 'events' ? 'eventFile' : 'panelFile');
      sorted[kind].push(map);
    }
  }
  return sorted;
}

function compileSet(files: Files, layers: readonly YamlMap[], problems: Problems, generateAfter: number): CompiledSet {
  const reading = new YamlReading(problems);
  const library = new Library(problems, reading, compilers, generateAfter);
  const effective = new Map<string, EffectiveRule>();
  for (const message of [...files.messages, ...layers.flatMap((layer) => reading.maps(layer, 'messages'))]) {
    for (const group of groupNames(message)) library.groups.add(group);
  }
  for (const table of files.tables) {
    const name = reading.required(table, 'table');
    if (library.tables.has(name)) problems.add(table.place, `there are two tables '${name}'`);
    library.tables.set(name, readTable(table, reading, undefined));
  }
  for (const file of files.maps) addMap(file, 'base', library, effective);
  for (const file of [...files.keys, ...layers.filter((layer) => layer.entries.has('keys'))]) addKeys(file, library);
  for (const layer of layers) {
    for (const map of reading.maps(layer, 'maps')) addMap(map, layerOf(layer), library, effective);
    applyLayer(layer, library, effective);
  }
  for (const source of library.maps.values()) checkMap(source, library);
  const panels = [...files.panels, ...layers.filter((layer) => layer.entries.has('panels'))];
  const messages = new Map<string, CompiledMessage>();
  const addMessage = (file: YamlMap, replace: boolean): void => {
    const message = compileMessage(file, panels, library);
    for (const structure of message?.structures ?? []) {
      if (message === undefined) continue;
      if (messages.has(structure) && !replace) problems.add(file.place, `there are two message files for ${structure}`);
      messages.set(structure, message);
    }
  };
  for (const file of files.messages) addMessage(file, false);
  for (const layer of layers) for (const file of reading.maps(layer, 'messages')) addMessage(file, true);
  const filters = layers.flatMap((layer) =>
    reading.maps(layer, 'filters').flatMap((filter) => compileFilter(filter, library) ?? []),
  );
  const events = compileEvents([...files.events, ...layers], library);
  const ofBase = [...files.messages, ...files.keys, ...files.events, ...files.panels];
  const statements = statementsOf([
    ...ofBase.map((file) => ({ file, layer: 'base' })),
    ...layers.map((file) => ({ file, layer: layerOf(file) })),
  ]);
  const parts = { values: library.valueMaps, resources: library.resourceMaps, tables: library.tables };
  const keys = new Map([...library.keys].map(([type, { place, ways }]) => [type, { place, ways: ways.map(jsonOf) }]));
  return { messages, filters, events, rules: [...effective.values()], statements, keys, parts };
}

function addMap(file: YamlMap, layer: string, library: Library, effective: Map<string, EffectiveRule>): void {
  const { reading, problems } = library;
  reading.object(file, file.entries.has('segment') ? 'segmentMap' : 'datatypeMap');
  const named = readMapName(file, library);
  if (named === undefined) return;
  const { kind, from, target, full: name } = named;
  if (library.maps.has(name)) problems.add(file.place, `there are two maps '${name}'`);
  const display = reading.map(file.entries.get('display')?.value, 'display');
  if (display !== undefined) reading.object(display, 'display');
  for (const level of reading.maps(file, 'chain')) reading.object(level, 'level');
  const rules = [...reading.maps(file, 'rules')];
  const source: MapSource = {
    name,
    kind,
    from,
    target,
    rules,
    chain: reading.maps(file, 'chain'),
    display,
    place: file.place,
  };
  library.maps.set(name, source);
  for (const rule of [...rules, ...source.chain]) {
    const full = `${name}/${idOf(rule)}`;
    const { file: path, line } = rule.place;
    effective.set(full, {
      name: full,
      layer,
      file: path,
      line,
      rule: jsonOf(rule),
      base: undefined,
      change: layer === 'base' ? 'none' : 'added',
    });
  }
}

function addKeys(file: YamlMap, library: Library): void {
  const { reading } = library;
  for (const [type, entry] of reading.map(file.entries.get('keys')?.value, 'keys')?.entries ?? []) {
    if (typeModel('R4', type)?.resource !== true) {
      library.problems.add(entry.place, `'${type}' is no resource type`);
    }
    const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    library.keys.set(type, {
      place: entry.place,
      ways: items.flatMap((item) => reading.map(item, `a key of ${type}`) ?? []),
    });
  }
}

/** Compiles what no message uses yet, so that its mistakes are found too. */
function checkMap(source: MapSource, library: Library): void {
  checkConflicts(source, library);
  if (source.kind === 'segment') segmentRulesOf(source, library);
  else if (typeModel('R4', source.target)?.resource === true) resourceMapOf(source, library);
  else valueMapOf(source, library);
}

function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    seen.set(`${problem.file}:${problem.line}:${problem.column} ${problem.message}`, problem);
  }
  return [...seen.values()].sort((a, b) =>
    a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column,
  );
}

/** Everything as it stands after all layers: rules, and keys, events, builds, facts, filters and panels. */
export function effectiveRules(set: CompiledSet): readonly EffectiveRule[] {
  return [...set.rules, ...set.statements];
}

/** What a layer changed, added or disabled: the difference from the base. */
export function differenceFromBase(set: CompiledSet): readonly EffectiveRule[] {
  return effectiveRules(set).filter((rule) => rule.change !== 'none');
}
