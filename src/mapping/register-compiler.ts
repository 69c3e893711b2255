import { isJsonObject, type Json } from '../core/json.js';
import type { TypeModel } from '../fhir/definitions/type-model.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Test } from './condition-function.js';
import { constantOf } from './copy.js';
import { gatedRules, rules } from './descriptions.js';
import type { DraftElement } from './draft.js';
import { targetOf } from './fill-compiler.js';
import type { Library } from './library.js';
import { compileReadOne, type ReadOne, textOf } from './read.js';
import { fieldsOfGate, gateOf } from './rule-gate.js';
import { alternativeOf } from './rule-keys.js';
import type { DraftBuilder, Run } from './run.js';
import { compileSource, compileTest, compileWhen, readPath } from './source-compiler.js';
import { registerOf } from './target-path.js';
import { compileMaker, type Maker } from './value-compiler.js';
import { compileStatement } from './visit-compiler.js';
import { jsonOf, type YamlMap } from './yaml-tree.js';

/** A top-level rule: sets elements of the run's draft. True when it set or deleted something. */
export type RegisterRule = (run: Run, node: ValueNode | undefined) => boolean;

/** Compiles a rule of a segment map, or of a data type map for a resource. */
export function compileRegisterRule(rule: YamlMap, map: string, model: TypeModel, library: Library): RegisterRule {
  const name = `${map}/${library.reading.required(rule, 'id')}`;
  const run = compileNamed(rule, name, model, library);
  const fields = fieldsOfGate(rule, map.slice(0, map.indexOf('[')));
  const gate = fields === undefined ? undefined : gateOf(fields);
  const gated: RegisterRule = (state, node) => {
    if (state.trace === undefined) return gate?.(state.segment) !== true && run(state, node);
    state.trace.enter(name);
    const made = run(state, node);
    state.trace.leave();
    return made;
  };
  return gatedRules.as(gated, { rule: run, fields });
}

function compileNamed(rule: YamlMap, name: string, model: TypeModel, library: Library): RegisterRule {
  library.reading.object(rule, 'nested');
  const alternatives = compileChoices(rule, name, model, library);
  const made =
    alternatives ??
    (rule.entries.has('says') ? compileStatement(rule, model, library) : compileElement(rule, name, model, library));
  const plain = library.reading.flag(rule, 'weak') ? weakly(made) : made;
  const test = compileWhen(rule, library);
  const fallback = compileWeak(rule, name, model, library);
  if (fallback === undefined && test === undefined) return plain;
  const conditional: RegisterRule = (run, node) => {
    if (test !== undefined && !test(run, node)) return false;
    return plain(run, node) || fallback?.(run) === true;
  };
  return rules.as(conditional, { op: 'when', test, rule: plain, fallback });
}

function compileChoices(rule: YamlMap, name: string, model: TypeModel, library: Library): RegisterRule | undefined {
  const each = (maps: readonly YamlMap[]): RegisterRule[] =>
    maps.map((alternative) => compileNamed(alternativeOf(rule, alternative), name, model, library));
  const first = (choices: readonly RegisterRule[]): RegisterRule =>
    rules.as((run, node) => choices.some((alternative) => alternative(run, node)), { op: 'first', rules: choices });
  if (rule.entries.has('first')) return first(each(library.reading.maps(rule, 'first')));
  if (!rule.entries.has('switch')) return undefined;
  const by = compileSource(rule, library, 'switch');
  const cases = new Map<string, RegisterRule>();
  const listed = library.reading.map(rule.entries.get('cases')?.value, 'cases');
  for (const [names, entry] of listed?.entries ?? []) {
    const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    const chosen = first(each(items.flatMap((item) => library.reading.map(item, 'an alternative') ?? [])));
    for (const value of names.split(/\s+/)) cases.set(value, chosen);
  }
  const otherwise = first(each(library.reading.maps(rule, 'else')));
  return (run, node) => cases.get(by.text(run, node))?.(run, node) === true || otherwise(run, node);
}

function compileElement(rule: YamlMap, name: string, model: TypeModel, library: Library): RegisterRule {
  const target = targetOf(rule, model, model.name, library);
  if (target === undefined || target.steps.length === 0) {
    if (target !== undefined)
      library.problems.add(library.reading.placeOf(rule, 'to'), '$this is for data type maps and set');
    return () => false;
  }
  if (
    rule.entries.has('default') &&
    !['from', 'map', 'set', 'value', 'format', 'table', 'ref'].some((key) => rule.entries.has(key))
  ) {
    return () => false;
  }
  const source = compileSource(rule, library);
  const maker = compileMaker(rule, target, source, library);
  const register = registerOf(target);
  const wrap = register.wrap ?? ((value: Json) => value);
  const { path } = register;
  const item = compileItem(rule, library);
  const single = !register.list;
  const joins = rule.entries.has('join');
  const described = { op: 'element', rule: name, register, target, source, make: maker.make } as const;
  if (!source.given) {
    return rules.as(compileHere(maker, name, path, single, wrap), { ...described, mode: 'here' });
  }
  if (item !== undefined) {
    if (single)
      library.problems.add(library.reading.placeOf(rule, 'item'), `item is for lists, and '${target.text}' is none`);
    const deleted = compileDeleted(rule, library);
    return (run, node) => {
      const key = item(run, node);
      if (key !== '' && deleted?.(run, node) === true) {
        return emit(run, { kind: 'item', path, rule: name, item: key, value: null });
      }
      const from = source.one(run, node);
      const value = from === undefined || key === '' ? undefined : maker.make(run, from);
      if (value === undefined) return false;
      return emit(run, { kind: 'item', path, rule: name, item: key, value: wrap(value) });
    };
  }
  if (single || joins) {
    const kind = single ? 'single' : 'list';
    const one: RegisterRule = (run, node) => {
      if (single && isTaken(run.draft, path)) return true;
      const from = source.one(run, node);
      if (from === undefined) {
        const [first] = source.all(run, node);
        return first?.isDelete === true && emit(run, { kind, path, rule: name, item: '', value: null });
      }
      const value = maker.make(run, from);
      if (value === undefined) return false;
      const wrapped = wrap(value);
      return emit(run, {
        kind,
        path,
        rule: name,
        item: '',
        value: single || Array.isArray(wrapped) ? wrapped : [wrapped],
      });
    };
    return rules.as(one, { ...described, mode: 'one' });
  }
  const every: RegisterRule = (run, node) => {
    const nodes = source.all(run, node);
    if (nodes.length === 0) return false;
    const values: Json[] = [];
    const before = run.repetition;
    for (const from of nodes) {
      if (!from.isValued) continue;
      run.repetition = from.repetition;
      const value = maker.make(run, from);
      if (value === undefined) continue;
      if (Array.isArray(value)) for (const each of value) values.push(wrap(each));
      else values.push(wrap(value));
    }
    run.repetition = before;
    if (values.length > 0) return emitList(run, name, path, values);
    return nodes.every((each) => each.isDelete) && emit(run, { kind: 'list', path, rule: name, item: '', value: null });
  };
  return rules.as(every, { ...described, mode: 'each' });
}

