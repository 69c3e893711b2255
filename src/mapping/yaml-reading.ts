import { type ObjectName, objectShape, type Shape } from './file-shapes.js';
import { didYouMean, type Place, type Problems } from './problem.js';
import type { YamlMap, YamlNode } from './yaml-tree.js';

/** Reads members of YAML maps, and puts what has the wrong form to the problems. */
export class YamlReading {
  readonly problems: Problems;

  constructor(problems: Problems) {
    this.problems = problems;
  }

  map(node: YamlNode | undefined, what: string): YamlMap | undefined {
    if (node === undefined) return undefined;
    if (node.kind === 'map') return node;
    this.problems.add(node.place, `${what} is a map of keys`);
    return undefined;
  }

  /** Every key must be one that the object has, and hold what it may. */
  object(map: YamlMap, name: ObjectName): void {
    const { members } = objectShape(name);
    for (const [key, entry] of map.entries) {
      const member = Object.hasOwn(members, key) ? members[key] : undefined;
      if (member !== undefined) this.#holds(map, key, entry.value, member.shape);
      else this.problems.add(entry.place, `unknown key '${key}'${didYouMean(key, Object.keys(members))}`);
    }
  }

  #holds(map: YamlMap, key: string, node: YamlNode, shape: Shape): void {
    if (shape.is === 'text') this.text(map, key);
    else if (shape.is === 'texts') this.texts(map, key);
    else if (shape.is === 'flag') this.flag(map, key);
    else if (shape.is === 'objects') this.maps(map, key);
    else if (shape.is === 'list' || shape.is === 'functions') this.list(map, key);
    else if (shape.is === 'object' || shape.is === 'entries') this.map(node, key);
    else if (shape.is === 'nested' && node.kind === 'scalar')
      this.problems.add(node.place, `${key} is a map of keys, or a list of them`);
  }

  text(map: YamlMap, key: string): string | undefined {
    const node = map.entries.get(key)?.value;
    if (node === undefined) return undefined;
    if (node.kind === 'scalar' && (typeof node.value === 'string' || typeof node.value === 'number')) {
      return node.text;
    }
    this.problems.add(node.place, `${key} is a text`);
    return undefined;
  }

  required(map: YamlMap, key: string): string {
    const text = this.text(map, key);
    if (text === undefined && !map.entries.has(key)) this.problems.add(map.place, `${key} is missing`);
    return text ?? '';
  }

  flag(map: YamlMap, key: string): boolean {
    const node = map.entries.get(key)?.value;
    if (node === undefined) return false;
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    this.problems.add(node.place, `${key} is true or false`);
    return false;
  }

  /** One text or a list of texts, each with its place. */
  texts(map: YamlMap, key: string): { readonly text: string; readonly place: Place }[] {
    const node = map.entries.get(key)?.value;
    return node === undefined ? [] : this.textsOf(node, key);
  }

  textsOf(node: YamlNode, what: string): { readonly text: string; readonly place: Place }[] {
    if (node.kind === 'scalar' && node.value !== null) return [{ text: node.text, place: node.place }];
    if (node.kind === 'list') return node.items.flatMap((item) => this.textsOf(item, what));
    this.problems.add(node.place, `${what} is a text or a list of texts`);
    return [];
  }

  list(map: YamlMap, key: string): readonly YamlNode[] {
    const node = map.entries.get(key)?.value;
    if (node === undefined) return [];
    if (node.kind === 'list') return node.items;
    this.problems.add(node.place, `${key} is a list`);
    return [];
  }

  maps(map: YamlMap, key: string): readonly YamlMap[] {
    return this.list(map, key).flatMap((item) => this.map(item, `each of ${key}`) ?? []);
  }

  placeOf(map: YamlMap, key: string): Place {
    return map.entries.get(key)?.value.place ?? map.place;
  }
}
