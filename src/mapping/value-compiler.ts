import type { Json, JsonObject } from '../core/json.js';
import { isJsonObject } from '../core/json.js';
import type { ValueNode } from '../hl7/value-node.js';
import { codingOf, translate, wellFormed } from './codes.js';
import { checkConstant } from './constant.js';
import { cleanText, converterTo, convertible } from './convert.js';
import { constantOf } from './copy.js';
import { makes, steps } from './descriptions.js';
import { type Fill, runFills } from './fill.js';
import { functions } from './functions.js';
import type { Library } from './library.js';
import { didYouMean } from './problem.js';
import { textOf } from './read.js';
import { compileReference, compileRefers } from './reference-compiler.js';
import type { Make, Run } from './run.js';
import { compileFormat, type Source } from './source-compiler.js';
import { type ConceptTable, systemUrl } from './table.js';
import type { Target } from './target-path.js';
import { compileValueMap } from './value-map-use.js';
import { jsonOf, type YamlMap } from './yaml-tree.js';

/** How a rule makes its value of the node it stands at. */
export interface Maker {
  readonly make: Make;
  /** Set where nothing of the message goes into it. */
  readonly constant: { readonly value: Json } | undefined;
}

/** A value in the middle of its making: text, number, or ready JSON. */
export type Step = (run: Run, node: ValueNode) => Json | undefined;

/** Compiles the part of a rule that makes a value for a target. */
export function compileMaker(rule: YamlMap, target: Target, source: Source, library: Library): Maker {
  const around = library.here;
  if (source.given) library.here = source.types;
  const maker = compileAtSource(rule, target, source, library);
  library.here = around;
  return maker;
}

function compileAtSource(rule: YamlMap, target: Target, source: Source, library: Library): Maker {
  const { entries } = rule;
  const { reading } = library;
  const constant = entries.get('value');
  if (constant !== undefined) {
    const value = jsonOf(constant.value);
    checkConstant(constant.value, target, library.problems);
    return { make: constantOf(value), constant: { value } };
  }
  if (entries.has('ref')) return { make: compileReference(rule, target, library), constant: undefined };
  if (entries.has('refers')) {
    const make = compileRefers(rule, target, library);
    const sets = reading.maps(rule, 'set');
    return {
      make: sets.length === 0 ? make : compileSet(make, sets, true, target, rule, library),
      constant: undefined,
    };
  }
  const encodes = target.type === 'uri' || target.type === 'url';
  const text = compileText(rule, encodes, source, library);
  const mapName = reading.text(rule, 'map');
  const system = systemOf(rule, library);
  const tableName = reading.text(rule, 'table');
  const table = tableName === undefined ? undefined : library.table(tableName, reading.placeOf(rule, 'table'));
  let make: Make;
  if (mapName !== undefined) {
    const map = compileValueMap(mapName, reading.placeOf(rule, 'map'), target, library);
    make = map === undefined ? () => undefined : makes.as((run, node) => map.make(run, node), { op: 'map', map });
    if (system !== undefined || table !== undefined) make = withCodes(make, system, table);
  } else if (table !== undefined || system !== undefined)
    make = compileCode(text, target, table, system, rule, library);
  else if (entries.has('set') && !target.primitive) make = makes.as(() => ({}), { op: 'object' });
  else make = compilePlain(text, target, rule, library);
  const sets = reading.maps(rule, 'set');
  if (sets.length === 0) return { make, constant: undefined };
  return { make: compileSet(make, sets, mapName !== undefined, target, rule, library), constant: undefined };
}

/** The text before table or conversion: the node's, or what `join`, `format` and `apply` make. `encodes`: for a URI. */
export function compileText(rule: YamlMap, encodes: boolean, source: Source, library: Library): Step {
  const { reading } = library;
  let step: Step = steps.as((run, node) => textOf(run, node) || undefined, { op: 'text' });
  const join = reading.text(rule, 'join');
  if (join !== undefined) {
    step = (run, node) => joined(run, source.given ? source.all(run, undefined) : [node], join);
  }
  const format = reading.text(rule, 'format');
  if (format !== undefined) {
    const written = compileFormat(format, reading.placeOf(rule, 'format'), library, encodes ? encodeUnsafe : undefined);
    step = steps.as((run, node) => written(run, node) || undefined, { op: 'format', format: written });
  }
  for (const item of reading.list(rule, 'apply')) {
    const [name, argument] =
      item.kind === 'map'
        ? ([...item.entries][0] ?? ['', undefined])
        : [item.kind === 'scalar' ? item.text : '', undefined];
    const named = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (named === undefined) {
      library.problems.add(item.place, `there is no function '${name}'${didYouMean(name, Object.keys(functions))}`);
      continue;
    }
    const bound = named.bind(argument === undefined ? undefined : jsonOf(argument.value), library.systemNames);
    if (typeof bound === 'string') {
      library.problems.add(item.place, `function '${name}' takes ${bound}`);
      continue;
    }
    const before = step;
    const applied: Step =
      named.takes === 'node'
        ? (run, node) => bound(run, node, '')
        : (run, node) => {
            const input = before(run, node);
            return typeof input === 'string' ? bound(run, node, input) : input;
          };
    step = steps.as(applied, { op: 'apply', before, takes: named.takes, bound });
  }
  return step;
}

