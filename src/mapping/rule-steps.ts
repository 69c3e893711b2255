import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { type Condition, parseCondition } from './condition.js';
import type { EffectiveRule } from './layers.js';
import { parseSourcePath, type SourcePath } from './source-path.js';

/** One thing that a rule does: reads somewhere, tests something, and sets an element. */
export interface RuleStep {
  readonly rule: EffectiveRule;
  /** The paths it reads, the first valued one counts; none for a constant. */
  readonly from: readonly string[];
  /** Conditions around it, the outer ones first, trigger events included. */
  readonly conditions: readonly string[];
  /** The element below the map's target: `name.family`; '' where it sets none (a key, a fact, an event). */
  readonly to: string;
  /** The data type map through which it goes. */
  readonly via: string | undefined;
  readonly table: string | undefined;
}

/** Keys that hold paths which are read for the value. */
const reading: readonly string[] = [
  ...['from', 'switch', 'item', 'source', 'target', 'moved', 'between', 'at', 'identifiers', 'same'],
  ...['path', 'identifier', 'entity', 'code', 'time', 'folded', 'assigner'],
];

interface Around {
  readonly from: readonly string[];
  readonly conditions: readonly string[];
  readonly to: string;
  readonly events: readonly string[];
}

/** All that a rule does, alternatives and nested rules one by one. */
export function stepsOf(rule: EffectiveRule): RuleStep[] {
  if (!isJsonObject(rule.rule)) return [];
  return walk(rule, rule.rule, { from: [], conditions: [], to: '', events: [] });
}

/** The paths of a condition; none where it is not understood. */
export function pathsOfCondition(text: string): SourcePath[] {
  const condition = parseCondition(text);
  return condition.op === 'fault' ? [] : pathsIn(condition);
}

function pathsIn(condition: Condition): SourcePath[] {
  if (!('path' in condition)) {
    if (condition.op === 'setting') return [];
    return [condition.of].flat().flatMap(pathsIn);
  }
  const other = 'to' in condition && typeof condition.to !== 'string' ? [condition.to] : [];
  return [condition.path, ...other];
}

/** What a statement about a visit is about, as an element. */
const said: Readonly<Record<string, string>> = { state: 'status', class: 'class', place: 'location' };

function walk(rule: EffectiveRule, part: JsonObject, around: Around): RuleStep[] {
  const events = texts(part['events']);
  const tests = [...texts(part['when']), ...texts(part['deleted'])];
  const own: Around = {
    from: part['from'] === undefined ? around.from : texts(part['from']),
    conditions: [...around.conditions, ...tests, ...(events.length === 0 ? [] : [`event ${events.join(', ')}`])],
    to: around.to,
    events,
  };
  const choices = alternatives(part);
  if (choices.length > 0) {
    const inherited = { ...part };
    for (const key of ['id', 'when', 'events', 'first', 'switch', 'cases', 'else', 'default', 'required', 'deleted']) {
      delete inherited[key];
    }
    return choices.flatMap(({ alternative, condition }) =>
      walk(rule, { ...inherited, ...alternative }, { ...own, conditions: [...own.conditions, ...condition] }),
    );
  }
  const target = typeof part['says'] === 'string' ? said[part['says']] : part['to'];
  const to = typeof target === 'string' ? below(around.to, target) : around.to;
  const reads = [
    ...own.from,
    ...reading.filter((key) => key !== 'from').flatMap((key) => texts(part[key]).filter(isPath)),
    ...placeholders(part['format']),
  ];
  const via = [part['map'], part['ref']].find((name) => typeof name === 'string');
  const table = part['table'];
  const step: RuleStep = {
    rule,
    from: [...new Set(reads)],
    conditions: own.conditions,
    to,
    via: typeof via === 'string' ? via : undefined,
    table: typeof table === 'string' ? table : undefined,
  };
  const nested = maps(part['set']).flatMap((inner) => walk(rule, inner, { ...own, to }));
  const parts = ['parts', 'also'].flatMap((key) => deepMaps(part[key]));
  const loose = ['parts', 'also'].flatMap((key) => deepTexts(part[key])).filter(isPath);
  const inner = parts.flatMap((each) => walk(rule, each, { ...own, from: [], to }));
  return [{ ...step, from: [...step.from, ...loose] }, ...nested, ...inner];
}

function alternatives(part: JsonObject): { readonly alternative: JsonObject; readonly condition: readonly string[] }[] {
  const by = texts(part['switch'])[0] ?? '';
  const cases = isJsonObject(part['cases']) ? Object.entries(part['cases']) : [];
  return [
    ...maps(part['first']).map((alternative) => ({ alternative, condition: [] })),
    ...cases.flatMap(([values, each]) =>
      maps(each).map((alternative) => ({ alternative, condition: [`${by} IN (${values.split(/\s+/).join(', ')})`] })),
    ),
    ...maps(part['else']).map((alternative) => ({ alternative, condition: [`${by} none of these`] })),
  ];
}

/** `$this` is the object itself. */
function below(around: string, to: string): string {
  if (to === '$this') return around;
  return around === '' ? to : `${around}.${to}`;
}

function placeholders(format: Json | undefined): string[] {
  if (typeof format !== 'string') return [];
  return [...format.matchAll(/\{([^{}]*)\}/g)].flatMap(([, inner = '']) => inner.split('|').map((path) => path.trim()));
}

function isPath(text: string): boolean {
  return parseSourcePath(text) !== undefined;
}

function texts(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function maps(value: Json | undefined): JsonObject[] {
  if (isJsonObject(value)) return [value];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function deepMaps(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.flatMap(deepMaps) : maps(value);
}

function deepTexts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.flatMap(deepTexts) : texts(value);
}
