import type { ValueNode } from '../hl7/value-node.js';
import { type Condition, parseCondition } from './condition.js';
import { compileCondition, type Test } from './condition-function.js';
import { type FormatSection, reads, tests } from './descriptions.js';
import type { Library } from './library.js';
import { checkEvent } from './message-name.js';
import { checkPath, typesAt } from './path-check.js';
import { didYouMean, type Place } from './problem.js';
import { compileReadAll, compileReadOne, compileReadText, type ReadAll, type ReadOne, type ReadText } from './read.js';
import type { Run } from './run.js';
import { parseSourcePath, printSourcePath, type SourcePath } from './source-path.js';
import type { YamlMap } from './yaml-tree.js';

/** Reads a path of a file; what is none goes to the problems. */
export function readPath(text: string, place: Place, library: Library): SourcePath | undefined {
  const path = parseSourcePath(text);
  if (path === undefined) {
    library.problems.add(place, `${quoted(text)} is no path; PID-3, PID-5.1, NTE[*]-3, CX.4 or . expected`);
  } else checkPath(path, text, place, library);
  return path;
}

/** A text that was meant as a path. Another is a value in its place, and problems go to the log: only its place is told. */
function quoted(text: string): string {
  return /^[A-Za-z][A-Za-z0-9]{1,2}([^A-Za-z0-9].{0,20})?$/.test(text) ? `'${text}'` : 'this';
}

/** Every path and setting of a condition must mean something where it stands. */
function checkCondition(condition: Condition, place: Place, library: Library): void {
  if (condition.op === 'and' || condition.op === 'or') {
    for (const inner of condition.of) checkCondition(inner, place, library);
  } else if (condition.op === 'not') checkCondition(condition.of, place, library);
  else if (condition.op === 'setting') {
    if (condition.name !== 'accountsAreVisits') {
      const near = didYouMean(condition.name, ['accountsAreVisits']);
      library.problems.add(place, `the tenant has no yes/no setting '${condition.name}'${near}`);
    }
  } else if ('path' in condition) {
    checkPath(condition.path, printSourcePath(condition.path), place, library);
    if ((condition.op === 'equals' || condition.op === 'contains') && typeof condition.to !== 'string') {
      checkPath(condition.to, printSourcePath(condition.to), place, library);
    }
  }
}

/** The source of a rule, `from`, compiled. */
export interface Source {
  readonly one: ReadOne;
  readonly all: ReadAll;
  readonly text: ReadText;
  /** False for a rule without `from`: it stands at what the rule around it stands at. */
  readonly given: boolean;
  /** Data types of what it gives; undefined where they are not known. */
  readonly types: readonly string[] | undefined;
}

const here: Source = {
  one: (_run, node) => node,
  all: (_run, node) => (node === undefined ? [] : [node]),
  text: compileReadText({ kind: 'part', type: '', component: undefined, subcomponent: undefined }),
  given: false,
  types: undefined,
};

/** Compiles `from`: one path, or the first valued of several; with `where`, only values of segments of which it is true. */
export function compileSource(rule: YamlMap, library: Library, key = 'from'): Source {
  const source = compilePaths(rule, library, key);
  const where = key === 'from' ? library.reading.text(rule, 'where') : undefined;
  const test = where === undefined ? undefined : compileTest(where, library.reading.placeOf(rule, 'where'), library);
  if (test === undefined) return source;
  const all: ReadAll = (run, node) => source.all(run, node).filter((each) => isTrueAt(run, each, test));
  const one: ReadOne = (run, node) => all(run, node).find((each) => each.isValued);
  return { ...source, all, one, text: (run, node) => one(run, node)?.text ?? '' };
}

/** A condition where a value stands: at its segment. */
function isTrueAt(run: Run, node: ValueNode, test: Test): boolean {
  const { segment, group } = run;
  run.segment = node.segment;
  run.group = run.grouped.groupOf(node.segment);
  const is = test(run, node);
  run.segment = segment;
  run.group = group;
  return is;
}

