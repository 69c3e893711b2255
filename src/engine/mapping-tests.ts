/** Runs the cases beside mapping rules. Pure but for the mapping handed in. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { plainTenantSettings } from '../core/tenant-settings.js';
import { type Hl7Message, isParseFault, parseMessage } from '../hl7/message.js';
import { nodesAt, parsePath } from '../hl7/paths.js';
import { eventsOf } from '../hl7/structures.js';
import { type CompiledMapping, type CompiledSet, setFor } from '../mapping/compile.js';
import type { Diagnostic, Draft } from '../mapping/draft.js';
import { unplaced } from '../mapping/explain-rules.js';
import { didYouMean } from '../mapping/problem.js';
import { runMap } from '../mapping/run-map.js';
import type { ConceptTable } from '../mapping/table.js';
import type { MappingCase } from '../mapping/test-cases.js';
import { type Difference, differences } from './case-difference.js';
import { convertMessages } from './convert.js';

/** What came of one case. */
export interface CaseResult {
  readonly case: MappingCase;
  /** Why it could not be run at all; empty when it was. */
  readonly fault: string;
  /** None: as expected. */
  readonly differences: readonly Difference[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs one case. */
export function runCase(mapping: CompiledMapping, one: MappingCase): CaseResult {
  const set = setFor(mapping, one.sender);
  if (one.codes !== undefined) {
    const table = set.parts.tables.get(one.table ?? '');
    if (table !== undefined) return result(one, '', codeDifferences(table, one.codes));
    return result(one, `there is no table '${one.table}'${didYouMean(one.table ?? '', set.parts.tables.keys())}`, []);
  }
  const map = one.map ?? '';
  if (one.map === undefined) return runMessage(mapping, one, withHeader(one, one.event));
  if (set.parts.values.has(map) || set.parts.resources.has(map)) return runDatatype(set, one, map);
  const build = buildOf(set, map);
  if (build === undefined) return result(one, `no message builds anything with '${map}'`, []);
  const event = one.event ?? eventsOf(build.structure)[0] ?? build.structure.replace('_', '^');
  return runMessage(mapping, one, withHeader(one, event), build.type);
}

function runDatatype(set: CompiledSet, one: MappingCase, map: string): CaseResult {
  const segments = /^[A-Z][A-Z0-9]{2}\|/.test(one.input);
  const path = parsePath(one.at ?? 'ZZZ-1');
  const message = messageOf(withHeader({ ...one, input: segments ? one.input : `ZZZ|${one.input}` }, 'ZZZ^Z01'));
  if (message === undefined) return result(one, 'the input cannot be read', []);
  if (segments && one.at === undefined)
    return result(one, 'at is missing: the field of the segments that the map runs on', []);
  const [node] = path === undefined ? [] : nodesAt(message, path);
  if (node === undefined) return result(one, `nothing stands at ${one.at ?? 'the input'}`, []);
  const made = runMap(set, map, node, {
    tenant: { ...plainTenantSettings, ...one.settings },
    ...(one.table === undefined ? {} : { table: one.table }),
    ...(one.system === undefined ? {} : { system: one.system }),
  });
  if (made === undefined) return result(one, `there is no map '${map}'`, []);
  const found = differences(
    one.expect,
    set.parts.values.has(map) ? made.value : withMade(made.value, made.drafts, typeOf(map)),
    one.only,
  );
  return result(one, '', found, made.diagnostics);
}

/** A reference with the elements of the resource that it is to, the last one made. */
function withMade(reference: Json | undefined, drafts: readonly Draft[], type: string): Json | undefined {
  if (!isJsonObject(reference)) return reference;
  const elements: JsonObject = {};
  const made = drafts.findLast((draft) => draft.type === type);
  for (const { path, value } of made?.elements ?? []) {
    const there = elements[path];
    elements[path] = Array.isArray(there) && Array.isArray(value) ? [...there, ...value] : value;
  }
  return { ...elements, ...reference };
}

function runMessage(mapping: CompiledMapping, one: MappingCase, text: string, type?: string): CaseResult {
  const [converted] = convertMessages(mapping, Buffer.from(text, 'utf8'), {
    version: 'R4',
    trace: true,
    charset: 'UNICODE UTF-8',
    tenant: one.settings,
  });
  if (converted === undefined || converted.outcome !== 'mapped') {
    return result(one, `nothing was made: ${converted?.outcome ?? 'unreadable'} ${converted?.reason ?? ''}`.trim(), []);
  }
  const resources = resourcesOf(converted.bundle).filter(
    ({ resourceType }) => type === undefined || resourceType === type,
  );
  const wanted = Array.isArray(one.expect) ? one.expect : [one.expect ?? null];
  const found: Difference[] = [];
  const taken = new Set<JsonObject>();
  for (const [index, each] of wanted.entries()) {
    const expected = isJsonObject(each) && type !== undefined ? { resourceType: type, ...each } : each;
    const name = isJsonObject(expected) ? String(expected['resourceType'] ?? '') : '';
    const best = bestOf(
      expected,
      resources.filter((resource) => !taken.has(resource)),
      one.only,
    );
    if (best === undefined) found.push({ path: name || `[${index}]`, expected, got: undefined });
    else {
      taken.add(best.resource);
      found.push(...best.differences.map((difference) => ({ ...difference, path: `${name}.${difference.path}` })));
    }
  }
  for (const resource of one.only ? resources : []) {
    if (!taken.has(resource))
      found.push({ path: String(resource['resourceType']), expected: undefined, got: resource });
  }
  return result(
    one,
    '',
    found.map((each) => withRule(each, converted.trace)),
    converted.diagnostics,
  );
}

/** The resource of the type that differs least. */
function bestOf(expected: Json | undefined, resources: readonly JsonObject[], only: boolean) {
  let best: { readonly resource: JsonObject; readonly differences: readonly Difference[] } | undefined;
  for (const resource of resources) {
    if (isJsonObject(expected) && resource['resourceType'] !== expected['resourceType']) continue;
    const found = differences(expected, resource, only).filter(({ path }) => path !== 'id');
    if (best === undefined || found.length < best.differences.length) best = { resource, differences: found };
  }
  return best;
}

/** The rule that set what differs, by the trace. */
function withRule(difference: Difference, trace: JsonObject | undefined): Difference {
  const elements = trace?.['elements'];
  const path = difference.path.slice(difference.path.indexOf('.') + 1).replaceAll(/\[\d+\]/g, '');
  if (!Array.isArray(elements) || difference.path.indexOf('.') < 0) return difference;
  const type = difference.path.slice(0, difference.path.indexOf('.'));
  const rules = elements.filter(isJsonObject).flatMap(({ path: set, rule }) => {
    const member = String(set).replace('[x]', '');
    return typeOf(String(rule)) === type && (path === set || path.startsWith(member)) ? [String(rule)] : [];
  });
  return rules.length === 0 ? difference : { ...difference, rule: [...new Set(rules)].join(', ') };
}

function codeDifferences(table: ConceptTable, codes: Readonly<Record<string, Json>>): Difference[] {
  return Object.entries(codes).flatMap(([code, expected]) => {
    const concept = table.codes.get(code);
    const got = concept === undefined ? null : isJsonObject(expected) ? plain(concept) : concept.code;
    return differences(expected, got, false).map((each) => ({
      ...each,
      path: [code, each.path].filter(Boolean).join('.'),
    }));
  });
}

function plain({ code, system, display }: { code: string; system: string; display: string | undefined }): JsonObject {
  return { code, system, ...(display === undefined ? {} : { display }) };
}

/** `Patient` of `PID[Patient]/PID-5`. */
function typeOf(name: string): string {
  return /\[([A-Za-z]+)/.exec(name)?.[1] ?? '';
}

/** The first message that builds something with a segment map, and the type of it. */
function buildOf(set: CompiledSet, map: string): { readonly structure: string; readonly type: string } | undefined {
  for (const { name, rule } of set.statements) {
    const [structure = '', ...rest] = name.split('/');
    if (rest.length !== 1 || !set.messages.has(structure) || !isJsonObject(rule)) continue;
    const maps = [rule['map'] ?? []].flat();
    if (maps.some((each) => typeof each === 'string' && unplaced(each) === map))
      return { structure, type: typeOf(map) };
  }
  return undefined;
}

function withHeader({ input, sender }: Pick<MappingCase, 'input' | 'sender'>, event: string | undefined): string {
  if (input.startsWith('MSH') || event === undefined) return input;
  const from = sender.includes('*') || sender === '|' ? 'APP|FAC' : sender;
  return `MSH|^~\\&|${from}|||20240102030405+0000||${event}|1|P|2.8\r${input}`;
}

function messageOf(text: string): Hl7Message | undefined {
  const message = parseMessage(text);
  return isParseFault(message) ? undefined : message;
}

function resourcesOf(bundle: JsonObject): JsonObject[] {
  const entries = bundle['entry'];
  return (Array.isArray(entries) ? entries : []).flatMap((entry) =>
    isJsonObject(entry) && isJsonObject(entry['resource']) ? [entry['resource']] : [],
  );
}

function result(
  one: MappingCase,
  fault: string,
  found: readonly Difference[],
  diagnostics: readonly Diagnostic[] = [],
): CaseResult {
  return { case: one, fault, differences: found, diagnostics };
}
