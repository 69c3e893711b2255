import { literal, type SourceWriter } from '../core/source-writer.js';
import type { Condition } from './condition.js';
import { compileCondition, type Test } from './condition-function.js';
import { reads, tests } from './descriptions.js';
import type { ReadOne, ReadText } from './read.js';
import type { SegmentPath, SourcePath } from './source-path.js';
import type { At } from './written-at.js';

/** The arguments of whatever is called as it is. */
export function here(at: At): string {
  return `run, ${at.node === '' ? 'undefined' : at.node}`;
}

function isSimple(path: SegmentPath): boolean {
  return path.groups.length === 0 && !path.all && path.field !== undefined;
}

function segmentOf(path: SegmentPath, at: At): string {
  return path.segment === at.segment ? 's' : `run.near(${literal(path.segment)})`;
}

function segmentArguments(path: SegmentPath, at: At): string {
  const { field = 0, repetition, component = 0, subcomponent = 0 } = path;
  const number = repetition === '=' ? -1 : (repetition ?? 0);
  const node = at.node === '' ? 'undefined' : at.node;
  return `run, ${segmentOf(path, at)}, ${node}, ${field}, ${number}, ${component}, ${subcomponent}`;
}

/** The expression of a path's text, '' when not valued. */
export function textExpression(w: SourceWriter, read: ReadText, at: At): string {
  const described = reads.of(read);
  if (described === undefined) return `${w.constant(read)}(${here(at)})`;
  if ('firstOf' in described) {
    return `(${described.firstOf.map((each) => textExpression(w, each as ReadText, at)).join(' || ')})`;
  }
  if ('sections' in described) return writeFormat(w, read, at);
  return pathText(described.path, at) ?? `${w.constant(read)}(${here(at)})`;
}

function pathText(path: SourcePath, at: At): string | undefined {
  if (path.kind === 'meta') {
    if (path.name === 'code') return 'run.grouped.message.header.value(9)';
    return path.name === 'event' ? 'run.event' : 'run.structure';
  }
  if (path.kind === 'part') {
    const base = path.type === '' ? at.node : at.value;
    if (base === '') return path.type === '' ? "''" : undefined;
    const { component, subcomponent } = path;
    if (component === undefined) {
      const node = at.node;
      return node === '' ? "''" : `(${node}.isValued ? ownText(${node}) : '')`;
    }
    return subcomponent === undefined
      ? `${base}.partText(${component})`
      : `innerText(${base}, ${component}, ${subcomponent})`;
  }
  if (!isSimple(path)) return undefined;
  const { repetition, component, field = 0 } = path;
  if (at.node === '' && repetition === undefined && component === undefined) {
    return `fieldText(${segmentOf(path, at)}, ${field})`;
  }
  return `segmentText(${segmentArguments(path, at)})`;
}

/** The expression of the first valued node at a path. */
export function nodeExpression(w: SourceWriter, read: ReadOne, at: At): string {
  const described = reads.of(read);
  const called = `${w.constant(read)}(${here(at)})`;
  if (described === undefined || 'sections' in described) return called;
  if ('firstOf' in described) {
    return `(${described.firstOf.map((each) => nodeExpression(w, each as ReadOne, at)).join(' ?? ')})`;
  }
  const { path } = described;
  if (path.kind === 'meta') return 'undefined';
  if (path.kind === 'part') {
    const base = path.type === '' ? at.node : at.value;
    if (path.component === undefined) {
      return at.node === '' ? 'undefined' : `(${at.node}.isValued ? ${at.node} : undefined)`;
    }
    if (base === '') return path.type === '' ? 'undefined' : called;
    return path.subcomponent === undefined
      ? `${base}.valuedPart(${path.component})`
      : `innerPart(${base}, ${path.component}, ${path.subcomponent})`;
  }
  return isSimple(path) ? `segmentOne(${segmentArguments(path, at)})` : called;
}

/** The one path of a read whose text can be had without a node; undefined where it takes the node. */
export function readsByText(read: ReadOne, at: At): boolean {
  const described = reads.of(read);
  if (described === undefined || !('path' in described)) return false;
  const { path } = described;
  if (path.kind === 'part') return path.component !== undefined && (path.type === '' ? at.node : at.value) !== '';
  return path.kind === 'segment' && isSimple(path);
}

/** The text of a read of which `readsByText` is true. */
export function textOfRead(read: ReadOne, at: At): string {
  const described = reads.of(read);
  const text = described !== undefined && 'path' in described ? pathText(described.path, at) : undefined;
  if (text === undefined) throw new RangeError('only for reads by text');
  return text;
}

