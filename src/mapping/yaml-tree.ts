import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import type { Json } from '../core/json.js';
import type { Place, Problems } from './problem.js';

/** A YAML value with the place where it stands. */
export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlMap {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

export interface YamlEntry {
  readonly place: Place;
  readonly value: YamlNode;
}

export interface YamlList {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** As it is written: `.1` and `01` are texts where a text is meant. */
  readonly text: string;
}

/** Reads YAML 1.2 into a tree with places. What is no YAML goes to the problems and gives undefined. */
export function readYaml(file: string, text: string, problems: Problems): YamlNode | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const placeAt = (offset: number): Place => {
    const at = lines.linePos(offset);
    return { file, line: Math.max(1, at.line), column: Math.max(1, at.col) };
  };
  for (const error of document.errors) problems.add(placeAt(error.pos[0]), error.message);
  if (document.errors.length > 0) return undefined;
  const convert = (node: Node | null | undefined, fallback: Place): YamlNode => {
    const place = node?.range ? placeAt(node.range[0]) : fallback;
    if (isAlias(node)) return convert(node.resolve(document) as Node | undefined, place);
    if (isMap(node)) {
      const entries = new Map<string, YamlEntry>();
      for (const pair of node.items) {
        const key = pair.key as Node | null;
        const keyPlace = key?.range ? placeAt(key.range[0]) : place;
        const name = isScalar(key) ? textOf(key) : '';
        entries.set(name, { place: keyPlace, value: convert(pair.value as Node | null, keyPlace) });
      }
      return { kind: 'map', place, entries };
    }
    if (isSeq(node)) return { kind: 'list', place, items: node.items.map((item) => convert(item as Node, place)) };
    const value = isScalar(node) ? node.value : null;
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { kind: 'scalar', place, value: plain, text: isScalar(node) ? textOf(node) : '' };
  };
  return convert(document.contents as Node | null, { file, line: 1, column: 1 });
}

/** What a scalar says as text: numbers and the like as they are written. */
function textOf(node: Scalar): string {
  if (typeof node.value === 'string') return node.value;
  return node.source ?? String(node.value);
}

/** A text as a node. */
export function scalarOf(place: Place, text: string): YamlScalar {
  return { kind: 'scalar', place, value: text, text };
}

/** The plain JSON of a tree. */
export function jsonOf(node: YamlNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(jsonOf);
  const object: { [key: string]: Json } = {};
  for (const [key, entry] of node.entries) object[key] = jsonOf(entry.value);
  return object;
}

/** A copy of a map with some entries replaced or added. */
export function withEntries(map: YamlMap, changes: Iterable<readonly [string, YamlEntry]>): YamlMap {
  const entries = new Map(map.entries);
  for (const [key, entry] of changes) entries.set(key, entry);
  return { kind: 'map', place: map.place, entries };
}
