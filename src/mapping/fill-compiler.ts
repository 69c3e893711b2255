import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { TypeModel } from '../fhir/definitions/type-model.js';
import type { ValueNode } from '../hl7/value-node.js';
import { constantOf } from './copy.js';
import { fills } from './descriptions.js';
import type { Fill, Filled } from './fill.js';
import type { Library } from './library.js';
import { alternativeOf } from './rule-keys.js';
import type { Run } from './run.js';
import { compileSource, compileWhen } from './source-compiler.js';
import { parseTarget, type Target, type TargetStep, thisTarget } from './target-path.js';
import { compileMaker } from './value-compiler.js';
import { jsonOf, type YamlMap } from './yaml-tree.js';

/** Compiles a rule of `set` or of a data type map. */
export function compileFill(rule: YamlMap, model: TypeModel | null, type: string, library: Library): Fill {
  library.reading.object(rule, 'nested');
  const required = library.reading.flag(rule, 'required');
  const fill = compileAlternatives(rule, model, type, library) ?? compileSimple(rule, model, type, library);
  const withDefault = compileDefault(rule, fill, model, type, library);
  if (!required) return withDefault;
  return fills.as((run, node, into) => withDefault(run, node, into) || -1, { op: 'required', fill: withDefault });
}

function compileAlternatives(rule: YamlMap, model: TypeModel | null, type: string, library: Library): Fill | undefined {
  const each = (maps: readonly YamlMap[]): Fill[] =>
    maps.map((alternative) => compileFill(alternativeOf(rule, alternative), model, type, library));
  const test = compileWhen(rule, library);
  if (rule.entries.has('first')) {
    const choices = each(library.reading.maps(rule, 'first'));
    const first: Fill = (run, node, into) =>
      test === undefined || test(run, node) ? firstFilled(choices, run, node, into) : 0;
    return fills.as(first, { op: 'first', test, fills: choices });
  }
  if (!rule.entries.has('switch')) return undefined;
  const by = compileSource(rule, library, 'switch');
  const cases = new Map<string, Fill[]>();
  const listed = library.reading.map(rule.entries.get('cases')?.value, 'cases');
  for (const [names, entry] of listed?.entries ?? []) {
    const maps = entry.value.kind === 'list' ? entry.value.items : [entry.value];
    const choices = each(maps.flatMap((item) => library.reading.map(item, 'an alternative') ?? []));
    for (const name of names.split(/\s+/)) cases.set(name, choices);
  }
  const otherwise = each(library.reading.maps(rule, 'else'));
  const switched: Fill = (run, node, into) => {
    if (test !== undefined && !test(run, node)) return 0;
    const chosen = cases.get(by.text(run, node));
    return (chosen === undefined ? 0 : firstFilled(chosen, run, node, into)) || firstFilled(otherwise, run, node, into);
  };
  return fills.as(switched, { op: 'switch', test, by: by.text, cases, otherwise });
}

function firstFilled(choices: readonly Fill[], run: Run, node: ValueNode | undefined, into: JsonObject): Filled {
  for (const fill of choices) {
    const result = fill(run, node, into);
    if (result > 0) return result;
  }
  return 0;
}

function compileSimple(rule: YamlMap, model: TypeModel | null, type: string, library: Library): Fill {
  const target = targetOf(rule, model, type, library);
  if (target === undefined) return () => 0;
  if (!makesValue(rule)) return () => 0;
  const source = compileSource(rule, library);
  const { make, constant } = compileMaker(rule, target, source, library);
  const write = compileWrite(target);
  const test = compileWhen(rule, library);
  const done: Filled = constant === undefined ? 2 : 1;
  if (constant !== undefined && !source.given) {
    const copy = constantOf(constant.value);
    const fill: Fill = (run, node, into) => {
      if (test !== undefined && !test(run, node)) return 0;
      write(into, copy(run));
      return done;
    };
    return fills.as(fill, { op: 'simple', target, test, source, make, copy, each: false, done });
  }
  if (target.list && source.given && !rule.entries.has('join')) {
    const fill: Fill = (run, node, into) => {
      if (test !== undefined && !test(run, node)) return 0;
      let result: Filled = 0;
      for (const each of source.all(run, node)) {
        if (!each.isValued) continue;
        const value = make(run, each);
        if (value === undefined) continue;
        write(into, value);
        result = done;
      }
      return result;
    };
    return fills.as(fill, { op: 'simple', target, test, source, make, copy: undefined, each: true, done });
  }
  const fill: Fill = (run, node, into) => {
    if (test !== undefined && !test(run, node)) return 0;
    const from = source.one(run, node);
    if (from === undefined) return 0;
    const value = make(run, from);
    if (value === undefined) return 0;
    write(into, value);
    return done;
  };
  return fills.as(fill, { op: 'simple', target, test, source, make, copy: undefined, each: false, done });
}

