import type { Json } from '../core/json.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { isGrammarFault, parseGrammar } from '../hl7/grammar.js';
import { groupMessage } from '../hl7/grouping.js';
import type { Hl7Message } from '../hl7/message.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { CompiledSet } from './compile.js';
import type { Diagnostic, Draft } from './draft.js';
import { Run } from './run.js';
import { systemUrl } from './table.js';

/** What a data type map is run with beside the value. */
export interface MapRun {
  readonly tenant: TenantSettings;
  readonly table?: string;
  readonly system?: string;
}

/** What a data type map makes of one value: the value, or a reference and the resources made with it. */
export interface MapResult {
  readonly value: Json | undefined;
  readonly drafts: readonly Draft[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs a data type map by itself on a value of a message; undefined where there is no such map. */
export function runMap(set: CompiledSet, name: string, node: ValueNode, context: MapRun): MapResult | undefined {
  const map = set.parts.values.get(name) ?? set.parts.resources.get(name);
  if (map === undefined) return undefined;
  const { segment } = node;
  const { message } = segment;
  const run = new Run(looselyGrouped(message), '', '', context.tenant, context.tenant.zone, undefined, set.events);
  run.segment = segment;
  run.group = run.grouped.groupOf(segment);
  run.table = context.table === undefined ? undefined : set.parts.tables.get(context.table);
  run.system = context.system === undefined ? undefined : systemUrl(context.system);
  const value = map.make(run, node);
  return { value, drafts: run.drafts, diagnostics: run.diagnostics };
}

/** All segments in one group, whatever they are. */
function looselyGrouped(message: Hl7Message) {
  const names = new Set(message.segments.slice(1).map((segment) => segment.name));
  const grammar = parseGrammar(`MSH ${[...names].map((name) => `[{${name}}]`).join(' ')}`, 'CASE');
  if (isGrammarFault(grammar)) throw new RangeError(grammar.detail);
  return groupMessage(message, grammar);
}
