import type { Segment } from '../hl7/segment.js';
import { parseSourcePath } from './source-path.js';
import type { YamlMap, YamlNode } from './yaml-tree.js';

/** True for a segment in which a rule finds nothing to go by. */
export type Gate = (segment: Segment) => boolean;

/**
 * A quick look before a rule of a segment map runs: most fields of most segments are empty, and then most rules make nothing.
 * undefined where the rule may make something all the same: by a default, a constant, another segment, an item to delete.
 */
export function fieldsOfGate(rule: YamlMap, segment: string): readonly number[] | undefined {
  const fields = fieldsOf(rule, segment);
  return fields === undefined || fields.length === 0 ? undefined : fields;
}

export function gateOf(fields: readonly number[]): Gate {
  const [only = 0] = fields;
  if (fields.length === 1) return (at) => at.isEmpty(only);
  return (at) => fields.every((field) => at.isEmpty(field));
}

const alwaysRun = ['default', 'deleted', 'says', 'switch', 'join', 'weak'];

/** The fields of the segment of which one must hold something; undefined where that is not all. */
function fieldsOf(rule: YamlMap, segment: string): number[] | undefined {
  if (alwaysRun.some((key) => rule.entries.has(key))) return undefined;
  const alternatives = rule.entries.get('first')?.value;
  if (alternatives !== undefined && !rule.entries.has('from')) {
    if (alternatives.kind !== 'list') return undefined;
    return together(alternatives.items.map((item) => (item.kind === 'map' ? fieldsOf(item, segment) : undefined)));
  }
  const from = rule.entries.get('from')?.value;
  if (from === undefined || alternatives !== undefined) return undefined;
  return together((from.kind === 'list' ? from.items : [from]).map((path) => fieldOf(path, segment)));
}

function fieldOf(path: YamlNode, segment: string): number[] | undefined {
  const read = path.kind === 'scalar' ? parseSourcePath(path.text) : undefined;
  if (read?.kind !== 'segment' || read.segment !== segment || read.groups.length > 0 || read.all) return undefined;
  return read.field === undefined ? undefined : [read.field];
}

function together(lists: readonly (number[] | undefined)[]): number[] | undefined {
  const all: number[] = [];
  for (const list of lists) {
    if (list === undefined) return undefined;
    all.push(...list);
  }
  return all;
}

const alwaysFills = [...alwaysRun, 'required'];

/**
 * The same for a rule of a data type map: the parts of the value of which one must hold something, as `ValueNode.filledParts`
 * has them; 1 where the rule may act all the same.
 */
export function partsOf(rule: YamlMap): number {
  return partBits(rule) ?? 1;
}

function partBits(rule: YamlMap): number | undefined {
  if (alwaysFills.some((key) => rule.entries.has(key))) return undefined;
  const from = rule.entries.get('from')?.value;
  const alternatives = rule.entries.get('first')?.value;
  if ((from === undefined) === (alternatives === undefined)) return undefined;
  if (from !== undefined) return anyOf((from.kind === 'list' ? from.items : [from]).map(partBit));
  if (alternatives?.kind !== 'list') return undefined;
  return anyOf(alternatives.items.map((item) => (item.kind === 'map' ? partBits(item) : undefined)));
}

function partBit(path: YamlNode): number | undefined {
  const read = path.kind === 'scalar' ? parseSourcePath(path.text) : undefined;
  if (read?.kind !== 'part' || read.component === undefined || read.component > 30) return undefined;
  return 1 << read.component;
}

function anyOf(bits: readonly (number | undefined)[]): number | undefined {
  let any = 0;
  for (const bit of bits) {
    if (bit === undefined) return undefined;
    any |= bit;
  }
  return any === 0 ? undefined : any;
}
