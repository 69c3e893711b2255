import type { TenantSettings } from '../core/tenant-settings.js';
import {
  type AcknowledgementError,
  type AcknowledgementOutcome,
  type AcknowledgementPlan,
  acknowledgementPlan,
} from '../hl7/acknowledgement.js';
import { type BatchDiagnostic, splitBatch } from '../hl7/batch.js';
import { type DecodedMessage, decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { type Hl7Message, isParseFault, parseMessage } from '../hl7/message.js';
import { type RawHeader, rawField, readRawHeader } from '../hl7/raw-header.js';
import type { ArchiveEntry } from '../store/archive-port.js';
import type { SourceSettings } from './listener-settings.js';
import { partitionOf } from './partition.js';
import { tenantOf, tenantWithoutHeader } from './tenant-choice.js';

/**
 * Characters of a message that intake looks at: MSH and PID stand at its beginning, and a million segments behind them must not
 * delay the acknowledgements of others.
 */
const lookedAt = 65_536;

/** One message of a frame: what to archive, and what to answer once that is durable. */
export interface PlannedMessage {
  readonly entry: ArchiveEntry;
  /** Undefined where the bytes have no readable MSH. */
  readonly header: RawHeader | undefined;
  readonly acknowledgement: AcknowledgementPlan;
  /** `accepted` for a message to be processed. */
  readonly outcome: AcknowledgementOutcome;
  readonly errors: readonly AcknowledgementError[];
}

export interface FramePlan {
  readonly messages: readonly PlannedMessage[];
  readonly batch: 'none' | 'enveloped' | 'bare';
  /** How the frame's BTS-1, FTS-1 or envelope does not fit what is in it. */
  readonly batchFaults: readonly BatchDiagnostic[];
}

/** What a frame's plan depends on besides its bytes. */
export interface FrameContext {
  readonly settings: SourceSettings;
  readonly peer: string;
  /** Epoch ms. */
  readonly arrival: number;
  readonly partitions: number;
  readonly tenantSettings: (tenant: string) => TenantSettings;
}

/** Reads a whole frame: one message, or each message of a batch. A frame without any is planned as one rejected message. */
export function planFrame(bytes: Buffer, context: FrameContext): FramePlan {
  const { isBatch, messages, diagnostics } = splitBatch(bytes);
  if (!isBatch) return { messages: [planMessage(bytes, [], context)], batch: 'none', batchFaults: [] };
  const flags = diagnostics.length > 0 ? ['batch', 'batch-faulty'] : ['batch'];
  const parts = messages.length > 0 ? messages : [bytes];
  return {
    messages: parts.map((part) => planMessage(part, flags, context)),
    batch: /^\s*[FB]HS/.test(bytes.toString('latin1', 0, 64)) ? 'enveloped' : 'bare',
    batchFaults: diagnostics,
  };
}

/**
 * Reads a frame that was cut off. It is kept and answered with an error where its header can be read up to past the control
 * id; `answerable` says whether it can.
 */
export function planTruncated(bytes: Buffer, context: FrameContext): PlannedMessage & { readonly answerable: boolean } {
  const header = readRawHeader(bytes);
  const answerable = header !== undefined && rawField(header, 10).trim() !== '' && header.fields.length > 11;
  const decoded = decodeMessage(bytes, context.settings.charset);
  const parsed = answerable && !isCharsetFault(decoded) ? parseMessage(decoded.text.slice(0, lookedAt)) : undefined;
  const message = parsed === undefined || isParseFault(parsed) ? undefined : parsed;
  return {
    entry: entryOf('truncated', bytes, header, message, [], context),
    header,
    acknowledgement: acknowledgementPlan(header, context.settings.ack),
    outcome: 'error',
    errors: [{ code: '100', text: 'the message was cut off before its end; send it again' }],
    answerable,
  };
}

/** Reads one message. `batchFlags` go into its archive row before those of its character set. */
export function planMessage(bytes: Buffer, batchFlags: readonly string[], context: FrameContext): PlannedMessage {
  const { settings } = context;
  const decoded = decodeMessage(bytes, settings.charset);
  const readable = isCharsetFault(decoded) ? undefined : decoded;
  const header = readRawHeader(bytes, readable?.charset);
  const parsed = readable === undefined ? undefined : parseMessage(readable.text.slice(0, lookedAt));
  const message = parsed === undefined || isParseFault(parsed) ? undefined : parsed;
  const error = message === undefined ? unreadable(readable) : refusal(message, settings);
  const flags = [...batchFlags, ...charsetFlags(readable)];
  return {
    entry: entryOf(error === undefined ? 'message' : 'rejected', bytes, header, message, flags, context),
    header,
    acknowledgement: acknowledgementPlan(header, settings.ack),
    outcome: error === undefined ? 'accepted' : 'rejected',
    errors: error === undefined ? [] : [error],
  };
}

function unreadable(decoded: DecodedMessage | undefined): AcknowledgementError {
  if (decoded === undefined) return { code: '102', text: 'UTF-16 and UTF-32 cannot be sent over MLLP; send UTF-8' };
  return { code: '100', text: 'a message begins with MSH and its separators', segment: 'MSH', sequence: 1 };
}

/** Why a message is not for us, by its header. */
function refusal(message: Hl7Message, settings: SourceSettings): AcknowledgementError | undefined {
  const { header } = message;
  const at = { segment: 'MSH', sequence: 1 };
  if (header.value(10).trim() === '') return { ...at, code: '101', field: 10, text: 'MSH-10 must name the message' };
  const { checkProcessingIds, checkVersions } = settings;
  if (checkProcessingIds.length > 0 && !checkProcessingIds.includes(header.value(11))) {
    return { ...at, code: '202', field: 11, text: `this listener takes MSH-11 ${checkProcessingIds.join(', ')}` };
  }
  if (checkVersions.length > 0 && !checkVersions.includes(header.value(12))) {
    return { ...at, code: '203', field: 12, text: `this listener takes MSH-12 ${checkVersions.join(', ')}` };
  }
  return undefined;
}

function charsetFlags(decoded: DecodedMessage | undefined): string[] {
  if (decoded === undefined) return ['utf-16'];
  const assumed = decoded.source === 'assumed' && decoded.charset !== 'utf-8';
  return assumed ? [...decoded.flags, `assumed-${decoded.charset}`] : [...decoded.flags];
}

function entryOf(
  kind: ArchiveEntry['kind'],
  payload: Buffer,
  header: RawHeader | undefined,
  message: Hl7Message | undefined,
  flags: readonly string[],
  context: FrameContext,
): ArchiveEntry {
  const { settings, peer, arrival } = context;
  const field = (number: number) =>
    message?.header.rawField(number) ?? (header === undefined ? '' : rawField(header, number));
  const tenant =
    message === undefined ? tenantWithoutHeader(settings.tenant) : tenantOf(settings.tenant, message.header);
  const addressed = kind === 'message' && message !== undefined && tenant !== null;
  return {
    tenant,
    kind,
    arrival,
    listener: settings.name,
    peer,
    sender: `${field(3)}|${field(4)}`,
    type: field(9),
    sentAt: field(7),
    controlId: field(10),
    partition: addressed ? partitionOf(message, context.tenantSettings(tenant), context.partitions) : 0,
    flags,
    payload,
  };
}