function makesValue(rule: YamlMap): boolean {
  return (
    !rule.entries.has('default') ||
    [...rule.entries.keys()].some((key) => !['to', 'default', 'id', 'when', 'required'].includes(key))
  );
}

/** Fills what is still open with the rule's `default`. */
function compileDefault(rule: YamlMap, fill: Fill, model: TypeModel | null, type: string, library: Library): Fill {
  const entry = rule.entries.get('default');
  if (entry === undefined) return fill;
  const target = targetOf(rule, model, type, library);
  if (target === undefined) return fill;
  const copy = constantOf(jsonOf(entry.value));
  const write = compileWrite(target);
  const has = compileHas(target.steps);
  const withDefault: Fill = (run, node, into) => {
    const result = fill(run, node, into);
    if (result !== 0 || has(into)) return result;
    write(into, copy(run));
    return 1;
  };
  return fills.as(withDefault, { op: 'default', fill, target, has, copy });
}

/** The target of a nested rule: `to`, checked against the type. */
export function targetOf(rule: YamlMap, model: TypeModel | null, type: string, library: Library): Target | undefined {
  const to = library.reading.required(rule, 'to');
  if (to === '') return undefined;
  if (to === '$this') return thisTarget(type, model);
  if (model === null) {
    library.problems.add(library.reading.placeOf(rule, 'to'), `a ${type} has no members; to: $this sets it`);
    return undefined;
  }
  return parseTarget(to, model, library.reading.placeOf(rule, 'to'), library.problems);
}

/** Compiles the writing of a value at a path: entries of lists are made where they are missing, objects are completed. */
export function compileWrite({ steps, primitive }: Target): (into: JsonObject, value: Json) => void {
  const last = steps.at(-1);
  if (last === undefined || last.name.endsWith('[x]')) {
    const way = compileDescend(steps.slice(0, -1));
    return (into, value) => {
      const object = Array.isArray(value) ? value[0] : value;
      if (isJsonObject(object)) Object.assign(way(into), object);
    };
  }
  const way = compileDescend(steps.slice(0, -1));
  const { name, list, entry, url } = last;
  if (!list && primitive) {
    return (into, value) => {
      way(into)[name] = value;
    };
  }
  if (!list) {
    return (into, value) => {
      const object = way(into);
      const there = object[name];
      if (isJsonObject(there) && isJsonObject(value)) Object.assign(there, value);
      else object[name] = value;
    };
  }
  return (into, value) => {
    const object = way(into);
    const values = Array.isArray(value) ? value : [value];
    const marked = url === undefined ? values : values.map((each) => (isJsonObject(each) ? { url, ...each } : each));
    const there = object[name];
    if (there === undefined || !Array.isArray(there)) object[name] = marked;
    else if (entry === undefined || there[entry - 1] === undefined) there.push(...marked);
    else if (isJsonObject(there[entry - 1]) && isJsonObject(marked[0]))
      Object.assign(there[entry - 1] as JsonObject, marked[0]);
  };
}

/** Goes down to the object that a path's last step stands in. */
function compileDescend(steps: readonly TargetStep[]): (into: JsonObject) => JsonObject {
  const [step, ...rest] = steps;
  if (step === undefined) return (into) => into;
  const { name, list, url } = step;
  const next = compileDescend(rest);
  if (!list) {
    return (into) => {
      const there = into[name];
      if (isJsonObject(there)) return next(there);
      const made: JsonObject = {};
      into[name] = made;
      return next(made);
    };
  }
  const at = (step.entry ?? 1) - 1;
  return (into) => {
    const there = into[name];
    const entries: Json[] = Array.isArray(there) ? there : [];
    if (entries !== there) into[name] = entries;
    const found =
      url === undefined ? entries[at] : entries.find((entry) => isJsonObject(entry) && entry['url'] === url);
    if (isJsonObject(found)) return next(found);
    const made: JsonObject = url === undefined ? {} : { url };
    entries.push(made);
    return next(made);
  };
}

function compileHas(steps: readonly TargetStep[]): (object: JsonObject) => boolean {
  const names = steps.map((step) => step.name);
  return (object) => {
    let there: Json | undefined = object;
    for (const name of names) {
      if (Array.isArray(there)) there = there[0];
      if (!isJsonObject(there)) return false;
      there = there[name];
    }
    return there !== undefined;
  };
}
