import { keysOf } from './file-shapes.js';
import { didYouMean, type Problems } from './problem.js';
import type { YamlReading } from './yaml-reading.js';
import type { YamlMap, YamlNode } from './yaml-tree.js';

/** What a table makes of a code. */
export interface Concept {
  readonly code: string;
  readonly system: string;
  readonly display: string | undefined;
}

/** A concept map. */
export interface ConceptTable {
  readonly name: string;
  /** System of the codes as sent. */
  readonly source: string;
  readonly target: string;
  /** What becomes of a code without a row. */
  readonly unmapped: 'keep' | 'drop' | Concept;
  readonly silent: boolean;
  readonly codes: ReadonlyMap<string, Concept>;
}

/** The URL of a code system: `HL70001` is HL7's v2 table 0001, anything with a colon is one. */
export function systemUrl(name: string): string | undefined {
  const table = /^(?:HL7)?(\d{4})$/.exec(name);
  if (table !== null) return `http://terminology.hl7.org/CodeSystem/v2-${table[1]}`;
  return name.includes(':') ? name : undefined;
}

/** Reads one table; `base` is the table of that name in the layer below, whose rows stay where this one has none. */
export function readTable(map: YamlMap, reading: YamlReading, base: ConceptTable | undefined): ConceptTable {
  reading.object(map, 'table');
  const name = reading.required(map, 'table');
  const source = systemOf(map, 'source', reading) ?? base?.source ?? '';
  const target = systemOf(map, 'target', reading) ?? base?.target ?? source;
  if (source === '' && base === undefined) reading.problems.add(map.place, `table '${name}' names no source`);
  const codes = new Map(base?.codes);
  const rows = reading.map(map.entries.get('codes')?.value, 'codes');
  for (const [code, entry] of rows?.entries ?? []) {
    const concept = readConcept(entry.value, target, reading.problems);
    if (concept !== undefined) codes.set(code, concept);
  }
  const node = map.entries.get('unmapped')?.value;
  const unmapped = node === undefined ? (base?.unmapped ?? 'keep') : readUnmapped(node, target, reading.problems);
  return { name, source, target, unmapped, silent: reading.flag(map, 'silent') || base?.silent === true, codes };
}

function systemOf(map: YamlMap, key: string, reading: YamlReading): string | undefined {
  const text = reading.text(map, key);
  if (text === undefined) return undefined;
  const url = systemUrl(text);
  if (url === undefined) reading.problems.add(reading.placeOf(map, key), `${key} is a URL or HL7 and four digits`);
  return url;
}

function readUnmapped(node: YamlNode, target: string, problems: Problems): ConceptTable['unmapped'] {
  if (node.kind === 'scalar') {
    if (node.value === 'keep' || node.value === 'drop') return node.value;
    problems.add(node.place, `unmapped is keep, drop or a code${didYouMean(node.text, ['keep', 'drop'])}`);
    return 'keep';
  }
  return readConcept(node, target, problems) ?? 'keep';
}

function readConcept(node: YamlNode, target: string, problems: Problems): Concept | undefined {
  if (node.kind === 'scalar' && node.value !== null) return { code: node.text, system: target, display: undefined };
  if (node.kind === 'map') {
    const text = (key: string): string | undefined => {
      const value = node.entries.get(key)?.value;
      return value?.kind === 'scalar' && value.value !== null ? value.text : undefined;
    };
    const code = text('code');
    for (const [key, entry] of node.entries) {
      if (!keysOf('concept').includes(key)) {
        problems.add(entry.place, `unknown key '${key}'${didYouMean(key, keysOf('concept'))}`);
      }
    }
    if (code !== undefined) return { code, system: text('system') ?? target, display: text('display') };
  }
  problems.add(node.place, 'a row is a code, or { code, display, system }');
  return undefined;
}
