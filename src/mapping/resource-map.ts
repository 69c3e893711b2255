import type { JsonObject } from '../core/json.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import type { ValueNode } from '../hl7/value-node.js';
import { compileFill } from './fill-compiler.js';
import { findDraft } from './find-draft.js';
import { compileKey, type MadeKey } from './key-rules.js';
import type { Library, MapSource, ResourceMap } from './library.js';
import { compileRegisterRule } from './register-compiler.js';
import { type RuleSet, ruleSet } from './rule-set.js';
import { DraftBuilder, type Make, type Run } from './run.js';
import { compileFormat, compileSource, compileWhen } from './source-compiler.js';
import { scalarOf, withEntries, type YamlMap } from './yaml-tree.js';

/** A data type map for a resource as a function that gives the reference. */
export function resourceMapOf(source: MapSource, library: Library): ResourceMap {
  const known = library.resourceMaps.get(source.name);
  if (known !== undefined) return known;
  const map: ResourceMap = { type: source.target, make: () => undefined };
  library.resourceMaps.set(source.name, map);
  const model = typeModel('R4', source.target);
  if (model === null || !model.resource) {
    library.problems.add(source.place, `'${source.target}' is no resource type`);
    return map;
  }
  const make = library.within(source.from, () =>
    source.chain.length > 0 ? compileChain(source, library) : compileResource(source, library),
  );
  map.make = (run, node) => {
    const outer = run.value;
    run.value = node;
    const made = make(run, node);
    run.value = outer;
    return made;
  };
  return map;
}

function compileResource(source: MapSource, library: Library): Make {
  const display = compileDisplay(source, library);
  const key = compileKey(source.target, 'datatype', source.from, library, findDraft);
  const model = typeModel('R4', source.target);
  if (model === null) return () => undefined;
  const rules = ruleSet(
    source.rules.map((rule) => compileRegisterRule(rule, source.name, model, library)),
    'value',
    library,
  );
  return (run, node) => refer(run, node, source.target, key(run, node), display(run, node).trim(), rules)?.object;
}

/** Makes (or finds, when one of equal key is there) the draft, and a reference to it. */
function refer(
  run: Run,
  node: ValueNode,
  type: string,
  key: MadeKey | undefined,
  display: string,
  rules: RuleSet,
): { readonly object: JsonObject; readonly draft: DraftBuilder | undefined } | undefined {
  const object: JsonObject = {};
  if (display !== '') object['display'] = display;
  if (key === undefined) return display === '' ? undefined : { object, draft: undefined };
  if (display === '') run.open.push(object);
  const name = `${type}\u0000${key.parts.join('\u0000')}`;
  let draft = run.shared.get(name);
  if (draft === undefined) {
    draft = new DraftBuilder(type, `${type.toLowerCase()}[${run.shared.size + 1}]`, '', run.group, run.segment);
    draft.key = { patient: undefined, parts: key.parts, also: key.also };
    run.shared.set(name, draft);
    run.drafts.push(draft);
  }
  draft.referrers.push(object);
  if (!draft.makesOf(rules, node.raw) && run.trace === undefined) return { object, draft };
  const outer = run.draft;
  run.draft = draft;
  const { system, table } = run;
  run.system = undefined;
  run.table = undefined;
  rules.run(run, node);
  run.system = system;
  run.table = table;
  run.draft = outer;
  return { object, draft };
}

function compileDisplay(source: MapSource, library: Library): (run: Run, node: ValueNode) => string {
  const { display } = source;
  if (display === undefined) return () => '';
  const format = library.reading.text(display, 'format');
  if (format !== undefined) {
    return compileFormat(format, library.reading.placeOf(display, 'format'), library);
  }
  return compileSource(display, library).text;
}

/** Levels of a place, from the widest: each a Location within the one before. The reference is to the last valued one. */
function compileChain(source: MapSource, library: Library): Make {
  const model = typeModel('R4', source.target);
  if (model === null) return () => undefined;
  const levels = source.chain.map((level) => {
    const fills = library.reading.maps(level, 'set').map((rule) => compileFill(rule, model, source.target, library));
    const rules = library.reading
      .maps(level, 'set')
      .map((rule, index) =>
        compileRegisterRule(withId(rule, library.reading.required(level, 'id'), index), source.name, model, library),
      );
    return {
      from: compileSource(level, library),
      when: compileWhen(level, library),
      fills,
      rules: ruleSet(rules, 'value', library),
    };
  });
  const partOf = `${source.name}/partOf`;
  return (run, node) => {
    const parts: string[] = [];
    let last: JsonObject | undefined;
    for (const { from, when, fills, rules } of levels) {
      const text = when === undefined || when(run, node) ? from.text(run, node).trim() : '';
      parts.push(text);
      if (text === '') continue;
      const shown: JsonObject = {};
      for (const fill of fills) fill(run, node, shown);
      const display = typeof shown['name'] === 'string' ? shown['name'] : text;
      const within = last;
      const key: MadeKey = { parts: [...parts], also: [], patient: false, count: false };
      const made = refer(run, node, source.target, key, display, rules);
      const draft = made?.draft;
      if (within !== undefined && draft !== undefined && !draft.taken.includes('partOf')) {
        draft.taken.push('partOf');
        draft.elements.push({ kind: 'single', path: 'partOf', rule: partOf, item: '', value: within });
      }
      last = made?.object;
    }
    return last;
  };
}

function withId(rule: YamlMap, id: string, index: number): YamlMap {
  if (rule.entries.has('id')) return rule;
  return withEntries(rule, [['id', { place: rule.place, value: scalarOf(rule.place, `${id}.${index + 1}`) }]]);
}
