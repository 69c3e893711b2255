import { splitBatch } from '../batch.js';
import type { LintedMessage, Linter, LintOptions } from './lint-message.js';
import { collector } from './report.js';
import type { Finding } from './rules.js';

/** One message of a feed with where it stands. */
export interface FeedMessage extends LintedMessage {
  /** Which message of the file, from 1. */
  readonly number: number;
}

/** The control ids of a feed so far: what was first sent with each. One for all files of a run. */
export type SeenControlIds = Map<string, { readonly source: string; readonly bytes: Buffer }>;

/**
 * Checks the bytes of a file: one message, several, a batch, or MLLP frames (then as on the wire). Lines count over the whole
 * file.
 */
export function lintFeed(
  linter: Linter,
  bytes: Buffer,
  source: string,
  seen: SeenControlIds,
  options: Omit<LintOptions, 'line'> = {},
): FeedMessage[] {
  const lines = new LineCounter(bytes);
  const messages: FeedMessage[] = [];
  for (const { start, end, framed } of framesIn(bytes)) {
    const frame = bytes.subarray(start, end);
    const first = lines.at(start);
    const { messages: parts, diagnostics } = splitBatch(frame);
    const envelope: Finding[] = [];
    const report = collector(envelope, first);
    for (const { line, detail } of diagnostics) {
      report('batch-envelope', { line, path: '' }, detail, 'BHS, its messages, and BTS with their number');
    }
    for (const part of parts) {
      const line = lines.at(start + part.byteOffset - frame.byteOffset);
      const linted = linter.lint(part, { ...options, line, wire: framed || options.wire === true });
      const name = `${source}:${line}`;
      const findings = [...linted.findings, ...repeated(linted, part, name, line, seen)];
      messages.push({ ...linted, findings, number: messages.length + 1 });
    }
    const last = messages.at(-1);
    if (envelope.length > 0 && last !== undefined) {
      messages[messages.length - 1] = { ...last, findings: [...last.findings, ...envelope] };
    }
  }
  return messages;
}

function repeated(
  { controlId }: LintedMessage,
  bytes: Buffer,
  source: string,
  line: number,
  seen: SeenControlIds,
): readonly Finding[] {
  if (controlId === '') return [];
  const before = seen.get(controlId);
  if (before === undefined) {
    seen.set(controlId, { source, bytes });
    return [];
  }
  const findings: Finding[] = [];
  const what = before.bytes.equals(bytes) ? 'the same message' : 'another message';
  const right = 'a control id of its own for each message';
  const at = { line: 1, path: 'MSH-10' };
  collector(findings, line)('control-id-repeated', at, `${what} has it at ${before.source}`, right, controlId);
  return findings;
}

interface Frame {
  readonly start: number;
  readonly end: number;
  readonly framed: boolean;
}

/** MLLP frames where the first visible byte is VT (0x0B), else the whole file. */
function framesIn(bytes: Buffer): readonly Frame[] {
  const first = bytes.find((byte) => byte > 0x20 || byte === 0x0b);
  if (first !== 0x0b) return [{ start: 0, end: bytes.length, framed: false }];
  const frames: Frame[] = [];
  for (let start = bytes.indexOf(0x0b); start !== -1; ) {
    const close = bytes.indexOf(0x1c, start);
    const next = bytes.indexOf(0x0b, start + 1);
    const ends = [close, next].filter((at) => at !== -1);
    frames.push({ start: start + 1, end: ends.length === 0 ? bytes.length : Math.min(...ends), framed: true });
    start = next;
  }
  return frames;
}

/** Lines of growing offsets, each byte looked at once. */
class LineCounter {
  readonly #bytes: Buffer;
  #offset = 0;
  #line = 1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  at(offset: number): number {
    for (; this.#offset < offset; this.#offset++) {
      const byte = this.#bytes[this.#offset];
      const isEnd = byte === 0x0d || (byte === 0x0a && this.#bytes[this.#offset - 1] !== 0x0d);
      if (isEnd) this.#line++;
    }
    return this.#line;
  }
}
