import { type BatchDiagnostic, EnvelopeCheck, envelopeOf, lineBegin, lineEnd } from './batch.js';

/** What a file holds, in its order. Lines count from 1. */
export type BatchPart =
  /** A message as it stands there, without the blank lines after it. */
  | { readonly kind: 'message'; readonly bytes: Buffer; readonly line: number }
  /** A message beyond the limit; its bytes are passed over. */
  | { readonly kind: 'too-large'; readonly line: number };

/**
 * Splits a stream into messages as `splitBatch` does a whole buffer (HL7 v2.8, 2.10.3), but holds no more than one message at a
 * time, of at most `limit` bytes. Bytes before the first header belong to no message.
 */
export class BatchReader {
  readonly #limit: number;
  readonly #check = new EnvelopeCheck();
  #held: Buffer = Buffer.alloc(0);
  /** Up to here lines have been looked at. */
  #scanned = 0;
  #line = 0;
  #separator = -1;
  #message: { readonly start: number; readonly line: number } | undefined;
  /** What a line without a message around it would come after; undefined where one was reported, or is let pass. */
  #after: string | undefined = 'before the first MSH';
  /** The rest of an overlong line is passed over, too. */
  #insideLine = false;
  #begun = false;
  #enveloped = false;

  constructor(options: { readonly limit: number }) {
    this.#limit = options.limit;
  }

  /** True from the first FHS or BHS on. */
  get enveloped(): boolean {
    return this.#enveloped;
  }

  /** Takes the next bytes of the file. */
  push(chunk: Buffer): BatchPart[] {
    this.#held = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
    if (!this.#begun && this.#held.length >= 3) {
      this.#begun = true;
      if (this.#held.subarray(0, 3).equals(byteOrderMark)) this.#scanned = 3;
    }
    const parts: BatchPart[] = [];
    if (this.#begun) this.#scan(parts, false);
    this.#shrink(parts);
    return parts;
  }

  /** The end of the file: its last message, and all that was wrong with headers, trailers and what stands between. */
  end(): { readonly parts: readonly BatchPart[]; readonly diagnostics: readonly BatchDiagnostic[] } {
    const parts: BatchPart[] = [];
    this.#scan(parts, true);
    this.#finish(this.#held.length, parts);
    return { parts, diagnostics: this.#check.end(Math.max(1, this.#line)) };
  }

  #scan(parts: BatchPart[], last: boolean): void {
    const seen = { cr: -2, lf: -2 };
    while (this.#scanned < this.#held.length) {
      const end = lineEnd(this.#held, this.#scanned, seen);
      // After a CR an LF of the same line end may come with the next bytes.
      const open = end === this.#held.length || (end + 1 === this.#held.length && this.#held[end] === 0x0d);
      if (!last && open) return;
      if (!this.#insideLine) this.#takeLine(end, parts);
      this.#insideLine = false;
      this.#scanned = end + 1;
      if (this.#held[end] === 0x0d && this.#held[end + 1] === 0x0a) this.#scanned++;
    }
    this.#scanned = Math.min(this.#scanned, this.#held.length);
  }

  #takeLine(end: number, parts: BatchPart[]): void {
    this.#line++;
    const begin = lineBegin(this.#held, this.#scanned, end);
    const envelope = envelopeOf(this.#held, begin, end, this.#separator);
    if (envelope === undefined) {
      if (begin === end || this.#message !== undefined || this.#after === undefined) return;
      this.#check.stray(this.#line, `lines ${this.#after}`);
      this.#after = undefined;
      return;
    }
    this.#finish(begin, parts);
    this.#separator = envelope.separator;
    this.#check.take({ ...envelope, line: this.#line });
    if (envelope.name === 'MSH') this.#message = { start: begin, line: this.#line };
    else this.#enveloped = true;
    this.#after = envelope.name === 'MSH' ? undefined : `after ${envelope.name}`;
  }

  #finish(end: number, parts: BatchPart[]): void {
    if (this.#message === undefined) return;
    const { start, line } = this.#message;
    this.#message = undefined;
    const bytes = withoutBlankLines(this.#held.subarray(start, end));
    if (bytes.length > this.#limit) parts.push({ kind: 'too-large', line });
    else parts.push({ kind: 'message', bytes, line });
  }

  /** Lets go of what is no longer needed. */
  #shrink(parts: BatchPart[]): void {
    if (!this.#insideLine && this.#held.length - this.#scanned > this.#limit) {
      // A line longer than a message may be: its beginning tells what it is, and its end does not matter.
      this.#takeLine(this.#held.length, parts);
      this.#insideLine = true;
    }
    const last = this.#held.length;
    const message = this.#message;
    if (message !== undefined && (this.#beginsNext() ? this.#scanned : last) - message.start > this.#limit + 2) {
      parts.push({ kind: 'too-large', line: message.line });
      this.#message = undefined;
      this.#after = undefined;
    }
    const passed = this.#insideLine ? last - (this.#held[last - 1] === 0x0d ? 1 : 0) : this.#scanned;
    const from = this.#message?.start ?? passed;
    if (from === 0) return;
    this.#held = this.#held.subarray(from);
    this.#scanned = Math.max(0, this.#scanned - from);
    if (this.#message !== undefined) this.#message = { ...this.#message, start: this.#message.start - from };
  }

  /** True when the line that is not whole yet is no more of the message. */
  #beginsNext(): boolean {
    if (this.#insideLine) return false;
    const begin = lineBegin(this.#held, this.#scanned, this.#held.length);
    return envelopeOf(this.#held, begin, this.#held.length, this.#separator) !== undefined;
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** A message up to the end of its last segment; of blank lines behind it nothing. */
function withoutBlankLines(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isBlank(bytes[end - 1] ?? 0)) end--;
  if (bytes[end] === 0x0d && bytes[end + 1] === 0x0a) return bytes.subarray(0, end + 2);
  return bytes.subarray(0, bytes[end] === 0x0d || bytes[end] === 0x0a ? end + 1 : end);
}

/** Line ends, NUL and the end-of-file mark of old systems. */
function isBlank(byte: number): boolean {
  return byte === 0x0d || byte === 0x0a || byte === 0 || byte === 0x1a;
}
