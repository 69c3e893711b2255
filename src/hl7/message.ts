import { type Delimiters, readDelimiters } from './delimiters.js';
import { type ByteDecoder, unescapeText } from './escapes.js';
import { Segment } from './segment.js';
import { isNullSpan } from './spans.js';

/** Why a text is not a message. `line` counts from 1. The detail names no content of the message. */
export interface ParseFault {
  readonly fault: 'empty' | 'no-msh' | 'bad-delimiters';
  readonly detail: string;
  readonly line: number;
}

/**
 * A message as its text and the positions of its segments. Texts cut from it share its storage: keep what outlives
 * the message as a copy of its own.
 */
export class Hl7Message {
  readonly text: string;
  readonly delimiters: Delimiters;
  readonly segments: readonly Segment[];
  /** The first segment, MSH. */
  readonly header: Segment;
  readonly #decode: ByteDecoder | undefined;
  readonly #escapes: boolean;

  /** For `parseMessage`, which knows where the header lies. */
  constructor(text: string, delimiters: Delimiters, headerStart: number, headerLine: number, decode?: ByteDecoder) {
    this.text = text;
    this.delimiters = delimiters;
    this.#decode = decode;
    const { escape: mark } = delimiters;
    this.#escapes = mark !== -1 && text.indexOf(String.fromCharCode(mark), headerStart + 9) !== -1;
    const segments: Segment[] = [];
    let line = headerLine;
    const lineFeeds = text.indexOf('\n', headerStart) !== -1;
    let start = headerStart;
    let lineFeed = lineFeeds ? text.indexOf('\n', start) : -1;
    let carriageReturn = text.indexOf('\r', start);
    const length = text.length;
    while (start < length) {
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf('\n', start);
      if (carriageReturn !== -1 && carriageReturn < start) carriageReturn = text.indexOf('\r', start);
      let end = length;
      if (lineFeed !== -1) end = lineFeed;
      if (carriageReturn !== -1 && carriageReturn < end) end = carriageReturn;
      let begin = start;
      while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
      if (begin < end) {
        segments.push(new Segment(this, this.#nameAt(begin, end), segments.length, line, begin, end));
      }
      start = end + 1;
      if (end === carriageReturn && text.charCodeAt(start) === 0x0a) start++;
      line++;
    }
    this.segments = segments;
    const header = segments[0];
    if (header === undefined) throw new RangeError('a message is made from the position of its header');
    this.header = header;
  }

  /** The first segment of that name. */
  first(name: string): Segment | undefined {
    for (const segment of this.segments) if (segment.name === name) return segment;
    return undefined;
  }

  /** All segments of that name, in order. */
  all(name: string): readonly Segment[] {
    return this.segments.filter((segment) => segment.name === name);
  }

  /** The unescaped text between two offsets of a leaf; '' for `""`. */
  cut(start: number, end: number): string {
    if (start >= end || isNullSpan(this.text, start, end)) return '';
    const slice = this.text.slice(start, end);
    return this.#escapes ? unescapeText(slice, this.delimiters, this.#decode) : slice;
  }

  /** A name is three characters; in a line that is no segment it is what stands before the first separator, at most 16 characters. */
  #nameAt(start: number, end: number): string {
    const separator = this.delimiters.field;
    if (start + 3 === end || (start + 3 < end && this.text.charCodeAt(start + 3) === separator)) {
      return this.text.slice(start, start + 3);
    }
    const limit = Math.min(end, start + 16);
    let at = start;
    while (at < limit && this.text.charCodeAt(at) !== separator) at++;
    return this.text.slice(start, at).trimEnd();
  }
}

/**
 * Locates the segments of a message. Accepts CR, LF and CRLF as segment ends, blank lines, a leading BOM, any delimiters that
 * MSH-1 and MSH-2 declare. `decode` turns the bytes of `\Xhh…\` into text by the message's character set. Never throws.
 */
export function parseMessage(text: string, decode?: ByteDecoder): Hl7Message | ParseFault {
  let start = 0;
  let line = 1;
  for (; start < text.length; start++) {
    const code = text.charCodeAt(start);
    if (code === 0x0a || code === 0x0d) {
      if (code === 0x0d || text.charCodeAt(start - 1) !== 0x0d) line++;
    } else if (!isBlank(code) && code !== 0xfeff) break;
  }
  if (start >= text.length) return { fault: 'empty', detail: 'there is no text', line: 1 };
  if (!text.startsWith('MSH', start)) {
    return { fault: 'no-msh', detail: 'a message begins with an MSH segment', line };
  }
  const delimiters = readDelimiters(text, start, text.length);
  if (delimiters === undefined) {
    return { fault: 'bad-delimiters', detail: 'no field separator follows MSH', line };
  }
  return new Hl7Message(text, delimiters, start, line, decode);
}

/** Tells the two results of `parseMessage` apart. */
export function isParseFault(result: Hl7Message | ParseFault): result is ParseFault {
  return !(result instanceof Hl7Message);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0;
}