function joined(run: Run, nodes: readonly ValueNode[], between: string): string | undefined {
  const texts: string[] = [];
  for (const node of nodes) {
    if (!node.isDelete) {
      run.trace?.read(node);
      texts.push(node.wholeText);
    }
  }
  return texts.join(between).trim() === '' ? undefined : texts.join(between);
}

/** A text, number or Codings for a target without map or table. */
function compilePlain(step: Step, target: Target, rule: YamlMap, library: Library): Make {
  if (target.primitive && convertible.has(target.type)) {
    const convert = converterTo(target.type, target.element);
    const make: Make = (run, node) => {
      const value = step(run, node);
      if (typeof value === 'string') return convert(run, node, value);
      return typeof value === 'number' ? convert(run, node, String(value)) : undefined;
    };
    return makes.as(make, { op: 'plain', step, convert });
  }
  const codings = library.reading.list(rule, 'apply').some((item) => item.kind === 'map' && item.entries.has('coding'));
  if (codings && target.type === 'Coding') {
    return (run, node) => {
      const value = step(run, node);
      return target.list || !Array.isArray(value) ? value : value[0];
    };
  }
  library.problems.add(rule.place, `a ${target.type} is made by map, table, set, ref or value`);
  return () => undefined;
}

/** A code through a table, or with a system, for a target without map. */
function compileCode(
  step: Step,
  target: Target,
  table: ConceptTable | undefined,
  system: string | undefined,
  rule: YamlMap,
  library: Library,
): Make {
  const shape =
    target.type === 'CodeableConcept' || target.type === 'Coding' ? target.type : target.primitive ? 'code' : undefined;
  if (shape === undefined) {
    library.problems.add(rule.place, `a table makes a code, Coding or CodeableConcept, not a ${target.type}`);
    return () => undefined;
  }
  const convert = shape === 'code' ? converterTo(target.type, target.element) : undefined;
  const make: Make = (run, node) => {
    const value = step(run, node);
    if (typeof value !== 'string') return undefined;
    const code = value.trim();
    if (table === undefined) {
      if (convert !== undefined) return convert(run, node, code);
      const coding = codingOf(system, code, undefined);
      return shape === 'Coding' ? coding : { coding: [coding] };
    }
    const concept = translate(run, node, table, code);
    if (convert !== undefined) {
      if (concept !== undefined) return concept.code;
      return table.unmapped === 'keep' ? convert(run, node, code) : undefined;
    }
    if (concept === undefined && table.unmapped === 'drop') return undefined;
    const kept = codingOf(system ?? table.source, code, undefined);
    const coding = concept === undefined ? kept : codingOf(concept.system, concept.code, concept.display);
    return shape === 'Coding' ? coding : { coding: [coding] };
  };
  return makes.as(make, { op: 'code', step, table, system, shape, convert });
}

function withCodes(make: Make, system: string | undefined, table: ConceptTable | undefined): Make {
  const coded: Make = (run, node) => {
    const { system: systemBefore, table: tableBefore } = run;
    run.system = system;
    run.table = table;
    const value = make(run, node);
    run.system = systemBefore;
    run.table = tableBefore;
    return value;
  };
  return makes.as(coded, { op: 'codes', make, system, table });
}

/** Nested rules that complete what the map made, or fill a new object. */
function compileSet(
  make: Make,
  sets: readonly YamlMap[],
  mapped: boolean,
  target: Target,
  rule: YamlMap,
  library: Library,
): Make {
  const { model } = target;
  if (model === null) {
    library.problems.add(library.reading.placeOf(rule, 'set'), `a ${target.type} has no members to set`);
    return make;
  }
  const fills: Fill[] = sets.map((nested) => library.compile.fill(nested, model, target.type, library));
  const completed: Make = (run, node) => {
    const object = make(run, node);
    if (!isJsonObject(object)) return undefined;
    const copy: JsonObject = object;
    return runFills(fills, run, node, copy, mapped) ? copy : undefined;
  };
  return makes.as(completed, { op: 'set', make, fills, mapped });
}

function systemOf(rule: YamlMap, library: Library): string | undefined {
  const text = library.reading.text(rule, 'system');
  if (text === undefined) return undefined;
  const url = systemUrl(text);
  if (url === undefined) {
    library.problems.add(library.reading.placeOf(rule, 'system'), 'system is a URL, or HL7 and four digits');
  }
  return url;
}

function encodeUnsafe(text: string): string {
  return encodeURI(wellFormed(cleanText(text) ?? '')).replace(/%25/g, '%');
}
