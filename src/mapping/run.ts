import type { Json, JsonObject } from '../core/json.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import type { Group, GroupedMessage } from '../hl7/grouping.js';
import type { Segment } from '../hl7/segment.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Diagnostic, Draft, DraftElement, IdentityKey, VisitStatement } from './draft.js';
import type { ConceptTable } from './table.js';
import type { TraceSink } from './trace.js';
import type { EventRules } from './visit-compiler.js';

/** A draft while it is made. */
export class DraftBuilder implements Draft {
  readonly type: string;
  readonly label: string;
  readonly name: string;
  readonly group: Group;
  readonly segment: Segment;
  readonly elements: DraftElement[] = [];
  readonly visit: VisitStatement[] = [];
  readonly referrers: JsonObject[] = [];
  readonly attachments: JsonObject[] = [];
  readonly shared: boolean;
  deleted = false;
  key: IdentityKey | undefined;
  visitOf?: Draft;
  /** The panel that the draft became. */
  panel: string | undefined;
  /** Single elements that are set, so that of several maps the first wins. */
  readonly taken: string[] = [];
  /** Values of the message that it was made from already, as they stand there, by the rules that did. Most are made once. */
  #madeBy: unknown;
  #madeOf = '';
  #madeAlso: Map<unknown, Set<string>> | undefined;

  constructor(type: string, label: string, name: string, group: Group, segment: Segment) {
    this.type = type;
    this.label = label;
    this.name = name;
    this.group = group;
    this.segment = segment;
    this.shared = sharedTypes.has(type);
  }

  /** Notes that rules make it of a value, as the message writes that. False where they did so before. */
  makesOf(rules: unknown, raw: string): boolean {
    if (this.#madeBy === undefined) {
      this.#madeBy = rules;
      this.#madeOf = raw;
      return true;
    }
    if (this.#madeBy === rules && this.#madeOf === raw) return false;
    this.#madeAlso ??= new Map();
    const others = this.#madeAlso.get(rules);
    if (others === undefined) this.#madeAlso.set(rules, new Set([raw]));
    else if (others.has(raw)) return false;
    else others.add(raw);
    return true;
  }
}

/** Written by every partition; their stamps are whole days. */
export const sharedTypes: ReadonlySet<string> = new Set(['Location', 'Practitioner', 'Organization']);

/** A reference of which the target is looked for when all drafts are there. */
export interface PendingReference {
  readonly object: JsonObject;
  /** `reference` of a Reference, or `url` of an Attachment. */
  readonly by: 'reference' | 'url';
  readonly name: string;
  readonly from: DraftBuilder;
  readonly segment: Segment;
}

/** What the functions made from a mapping go by while one message runs through them. */
export class Run {
  readonly grouped: GroupedMessage;
  readonly event: string;
  readonly structure: string;
  readonly tenant: TenantSettings;
  readonly zone: string | undefined;
  readonly trace: TraceSink | undefined;
  readonly events: EventRules;
  readonly diagnostics: Diagnostic[] = [];
  readonly drafts: DraftBuilder[] = [];
  readonly pending: PendingReference[] = [];
  /** References and attachments that were made without words of their own. */
  readonly open: JsonObject[] = [];
  /** Set when an empty object or list went in that no reference is. */
  hollow = false;
  /** The drafts of each build by its name. */
  readonly named = new Map<string, DraftBuilder[]>();
  readonly patients: DraftBuilder[] = [];
  readonly shared = new Map<string, DraftBuilder>();
  /** Where the current map stands. */
  segment: Segment;
  group: Group;
  draft: DraftBuilder | undefined;
  /** The value that the current data type map runs on: what `XCN.9` is a part of. */
  value: ValueNode | undefined;
  /** How many data type maps are under way, one within another. */
  depth = 0;
  /** Number of the repetition that the enclosing rule stands at. */
  repetition = 1;
  /** What an enclosing rule says of codes. */
  system: string | undefined;
  table: ConceptTable | undefined;
  readonly #near = new Map<Group, Map<string, Segment | null>>();
  /** What was found for the group asked for last: a map stands in one group for long. */
  #nearLast: Map<string, Segment | null> = new Map();
  #nearLastOf: Group | undefined;

  constructor(
    grouped: GroupedMessage,
    structure: string,
    event: string,
    tenant: TenantSettings,
    zone: string | undefined,
    trace: TraceSink | undefined,
    events: EventRules,
  ) {
    this.grouped = grouped;
    this.structure = structure;
    this.event = event;
    this.tenant = tenant;
    this.zone = zone;
    this.trace = trace;
    this.events = events;
    this.segment = grouped.message.header;
    this.group = grouped.root;
  }

  /** The nearest segment of a name: this one, one of the same group instance, one around it; never one of a neighbour. */
  near(name: string): Segment | undefined {
    if (this.segment.name === name) return this.segment;
    return this.nearGroup(this.group, name);
  }

  nearGroup(group: Group, name: string): Segment | undefined {
    let known = this.#nearLastOf === group ? this.#nearLast : this.#near.get(group);
    if (known === undefined) {
      known = new Map();
      this.#near.set(group, known);
    }
    this.#nearLastOf = group;
    this.#nearLast = known;
    let found = known.get(name);
    if (found === undefined) {
      found = within(group, name) ?? (group.parent === undefined ? null : (this.nearGroup(group.parent, name) ?? null));
      known.set(name, found);
    }
    return found ?? undefined;
  }

  report(severity: Diagnostic['severity'], code: string, node: ValueNode | undefined, message: string): void {
    this.diagnostics.push({ severity, code, at: node === undefined ? this.segment.name : placeOf(node), message });
  }

  reportCode(node: ValueNode, table: string, system: string, code: string): void {
    this.diagnostics.push({
      severity: 'warning',
      code: 'code-unmapped',
      at: placeOf(node),
      message: `the code is not in table ${table}; add a row for it`,
      unmapped: { table, system, code },
    });
  }
}

function within(group: Group, name: string): Segment | undefined {
  const own = group.segment(name);
  if (own !== undefined) return own;
  for (const inner of group.groups()) {
    if (inner.grammar.repeating) continue;
    const found = within(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `OBX[3]-5[1].2`. */
export function placeOf(node: ValueNode): string {
  let text = `${node.segment.name}[${node.segment.occurrence}]-${node.field}[${node.repetition}]`;
  if (node.component > 0) text += `.${node.component}`;
  if (node.subcomponent > 0) text += `.${node.subcomponent}`;
  return text;
}

/** Makes a value of the node that a rule stands at; undefined when nothing comes out. */
export type Make = (run: Run, node: ValueNode) => Json | undefined;
