import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { definedSegment, partAt } from '../../src/hl7/definitions.js';
import type { CompiledSet } from '../../src/mapping/compile.js';
import { pathsOfCondition, stepsOf } from '../../src/mapping/rule-steps.js';
import { parseSourcePath, type SourcePath } from '../../src/mapping/source-path.js';

/** One place that one rule reads, and what for. */
export interface FieldRead {
  readonly rule: string;
  /** `PID-5.1`, `XPN.1`. */
  readonly place: string;
  /** What the standard calls it, the field before the component: `Patient Name, Family Name`. */
  readonly name: string;
  /** Its data types over the versions; none where anything may stand. */
  readonly types: readonly string[];
  /** `Patient.name`; `if Patient` of a condition, `key of Patient`, `fact`, `event`, `build`. */
  readonly target: string;
  /** The data type map that it is handed to: `XPN[HumanName]`. */
  readonly via: string | undefined;
  /** HL7 tables by which its codes are read: `HL70001`. */
  readonly tables: readonly string[];
}

/** Where a rule stands: a field or a data type, and the components below. */
type Here = readonly (string | number)[];

/** Every place that the rules, conditions, keys, facts, events and builds of a set read. */
export function fieldReads(set: CompiledSet): FieldRead[] {
  const values = set.rules.flatMap(({ name, rule, file }) => {
    if (!isJsonObject(rule)) return [];
    const [, source = '', target = ''] = /^([A-Z0-9_]+)\[([^\]]+)\]/.exec(name) ?? [];
    const isType = file.includes('datatypes') || definedSegment(source) === undefined;
    return walk({ rule: name, to: target, here: isType ? [[source]] : [] }, rule);
  });
  return [...values, ...tested(set), ...stated(set)];
}

/** What the standard says of a place: `PID-5.1`, `XPN.1`. */
export function placeOf(here: Here): Pick<FieldRead, 'place' | 'name' | 'types'> {
  const [root = '', ...positions] = here;
  const [, segment = '', field] = /^([A-Z][A-Z0-9]{2})-(\d+)$/.exec(String(root)) ?? [];
  const found = field === undefined ? undefined : definedSegment(segment)?.parts[Number(field) - 1];
  const names = found === undefined ? [] : [found.name];
  let types = field === undefined ? [String(root)] : (found?.types ?? []);
  for (const position of positions) {
    const part = partAt(types, Number(position));
    if (part !== undefined) names.push(part.name);
    types = part?.types ?? [];
  }
  return { place: here.join('.'), name: names.filter((name) => name !== '').join(', '), types };
}

interface Around {
  readonly rule: string;
  readonly to: string;
  readonly here: readonly Here[];
}

/** Keys of a rule that its alternatives do not take over. */
const own = ['id', 'when', 'events', 'first', 'switch', 'cases', 'else', 'default', 'required', 'deleted'];

function walk(around: Around, part: JsonObject): FieldRead[] {
  const cases = isJsonObject(part['cases']) ? Object.values(part['cases']) : [];
  const alternatives = [part['first'], ...cases, part['else']].flatMap(objects);
  if (alternatives.length > 0) {
    const kept = Object.fromEntries(Object.entries(part).filter(([key]) => !own.includes(key)));
    return alternatives.flatMap((alternative) => walk(around, { ...kept, ...alternative }));
  }
  const { rule, here } = around;
  const from = part['from'] === undefined ? here : texts(part['from']).flatMap((path) => standing(path, here));
  const to = below(around.to, part['says'] === undefined ? part['to'] : `the ${String(part['says'])} of a time`);
  const nested = objects(part['set']).flatMap((inner) => walk({ rule, to, here: from }, inner));
  const via = [part['map'], part['ref']].find((name) => typeof name === 'string');
  const isAround = part['set'] !== undefined && via === undefined;
  const isConstant = part['from'] === undefined && (part['value'] !== undefined || onlyDefault(part));
  if (isAround || isConstant || part['value'] !== undefined) return nested;
  const placed = placeholders(part['format']).flatMap((path) => standing(path, from));
  const reads = (placed.length > 0 ? placed : from).map(
    (each): FieldRead => ({
      ...{ rule, ...placeOf(each), target: shortened(to) },
      ...{ via: typeof via === 'string' ? via : undefined, tables: tablesOf(part, part['to']) },
    }),
  );
  return [...reads, ...nested];
}

