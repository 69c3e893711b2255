/** Messages to FHIR without a server: what `wardline convert` does. Pure but for the mapping handed in. */
import type { JsonObject } from '../core/json.js';
import { KeyedHash } from '../core/keyed-hash.js';
import type { Stamp } from '../core/stamp.js';
import { plainTenantSettings, type TenantSettings } from '../core/tenant-settings.js';
import { collection } from '../fhir/bundle.js';
import { renderResource } from '../fhir/render.js';
import type { FhirVersion } from '../fhir/version.js';
import { splitBatch } from '../hl7/batch.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { isParseFault, parseMessage } from '../hl7/message.js';
import type { CompiledMapping } from '../mapping/compile.js';
import type { Diagnostic, MappedMessage } from '../mapping/draft.js';
import { Trace } from '../mapping/trace.js';
import { authorityRank } from './authority-rank.js';
import type { Names } from './contribution.js';
import { mapperOver } from './mapping-mapper.js';
import { messageResources } from './message-resources.js';
import { tenantNames } from './tenant-names.js';
import { traceJson } from './trace-json.js';

export interface ConvertOptions {
  readonly version: FhirVersion;
  readonly trace: boolean;
  /** The trace shows the values of fields, not only what they look like. */
  readonly values?: boolean;
  readonly charset?: string;
  readonly tenant?: Partial<TenantSettings>;
}

/** One message of the input, converted. */
export interface Converted {
  readonly outcome: MappedMessage['outcome'] | 'unreadable';
  /** What has no map, which filter, or why it cannot be read; empty when mapped. */
  readonly reason: string;
  /** MSH-3|MSH-4; '' where it cannot be read. */
  readonly sender: string;
  /** A `collection` Bundle in the version asked for. */
  readonly bundle: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
  readonly trace?: JsonObject;
}

/** Ids of converted resources are made under this fixed, public key: they differ from every server's. */
const publicKey = new KeyedHash(new TextEncoder().encode('wardline convert: fixed and public'));

/** Converts every message of a file: framed or not, one or many, batches included. */
export function convertMessages(mapping: CompiledMapping, bytes: Buffer, options: ConvertOptions): Converted[] {
  return splitBatch(bytes).messages.map((message) => convertOne(mapping, message, options));
}

function convertOne(mapping: CompiledMapping, bytes: Buffer, options: ConvertOptions): Converted {
  const unreadable = (reason: string): Converted => ({
    outcome: 'unreadable',
    reason,
    sender: '',
    bundle: bundleOf([]),
    diagnostics: [],
  });
  const decoded = decodeMessage(bytes, options.charset);
  if (isCharsetFault(decoded)) return unreadable(decoded.fault);
  const message = parseMessage(decoded.text, decoded.decodeBytes);
  if (isParseFault(message)) return unreadable(`${message.fault}, line ${message.line}`);
  const settings: TenantSettings = { ...plainTenantSettings, ...options.tenant };
  const trace = options.trace ? new Trace() : undefined;
  const arrival = Number.MAX_SAFE_INTEGER;
  const { mapped, identified } = mapperOver(mapping, 0, trace).map(
    message,
    { tenant: settings, arrival, views: true },
    names,
  );
  const stamp: Stamp = {
    authority: authorityRank(message.header.value(9, 1, 1), {}),
    time: mapped.eventTime ?? 0,
    sequence: { arrival: 0, run: 0, number: 0 },
    mappingVersion: 0,
  };
  const resources: JsonObject[] = [];
  for (const resource of messageResources(identified, mapped.facts, { sender: mapped.sender, stamp }, names)) {
    const rendered = renderResource(options.version, resource);
    if (rendered !== null) resources.push(rendered);
  }
  return {
    outcome: mapped.outcome,
    reason: mapped.reason,
    sender: mapped.sender,
    bundle: bundleOf(resources),
    diagnostics: mapped.diagnostics,
    ...(trace === undefined
      ? {}
      : { trace: traceJson(trace, message, (label) => label, options.values === true ? (text) => text : undefined) }),
  };
}

/**
 * Documents of one message are never looked for again: what finds equal keys in a store is left out. An id is the same
 * whatever the settings.
 */
const names: Names = {
  idOf: tenantNames(publicKey, plainTenantSettings).idOf,
  restOf: () => '',
  rankOf: () => 0,
};

function bundleOf(resources: readonly JsonObject[]): JsonObject {
  return collection(resources.map((resource) => ({ fullUrl: `urn:uuid:${String(resource['id'])}`, resource })));
}