/** The expression of a condition. */
export function testExpression(w: SourceWriter, test: Test, at: At): string {
  const described = tests.of(test);
  if (described === undefined) return `${w.constant(test)}(${here(at)})`;
  if ('condition' in described) return conditionExpression(w, described.condition, at);
  const { events, test: inner } = described;
  const event =
    events.length <= 4
      ? `(${events.map((name) => `run.event === ${literal(name)}`).join(' || ')})`
      : `${w.constant(new Set(events))}.has(run.event)`;
  return inner === undefined ? event : `(${event} && ${testExpression(w, inner, at)})`;
}

function conditionExpression(w: SourceWriter, condition: Condition, at: At): string {
  const called = (): string => `${w.constant(compileCondition(condition))}(${here(at)})`;
  switch (condition.op) {
    case 'and':
      return `(${condition.of.map((each) => conditionExpression(w, each, at)).join(' && ')})`;
    case 'or':
      return `(${condition.of.map((each) => conditionExpression(w, each, at)).join(' || ')})`;
    case 'not':
      return `!(${conditionExpression(w, condition.of, at)})`;
    case 'setting':
      return 'run.tenant.accountsAreVisits';
    case 'count':
      return called();
    case 'valued':
      return valuedExpression(condition.path, at) ?? called();
  }
  const text = pathText(condition.path, at);
  if (text === undefined) return called();
  switch (condition.op) {
    case 'equals': {
      if (typeof condition.to === 'string') return `(${text} === ${literal(condition.to)})`;
      const other = pathText(condition.to, at);
      return other === undefined ? called() : `(${text} === ${other})`;
    }
    case 'in':
      return `${w.constant(new Set(condition.values))}.has(${text})`;
    case 'length': {
      const compare = condition.is === '=' ? '===' : condition.is === '!=' ? '!==' : condition.is;
      return `(${text}.length ${compare} ${literal(condition.number)})`;
    }
    case 'contains':
      return typeof condition.to === 'string' ? `${text}.includes(${literal(condition.to)})` : called();
    case 'starts':
      return `${text}.startsWith(${literal(condition.text)})`;
    case 'matches':
      return `${w.constant(new RegExp(condition.text, 'u'))}.test(${text})`;
  }
}

function valuedExpression(path: SourcePath, at: At): string | undefined {
  if (path.kind === 'meta') return `(${pathText(path, at)} !== '')`;
  if (path.kind === 'part') {
    const base = path.type === '' ? at.node : at.value;
    if (path.component === undefined) return at.node === '' ? 'false' : `${at.node}.isValued`;
    if (base === '') return path.type === '' ? 'false' : undefined;
    return path.subcomponent === undefined
      ? `${base}.hasPart(${path.component})`
      : `(innerPart(${base}, ${path.component}, ${path.subcomponent}) !== undefined)`;
  }
  if (path.field === undefined) {
    return path.groups.length === 0 && !path.all ? `(run.near(${literal(path.segment)}) !== undefined)` : undefined;
  }
  return isSimple(path) ? `(segmentOne(${segmentArguments(path, at)}) !== undefined)` : undefined;
}

/** Writes the making of a format's text and gives the variable that holds it. */
function writeFormat(w: SourceWriter, read: ReadText, at: At): string {
  const described = reads.of(read);
  if (described === undefined || !('sections' in described)) throw new RangeError('only for formats');
  const { sections, encode } = described;
  const text = w.name('f');
  const valued = w.name('b');
  const encoded = (part: string): string => (encode === undefined ? part : `${w.constant(encode)}(${part})`);
  w.line(`let ${text} = '', ${valued} = false;`);
  for (const { optional, parts } of sections) {
    const names = parts.map((part) => (typeof part === 'string' ? literal(part) : w.name('p')));
    const read = names.filter((_, at) => typeof parts[at] !== 'string');
    w.block('', () => {
      for (const [index, part] of parts.entries()) {
        if (typeof part !== 'string') w.line(`const ${names[index] ?? ''} = ${textExpression(w, part, at)};`);
      }
      const all = names.map((name, index) => (typeof parts[index] === 'string' ? name : encoded(name))).join(' + ');
      const filled = read.length === 0 ? 'false' : read.map((name) => `${name} !== ''`).join(' || ');
      if (optional) w.line(`if (${filled}) { ${valued} = true; ${text} += ${all}; }`);
      else {
        if (read.length > 0) w.line(`if (${filled}) ${valued} = true;`);
        w.line(`${text} += ${all};`);
      }
    });
  }
  w.line(`${text} = ${valued} ? ${text}.trim() : '';`);
  return text;
}