/** A rule that only says what holds where nothing was made. */
function onlyDefault(part: JsonObject): boolean {
  return part['default'] !== undefined && ['map', 'ref', 'format', 'apply'].every((key) => part[key] === undefined);
}

function tablesOf(part: JsonObject, to: Json | undefined): string[] {
  const [table = ''] = String(part['table'] ?? '').split('.');
  const named = [...String(to ?? '').matchAll(/CodeSystem\/v2-(\d{4})\)\.value\w+$/g)].map(
    ([, number]) => `HL7${number}`,
  );
  return [String(part['system'] ?? ''), table, ...named].filter((name) => /^HL7\d{4}$/.test(name));
}

/** Conditions of rules, by the type that they decide about. */
function tested(set: CompiledSet): FieldRead[] {
  return set.rules.flatMap((rule) => {
    const [, source = '', target = ''] = /^([A-Z0-9_]+)\[([A-Za-z]+)/.exec(rule.name) ?? [];
    const paths = stepsOf(rule).flatMap(({ conditions }) => conditions.flatMap(pathsOfCondition));
    const here: Here[] = definedSegment(source) === undefined ? [[source]] : [];
    return paths.flatMap((path) => placed(path, here)).map((each) => loose(rule.name, each, `if ${target}`));
  });
}

/** Keys, facts, events, panels and builds. */
function stated(set: CompiledSet): FieldRead[] {
  return set.statements.flatMap((statement) => {
    const [kind = '', what = ''] = statement.name.split('/');
    const isMessage = /^[A-Z]{3}_/.test(kind);
    const role = isMessage ? (what === 'facts' ? 'fact' : 'build') : kind === 'identity' ? `key of ${what}` : kind;
    return stepsOf(statement).flatMap(({ from, conditions }) => {
      const paths = [...from.flatMap((text) => parseSourcePath(text) ?? []), ...conditions.flatMap(pathsOfCondition)];
      return paths.flatMap((path) => placed(path, [])).map((each) => loose(statement.name, each, role));
    });
  });
}

function loose(rule: string, here: Here, target: string): FieldRead {
  return { rule, ...placeOf(here), target, via: undefined, tables: [] };
}

function standing(text: string, here: readonly Here[]): Here[] {
  const path = parseSourcePath(text);
  return path === undefined ? [] : placed(path, here);
}

function placed(path: SourcePath, here: readonly Here[]): Here[] {
  if (path.kind === 'meta') return [];
  const parts = [path.component, path.subcomponent].filter((part) => part !== undefined);
  if (path.kind === 'segment') return path.field === undefined ? [] : [[`${path.segment}-${path.field}`, ...parts]];
  return path.type === '' ? here.map((each) => [...each, ...parts]) : [[path.type, ...parts]];
}

function below(around: string, to: Json | undefined): string {
  return typeof to !== 'string' || to === '$this' ? around : `${around}.${to}`;
}

/** Without roles of maps, numbers of entries, long URLs and the types of extensions. */
function shortened(to: string): string {
  return to
    .replace(/^([A-Za-z]+)-[\w-]+/, '$1')
    .replaceAll(/\[\d+\]/g, '')
    .replaceAll('http://terminology.hl7.org/CodeSystem/', '')
    .replaceAll('urn:wardline:extension:', '')
    .replaceAll(/http:\/\/hl7\.org\/fhir\/(\d)\.0\/StructureDefinition\/extension-/g, 'R$1 ')
    .replaceAll(/extension\(([^)]*)\)/g, '<$1>')
    .replaceAll(/>\.value[A-Z]\w*/g, '>');
}

function placeholders(format: Json | undefined): string[] {
  if (typeof format !== 'string') return [];
  return [...format.matchAll(/\{([^{}]*)\}/g)].flatMap(([, inner = '']) => inner.split('|').map((path) => path.trim()));
}

function texts(value: Json | undefined): string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}

function objects(value: Json | undefined): JsonObject[] {
  return [value ?? []].flat().filter(isJsonObject);
}
