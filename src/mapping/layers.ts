import type { Json } from '../core/json.js';
import type { Library, MapSource } from './library.js';
import { didYouMean } from './problem.js';
import { readTable } from './table.js';
import { jsonOf, withEntries, type YamlMap } from './yaml-tree.js';

/** A rule as it stands after all layers. */
export interface EffectiveRule {
  /** `PID[Patient]/PID-3`. */
  readonly name: string;
  /** The last layer that changed it, and where. */
  readonly layer: string;
  readonly file: string;
  readonly line: number;
  /** Undefined for a disabled rule. */
  readonly rule: Json | undefined;
  /** What the base says, where a layer changed it; undefined for an added rule. */
  readonly base: Json | undefined;
  readonly change: 'none' | 'overridden' | 'disabled' | 'added';
}

const changeKeys = ['override', 'disable', 'add', 'before', 'after'] as const;

/** Applies one layer's rules and tables to a library, and notes what it changed. */
export function applyLayer(layer: YamlMap, library: Library, effective: Map<string, EffectiveRule>): void {
  const { reading } = library;
  reading.object(layer, 'layer');
  const layerName = reading.required(layer, 'layer');
  for (const table of reading.maps(layer, 'tables')) {
    const name = reading.required(table, 'table');
    library.tables.set(name, readTable(table, reading, library.tables.get(name)));
  }
  for (const change of reading.maps(layer, 'rules')) applyChange(change, layerName, library, effective);
}

function applyChange(change: YamlMap, layer: string, library: Library, effective: Map<string, EffectiveRule>): void {
  const { reading, problems } = library;
  const [verb, ...more] = (['override', 'disable', 'add'] as const).filter((key) => change.entries.has(key));
  if (verb === undefined || more.length > 0) {
    problems.add(change.place, 'a layer says one of override, disable or add');
    return;
  }
  const name = reading.required(change, verb);
  const place = reading.placeOf(change, verb);
  const note = (full: string, rule: YamlMap | undefined, kind: EffectiveRule['change']): void => {
    const before = effective.get(full);
    const base = before?.change === 'none' ? before.rule : before?.base;
    const { file, line } = change.place;
    effective.set(full, {
      name: full,
      layer,
      file,
      line,
      rule: rule === undefined ? undefined : jsonOf(rule),
      base,
      change: kind,
    });
  };
  if (verb === 'add') {
    const map = library.map(name, place);
    if (map === undefined) return;
    const id = reading.required(change, 'id');
    if (map.rules.some((rule) => idOf(rule) === id)) {
      problems.add(reading.placeOf(change, 'id'), `'${name}/${id}' is there already; override changes it`);
      return;
    }
    const rule = withoutKeys(change, changeKeys);
    map.rules.splice(positionOf(change, map, library), 0, rule);
    note(`${name}/${id}`, rule, 'added');
    return;
  }
  const slash = name.indexOf('/');
  const map = slash < 0 ? undefined : library.map(name.slice(0, slash), place);
  if (slash < 0) problems.add(place, `'${name}' is no rule; PID[Patient]/PID-3 expected`);
  if (map === undefined) return;
  const id = name.slice(slash + 1);
  const index = map.rules.findIndex((rule) => idOf(rule) === id);
  const rule = map.rules[index];
  if (rule === undefined) {
    const ids = map.rules.map(idOf);
    problems.add(place, `'${map.name}' has no rule '${id}'${didYouMean(id, ids)}`);
    return;
  }
  if (verb === 'disable') {
    map.rules.splice(index, 1);
    note(name, undefined, 'disabled');
    return;
  }
  const changed = replaced(rule, withoutKeys(change, changeKeys));
  map.rules[index] = changed;
  note(name, changed, 'overridden');
}

/** Ways of making a value: a layer that states one of them takes the place of those that the base uses. */
const makers: readonly string[] = ['value', 'map', 'ref', 'refers', 'first', 'switch', 'format'];

function replaced(rule: YamlMap, change: YamlMap): YamlMap {
  const made = makers.some((key) => change.entries.has(key));
  const kept = made
    ? withoutKeys(
        rule,
        [...makers, 'cases', 'else'].filter((key) => !change.entries.has(key)),
      )
    : rule;
  return withEntries(kept, change.entries);
}

function positionOf(change: YamlMap, map: MapSource, library: Library): number {
  for (const key of ['before', 'after'] as const) {
    const id = library.reading.text(change, key);
    if (id === undefined) continue;
    const index = map.rules.findIndex((rule) => idOf(rule) === id);
    if (index >= 0) return key === 'before' ? index : index + 1;
    library.problems.add(
      library.reading.placeOf(change, key),
      `'${map.name}' has no rule '${id}'${didYouMean(id, map.rules.map(idOf))}`,
    );
  }
  return map.rules.length;
}

function withoutKeys(map: YamlMap, keys: readonly string[]): YamlMap {
  const entries = new Map([...map.entries].filter(([key]) => !keys.includes(key)));
  return { kind: 'map', place: map.place, entries };
}

/** A rule's id; '' when it has none. */
export function idOf(rule: YamlMap): string {
  const node = rule.entries.get('id')?.value;
  return node?.kind === 'scalar' && node.value !== null ? node.text : '';
}
