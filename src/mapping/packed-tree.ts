/**
 * Trees of mapping files as plain JSON, so that the files that come with Wardline are parsed once, when it is built: reading YAML is half
 * of what compiling them costs a fresh process. A tree is found by what its file says, so that it is never another's.
 */
import type { YamlEntry, YamlNode } from './yaml-tree.js';

/** Line, column, and `m` with key, its line and column, and value by turns; `l` with the items; or a scalar with its value, and its text. */
export type PackedTree = readonly [line: number, column: number, kind: 'm' | 'l' | 's', ...rest: unknown[]];

/** The packed tree of a text, if there is one. */
export type TreeOf = (text: string) => PackedTree | undefined;

/** What `unpackTree` makes the tree of again. */
export function packTree(node: YamlNode): PackedTree {
  const { line, column } = node.place;
  if (node.kind === 'scalar') {
    const { value, text } = node;
    return value === text ? [line, column, 's', value] : [line, column, 's', value, text];
  }
  if (node.kind === 'list') return [line, column, 'l', ...node.items.map(packTree)];
  const entries = [...node.entries].flatMap(([key, { place, value }]) => [
    key,
    place.line,
    place.column,
    packTree(value),
  ]);
  return [line, column, 'm', ...entries];
}

/** The tree as `readYaml` gives it for the file of that name. */
export function unpackTree(file: string, [line, column, kind, ...rest]: PackedTree): YamlNode {
  const place = { file, line, column };
  if (kind === 's') {
    const [value, text = value] = rest as [string | number | boolean | null, string?];
    return { kind: 'scalar', place, value, text: text as string };
  }
  if (kind === 'l') return { kind: 'list', place, items: (rest as PackedTree[]).map((item) => unpackTree(file, item)) };
  const entries = new Map<string, YamlEntry>();
  for (let at = 0; at < rest.length; at += 4) {
    const [key, keyLine, keyColumn, value] = rest.slice(at, at + 4) as [string, number, number, PackedTree];
    entries.set(key, { place: { file, line: keyLine, column: keyColumn }, value: unpackTree(file, value) });
  }
  return { kind: 'map', place, entries };
}
