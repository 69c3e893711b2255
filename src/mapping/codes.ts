import type { JsonObject } from '../core/json.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { displayOf } from '../fhir/definitions/code-display.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Run } from './run.js';
import { type Concept, type ConceptTable, systemUrl } from './table.js';

/** Names of coding systems (HL7 table 0396) to their URIs. */
export type SystemNames = ReadonlyMap<string, Concept>;

/** What names came to, as senders use few of them again and again; begun anew when they are many. */
const knownUris = new WeakMap<SystemNames, Map<string, string | undefined>>();
const mostKnown = 2000;

/** The URI of a coding system by the name a sender gives it; undefined for a local or unnamed one. */
export function systemUri(name: string, names: SystemNames): string | undefined {
  if (name === '' || name === 'L') return undefined;
  let known = knownUris.get(names);
  if (known === undefined || known.size > mostKnown) {
    known = new Map();
    knownUris.set(names, known);
  }
  let uri = known.get(name);
  if (uri === undefined && !known.has(name)) {
    uri = readSystemUri(name, names);
    if (name.length < 100) known.set(name, uri);
  }
  return uri;
}

function readSystemUri(name: string, names: SystemNames): string | undefined {
  const known = names.get(name) ?? names.get(name.toUpperCase());
  if (known !== undefined) return known.code;
  const table = /^HL7?([01]\d{3})$/.exec(name);
  if (table !== null) return systemUrl(table[1] ?? '');
  if (/^\d+(?:\.\d+)+$/.test(name)) return `urn:oid:${name}`;
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(name) ? name : localUri(name);
}

/** The standard code that the tenant says a local one means. */
function localCode(tenant: TenantSettings, system: string, code: string): readonly [string, string] | undefined {
  if (!hasAny(tenant.localCodes)) return undefined;
  const standard = tenant.localCodes[`${system}|${code}`] ?? tenant.localCodes[`|${code}`];
  const bar = standard?.lastIndexOf('|') ?? -1;
  return standard === undefined || bar < 1 ? undefined : [standard.slice(0, bar), standard.slice(bar + 1)];
}

function hasAny(codes: Readonly<Record<string, string>>): boolean {
  for (const _code in codes) return true;
  return false;
}

/** Looks a code up; what has no row goes to the diagnostics and is kept, dropped or replaced as the table says. */
export function translate(run: Run, node: ValueNode, table: ConceptTable, code: string): Concept | undefined {
  const found = table.codes.get(code) ?? table.codes.get(code.toUpperCase());
  if (found !== undefined) return found;
  if (!table.silent) run.reportCode(node, table.name, table.source, code);
  return typeof table.unmapped === 'object' ? table.unmapped : undefined;
}

/** What a code of FHIR has no room for: blanks around it, and more than one between its words. */
const spaced = /^\s|\s\s|\s$/;

export function codingOf(system: string | undefined, sent: string, display: string | undefined): JsonObject {
  const coding: JsonObject = {};
  const code = spaced.test(sent) ? sent.trim().replace(/\s+/g, ' ') : sent;
  if (system !== undefined && system !== '') coding['system'] = system;
  if (code !== '') coding['code'] = code;
  const shown = display || (system === undefined || code === '' ? undefined : (displayOf(system, code) ?? undefined));
  if (shown !== undefined && shown !== '') coding['display'] = shown;
  return coding;
}

/**
 * The Codings for one code of a CE, CWE, CNE or plain ID: the translation by the rule's table, the tenant's standard code,
 * and the code as sent. `first` is false for the alternate codes, to which table and default system do not apply.
 */
export function codings(
  run: Run,
  node: ValueNode,
  names: SystemNames,
  sent: { readonly code: string; readonly display: string; readonly system: string; readonly version: string },
  first: boolean,
): JsonObject[] | undefined {
  const { code, display, version } = sent;
  if (code === '' && display === '') return undefined;
  const table = first ? run.table : undefined;
  const system =
    systemUri(sent.system, names) ?? (sent.system === '' && first ? (run.system ?? table?.source) : undefined);
  const found: JsonObject[] = [];
  if (table !== undefined && code !== '' && (system === table.source || sent.system === '')) {
    const concept = translate(run, node, table, code);
    if (concept !== undefined) found.push(codingOf(concept.system, concept.code, concept.display));
  }
  if (code !== '') {
    const local = localCode(run.tenant, sent.system, code);
    if (local !== undefined) found.push(codingOf(local[0], local[1], undefined));
  }
  const own = codingOf(system, code, display);
  if (version !== '' && code !== '') own['version'] = version;
  const repeated = found.some((coding) => coding['system'] === own['system'] && coding['code'] === own['code']);
  if (!repeated) found.push(own);
  return found;
}

const triples = [
  [1, 3],
  [4, 6],
  [10, 12],
] as const;

/** The code of one system among those of a coded value, as sent or by the tenant's local codes. */
export function codeIn(run: Run, node: ValueNode, names: SystemNames, url: string): string | undefined {
  for (const [at, systemAt] of triples) {
    const code = node.leaf(at);
    if (code === '') continue;
    const system = node.leaf(systemAt);
    if (systemUri(system, names) === url) return code;
    const local = localCode(run.tenant, system, code);
    if (local?.[0] === url) return local[1];
  }
  return undefined;
}

/** A URI for a name that has none of its own. Half a character, which has no UTF-8, becomes the replacement character. */
export function localUri(name: string): string {
  return `urn:id:${encodeURIComponent(wellFormed(name))}`;
}

/** Text without half characters (lone surrogates), which broken bytes or cut escapes leave behind. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