/** A rule without `from`: at the value the map runs on, or a constant, or text of several values. */
function compileHere(
  maker: Maker,
  name: string,
  path: string,
  single: boolean,
  wrap: (value: Json) => Json,
): RegisterRule {
  return (run, node) => {
    if (single && isTaken(run.draft, path)) return true;
    const value = maker.make(run, node ?? run.segment.node(1));
    if (value === undefined) return false;
    const wrapped = wrap(value);
    if (single) return emit(run, { kind: 'single', path, rule: name, item: '', value: wrapped });
    return emitList(run, name, path, Array.isArray(wrapped) ? wrapped : [wrapped]);
  };
}

/** The rule's `default`: weak, so that it never replaces what a message said. */
function compileWeak(
  rule: YamlMap,
  name: string,
  model: TypeModel,
  library: Library,
): ((run: Run) => boolean) | undefined {
  const entry = rule.entries.get('default');
  if (entry === undefined) return undefined;
  const target = targetOf(rule, model, model.name, library);
  if (target === undefined) return undefined;
  const register = registerOf(target);
  const copy = constantOf(jsonOf(entry.value));
  return (run) => {
    if (isTaken(run.draft, register.path)) return true;
    const wrapped = register.wrap === undefined ? copy(run) : register.wrap(copy(run));
    const whole = register.list && !Array.isArray(wrapped) ? [wrapped] : wrapped;
    return emit(run, {
      kind: register.list ? 'list' : 'single',
      path: register.path,
      rule: name,
      item: '',
      value: whole,
      weak: true,
    });
  };
}

/** What such a rule sets never replaces what another message said, as with `default`. */
function weakly(rule: RegisterRule): RegisterRule {
  return (run, node) => {
    const elements = run.draft?.elements ?? [];
    const before = elements.length;
    const made = rule(run, node);
    elements.splice(
      before,
      Infinity,
      ...elements.slice(before).map((element) => ({ ...element, weak: true as const })),
    );
    return made;
  };
}

function compileItem(rule: YamlMap, library: Library): ((run: Run, node: ValueNode | undefined) => string) | undefined {
  const paths = library.reading.texts(rule, 'item').flatMap(({ text, place }) => readPath(text, place, library) ?? []);
  if (paths.length === 0) return undefined;
  const reads: ReadOne[] = paths.map(compileReadOne);
  return (run, node) => {
    const texts = reads.map((read) => {
      const found = read(run, node);
      return found === undefined ? '' : textOf(run, found);
    });
    return texts.every((text) => text === '') ? '' : texts.join('|');
  };
}

/** The condition under which an item goes; undefined: none does. */
function compileDeleted(rule: YamlMap, library: Library): Test | undefined {
  const text = library.reading.text(rule, 'deleted');
  return text === undefined ? undefined : compileTest(text, library.reading.placeOf(rule, 'deleted'), library);
}

export function isTaken(draft: DraftBuilder | undefined, path: string): boolean {
  return draft?.taken.includes(path) === true;
}

export function emit(run: Run, element: DraftElement): boolean {
  const { draft } = run;
  if (draft === undefined) return false;
  if (element.kind === 'single' && !draft.taken.includes(element.path)) draft.taken.push(element.path);
  draft.elements.push(element);
  run.trace?.made(draft.label, element.path);
  return true;
}

/** A list goes into one element with what the same rule made of earlier segments. */
export function emitList(run: Run, rule: string, path: string, values: Json[]): boolean {
  const { draft } = run;
  if (draft === undefined) return false;
  const earlier = listOf(draft, rule, path);
  if (earlier === undefined) return emit(run, { kind: 'list', path, rule, item: '', value: values });
  if (Array.isArray(earlier.value)) {
    for (const value of values) if (!earlier.value.some((each) => sameContent(each, value))) earlier.value.push(value);
  }
  run.trace?.made(draft.label, path);
  return true;
}

function listOf({ elements }: DraftBuilder, rule: string, path: string): DraftElement | undefined {
  for (const element of elements) {
    if (element.rule === rule && element.path === path && element.kind === 'list') return element;
  }
  return undefined;
}

function sameContent(a: Json, b: Json): boolean {
  return a === b || (isJsonObject(a) && isJsonObject(b) && JSON.stringify(a) === JSON.stringify(b));
}