function compilePaths(rule: YamlMap, library: Library, key: string): Source {
  const paths: SourcePath[] = [];
  for (const { text, place } of library.reading.texts(rule, key)) {
    const path = readPath(text, place, library);
    if (path !== undefined) paths.push(path);
  }
  const [first, ...rest] = paths;
  if (first === undefined) return here;
  const each = paths.map((path) => typesAt(path, library));
  const types = each.every((known) => known !== undefined) ? [...new Set(each.flat())] : undefined;
  if (rest.length === 0) {
    return { one: compileReadOne(first), all: compileReadAll(first), text: compileReadText(first), given: true, types };
  }
  const ones = paths.map(compileReadOne);
  const alls = paths.map(compileReadAll);
  const texts = paths.map(compileReadText);
  return {
    one: reads.as((run, node) => firstOf(ones, run, node), { firstOf: ones }),
    all: (run, node) => {
      for (const read of alls) {
        const found = read(run, node);
        if (found.some((each) => each.isValued)) return found;
      }
      return alls[0]?.(run, node) ?? [];
    },
    text: firstText(texts),
    given: true,
    types,
  };
}

function firstOf(reads: readonly ReadOne[], run: Run, node: ValueNode | undefined): ValueNode | undefined {
  for (const read of reads) {
    const found = read(run, node);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Compiles a condition text; what is none goes to the problems. */
export function compileTest(text: string, place: Place, library: Library): Test | undefined {
  const condition = parseCondition(text);
  if (condition.op === 'fault') {
    library.problems.add(
      place,
      `the condition is not understood: ${condition.detail}, at character ${condition.offset + 1}`,
    );
    return undefined;
  }
  checkCondition(condition, place, library);
  return compileCondition(condition);
}

/** Compiles `when` and `events` of a rule; undefined: always. */
export function compileWhen(rule: YamlMap, library: Library): Test | undefined {
  const text = library.reading.text(rule, 'when');
  const test = text === undefined ? undefined : compileTest(text, library.reading.placeOf(rule, 'when'), library);
  const named = library.reading.texts(rule, 'events');
  for (const event of named) checkEvent(event.text, event.place, library);
  const events = named.map((event) => event.text);
  if (events.length === 0) return test;
  const allowed = new Set(events);
  const when: Test =
    test === undefined ? (run) => allowed.has(run.event) : (run, node) => allowed.has(run.event) && test(run, node);
  return tests.as(when, { events, test });
}

/** `{RXE-3|RXO-2}`: the first valued. */
function firstText(texts: readonly ReadText[]): ReadText {
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return only;
  const first: ReadText = (run, node) => {
    for (const read of texts) {
      const text = read(run, node);
      if (text !== '') return text;
    }
    return '';
  };
  return reads.as(first, { firstOf: texts });
}

/** `[ at {TQ1-3[2].1}]`: what stands in braces may have brackets of its own. */
const optionalSection = /(\[(?:[^[\]{}]|\{[^{}]*\})*\{[^{}]*\}(?:[^[\]{}]|\{[^{}]*\})*\])/;

/** Compiles a format: texts, placeholders `{XTN.7}`, and sections in `[]` that are left out when none of theirs is valued. */
export function compileFormat(
  format: string,
  place: Place,
  library: Library,
  encode?: (text: string) => string,
): ReadText {
  const sections: FormatSection[] = [];
  for (const piece of format.split(optionalSection)) {
    if (piece === '') continue;
    const optional = piece.startsWith('[') && piece.endsWith(']') && piece.includes('{');
    const text = optional ? piece.slice(1, -1) : piece;
    const parts: (string | ReadText)[] = [];
    for (const part of text.split(/(\{[^{}]*\})/)) {
      if (!part.startsWith('{')) {
        if (part !== '') parts.push(part);
        continue;
      }
      const texts = part
        .slice(1, -1)
        .split('|')
        .flatMap((text) => readPath(text.trim(), place, library) ?? [])
        .map(compileReadText);
      parts.push(firstText(texts));
    }
    sections.push({ optional, parts });
  }
  const written: ReadText = (run, node) => {
    let text = '';
    let valued = false;
    for (const { optional, parts } of sections) {
      let section = '';
      let filled = false;
      for (const part of parts) {
        if (typeof part === 'string') section += part;
        else {
          const value = part(run, node);
          if (value !== '') filled = true;
          section += encode === undefined ? value : encode(value);
        }
      }
      if (filled) valued = true;
      if (filled || !optional) text += section;
    }
    return valued ? text.trim() : '';
  };
  return reads.as(written, { sections, encode });
}
