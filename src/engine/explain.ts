/** Why a field came out as it did: the trace of an archived message, computed anew and never stored. */
import type { Json, JsonObject } from '../core/json.js';
import { sequenceName } from '../core/stamp.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { isParseFault, parseMessage } from '../hl7/message.js';
import type { CompiledMapping } from '../mapping/compile.js';
import type { Diagnostic, MappedMessage } from '../mapping/draft.js';
import { Trace } from '../mapping/trace.js';
import type { ArchiveRow, SettleOutcome } from '../store/archive-port.js';
import type { Names } from './contribution.js';
import { stampTime } from './event-time.js';
import type { MapOptions } from './mapper.js';
import { mapperOver } from './mapping-mapper.js';
import { traceJson } from './trace-json.js';

/** An archived message with what became of it. */
export interface ExplainedMessage {
  readonly row: ArchiveRow;
  readonly payload: Uint8Array;
  readonly outcome?: Omit<SettleOutcome, 'tenant' | 'sequence'>;
}

/** What a message is traced with: the mapping version that settled it. */
export interface ExplainParts {
  readonly mapping: CompiledMapping;
  readonly version: number;
  readonly names: Names;
  readonly options: MapOptions;
  readonly charset?: string;
}

/**
 * For every element that came out its rule and source fields; for every valued field whether it was mapped, dropped by a
 * rule or is unmapped. Field values are left out, but for codes without a row: the message itself is shown by its own, audited, read.
 */
export function explainMessage(parts: ExplainParts, message: ExplainedMessage): JsonObject {
  const about: JsonObject = {
    message: sequenceName(message.row.sequence),
    mapping_version: parts.version,
    state: message.outcome?.state ?? 'unsettled',
    reason: message.outcome?.reason ?? '',
  };
  const decoded = decodeMessage(Buffer.from(message.payload), parts.charset);
  if (isCharsetFault(decoded)) return { ...about, unreadable: decoded.fault };
  const parsed = parseMessage(decoded.text, decoded.decodeBytes);
  if (isParseFault(parsed)) return { ...about, unreadable: parsed.fault };
  const trace = new Trace();
  const { mapped, identified } = mapperOver(parts.mapping, parts.version, trace).map(
    parsed,
    { ...parts.options, views: true },
    parts.names,
  );
  const ids = new Map(identified.map(({ draft, id }) => [draft.label, `${draft.type}/${id}`]));
  return {
    ...about,
    structure: mapped.structure,
    event: mapped.event,
    outcome: mapped.outcome,
    ...traceJson(trace, parsed, (label) => ids.get(label) ?? label),
    diagnostics: [...mapped.diagnostics, ...aheadOfArrival(mapped, message.row)].map(
      ({ severity, code, at, message: text, unmapped }): Json => ({
        severity,
        code,
        at,
        message: text,
        ...(unmapped === undefined ? {} : { unmapped: { ...unmapped } }),
      }),
    ),
  };
}

/** What is noted of a message that states a time which is not believed: its arrival counts (convergence.md, Stamps). */
function aheadOfArrival({ eventTime }: MappedMessage, { sequence }: ArchiveRow): Diagnostic[] {
  if (!stampTime(eventTime, sequence.arrival).flagged) return [];
  const text = 'the event time lies more than ten minutes after the arrival, which counts in its place';
  return [{ severity: 'warning', code: 'event-time-ahead', at: 'EVN-2 or MSH-7', message: text }];
}
