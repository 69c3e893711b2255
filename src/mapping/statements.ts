import type { EffectiveRule } from './layers.js';
import { jsonOf, type YamlMap, type YamlNode } from './yaml-tree.js';

/** Files that hold what is no rule of a map, with the layer each belongs to. */
export interface StatementFile {
  readonly file: YamlMap;
  readonly layer: string;
}

/** Keys, events, builds, facts, filters and panels by name, as they stand after all layers: `identity/Patient/identifiers`. */
export function statementsOf(files: readonly StatementFile[]): EffectiveRule[] {
  const found = new Map<string, EffectiveRule>();
  const note = (name: string, node: YamlMap, layer: string): void => {
    const { file, line } = node.place;
    const before = found.get(name);
    const change = layer === 'base' ? 'none' : before === undefined ? 'added' : 'overridden';
    const base = before?.change === 'none' ? before.rule : before?.base;
    found.set(name, { name, layer, file, line, rule: jsonOf(node), base, change });
  };
  for (const { file, layer } of files) {
    for (const message of [...(file.entries.has('message') ? [file] : []), ...maps(file, 'messages')]) {
      const structures = texts(message.entries.get('message')?.value);
      for (const structure of structures) {
        for (const build of maps(message, 'build')) note(`${structure}/${named(build, 'as')}`, build, layer);
        for (const fact of maps(message, 'facts')) note(`${structure}/facts/${named(fact, 'id')}`, fact, layer);
        for (const filter of maps(message, 'filters'))
          note(`${structure}/filters/${named(filter, 'id')}`, filter, layer);
      }
    }
    if (!file.entries.has('message')) {
      for (const filter of maps(file, 'filters')) note(`filters/${named(filter, 'id')}`, filter, layer);
    }
    for (const [type, entry] of entries(file, 'keys')) {
      // a layer states all ways of a type anew
      for (const known of [...found.values()].filter(({ name }) => name.startsWith(`identity/${type}/`))) {
        const { line, file: path } = entry.place;
        const base = known.change === 'none' ? known.rule : known.base;
        found.set(known.name, { ...known, layer, file: path, line, rule: undefined, base, change: 'disabled' });
      }
      for (const way of asMaps(entry)) note(`identity/${type}/${named(way, 'id')}`, way, layer);
    }
    for (const [event, entry] of entries(file, 'events'))
      for (const rule of asMaps(entry)) note(`events/${event}`, rule, layer);
    for (const [index, update] of maps(file, 'updates').entries()) note(`events/update ${index + 1}`, update, layer);
    for (const panel of maps(file, 'panels')) note(`panels/${named(panel, 'id')}`, panel, layer);
  }
  return [...found.values()];
}

function maps(map: YamlMap, key: string): YamlMap[] {
  const node = map.entries.get(key)?.value;
  return node === undefined ? [] : asMaps(node);
}

function asMaps(node: YamlNode): YamlMap[] {
  if (node.kind === 'map') return [node];
  return node.kind === 'list' ? node.items.filter((item) => item.kind === 'map') : [];
}

function entries(map: YamlMap, key: string): [string, YamlNode][] {
  const node = map.entries.get(key)?.value;
  return node?.kind === 'map' ? [...node.entries].map(([name, { value }]) => [name, value]) : [];
}

function named(map: YamlMap, key: string): string {
  return texts(map.entries.get(key)?.value)[0] ?? '';
}

function texts(node: YamlNode | undefined): string[] {
  if (node?.kind === 'scalar') return [node.text];
  return node?.kind === 'list' ? node.items.flatMap(texts) : [];
}
