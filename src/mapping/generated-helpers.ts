/** What generated source calls: each does for one path, written as numbers, what the functions of `read.ts` do. 0: no part was named. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { Segment } from '../hl7/segment.js';
import type { ValueNode } from '../hl7/value-node.js';
import { codingOf, translate } from './codes.js';
import { cleanText } from './convert.js';
import { textOf } from './read.js';
import { emit, emitList, isTaken } from './register-compiler.js';
import type { Run } from './run.js';

/** `-1`: the repetition that the enclosing rule stands at (`[=]`). */
const same = -1;

function part(node: ValueNode, component: number, subcomponent: number): ValueNode | undefined {
  if (component === 0) return node;
  const found = node.valuedChild(component);
  return subcomponent === 0 ? found : found?.valuedChild(subcomponent);
}

/** The first valued node at a path within a segment. */
function segmentOne(
  run: Run,
  segment: Segment | undefined,
  node: ValueNode | undefined,
  field: number,
  repetition: number,
  component: number,
  subcomponent: number,
): ValueNode | undefined {
  if (segment === undefined || segment.isEmpty(field)) return undefined;
  if (repetition === 0) {
    if (node !== undefined && node.field === field && node.component === 0 && node.segment === segment) {
      const value = part(node, component, subcomponent);
      return value?.isValued === true ? value : undefined;
    }
    const first = part(segment.node(field), component, subcomponent);
    if (first?.isValued === true) return first;
    for (const each of segment.nodes(field)) {
      const value = part(each, component, subcomponent);
      if (value?.isValued === true) return value;
    }
    return undefined;
  }
  const value = part(segment.node(field, repetition === same ? run.repetition : repetition), component, subcomponent);
  return value?.isValued === true ? value : undefined;
}

function segmentText(
  run: Run,
  segment: Segment | undefined,
  node: ValueNode | undefined,
  field: number,
  repetition: number,
  component: number,
  subcomponent: number,
): string {
  const found = segmentOne(run, segment, node, field, repetition, component, subcomponent);
  return found === undefined ? '' : found.component === 0 ? found.text : found.wholeText;
}

/** The text of a field at which no rule stands: its first valued repetition's first leaf. */
function fieldText(segment: Segment | undefined, field: number): string {
  if (segment === undefined || segment.isEmpty(field)) return '';
  const text = segment.value(field);
  if (text !== '') return text;
  for (const each of segment.nodes(field)) if (each.isValued) return each.text;
  return '';
}

/** The repetitions of a field that hold anything. */
function fieldNodes(segment: Segment, field: number): readonly ValueNode[] {
  const found = segment.nodes(field);
  for (const node of found) if (node.end === node.start) return found.filter((each) => each.end > each.start);
  return found;
}

function ownText(node: ValueNode): string {
  return node.component === 0 ? node.text : node.wholeText;
}

/** As `partReader` finds a subcomponent, valued. */
function innerPart(node: ValueNode | undefined, component: number, subcomponent: number): ValueNode | undefined {
  if (node === undefined) return undefined;
  if (subcomponent === 0) return node.valuedPart(component);
  let found: ValueNode | undefined;
  if (node.subcomponent !== 0) found = component === 1 ? node : undefined;
  else {
    const outer = node.valuedChild(component);
    if (outer === undefined) return undefined;
    if (outer.subcomponent !== 0) found = subcomponent === 1 ? outer : undefined;
    else found = outer.valuedChild(subcomponent);
  }
  return found?.isValued === true ? found : undefined;
}

function innerText(node: ValueNode | undefined, component: number, subcomponent: number): string {
  const found = innerPart(node, component, subcomponent);
  return found === undefined ? '' : ownText(found);
}

/** The object in a list under a member: the one at a place, or the extension of a URL; made where there is none. */
function descendList(into: JsonObject, name: string, at: number, url: string | undefined): JsonObject {
  const there = into[name];
  const entries: Json[] = Array.isArray(there) ? there : [];
  if (entries !== there) into[name] = entries;
  const found = url === undefined ? entries[at] : entries.find((entry) => isJsonObject(entry) && entry['url'] === url);
  if (isJsonObject(found)) return found;
  const made: JsonObject = url === undefined ? {} : { url };
  entries.push(made);
  return made;
}

/** Sets a member that holds something already: two objects become one. */
function setMember(into: JsonObject, name: string, value: Json): void {
  const there = into[name];
  if (isJsonObject(there) && isJsonObject(value)) Object.assign(there, value);
  else into[name] = value;
}

/** The members of an object, or of a list's first, beside those that are there. */
function addMembers(into: JsonObject, value: Json): void {
  const object = Array.isArray(value) ? value[0] : value;
  if (isJsonObject(object)) Object.assign(into, object);
}

function addToList(into: JsonObject, name: string, value: Json, entry: number, url: string | undefined): void {
  const values = Array.isArray(value) ? value : [value];
  const marked = url === undefined ? values : values.map((each) => (isJsonObject(each) ? { url, ...each } : each));
  const there = into[name];
  if (there === undefined || !Array.isArray(there)) into[name] = marked;
  else if (entry === 0 || there[entry - 1] === undefined) there.push(...marked);
  else {
    const at = there[entry - 1];
    if (isJsonObject(at) && isJsonObject(marked[0])) Object.assign(at, marked[0]);
  }
}

function withUrl(url: string, content: Json): Json {
  return isJsonObject(content) ? { url, ...content } : content;
}

function asList(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}

function emitOne(run: Run, path: string, rule: string, value: Json): boolean {
  return emit(run, { kind: 'single', path, rule, item: '', value });
}

function emitWhole(run: Run, path: string, rule: string, value: Json): boolean {
  return emit(run, { kind: 'list', path, rule, item: '', value });
}

export const helpers = {
  segmentOne,
  segmentText,
  fieldText,
  fieldNodes,
  ownText,
  innerPart,
  innerText,
  descendList,
  setMember,
  addMembers,
  addToList,
  withUrl,
  asList,
  emitOne,
  emitWhole,
  emitList,
  isTaken,
  isObject: isJsonObject,
  cleanText,
  codingOf,
  translate,
  textOf,
};
