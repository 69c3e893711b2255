/** What is wrong with a batch. Lines count from 1 over the whole frame; nothing of the content is repeated. */
export interface BatchDiagnostic {
  readonly code: 'count-mismatch' | 'missing-trailer' | 'missing-header' | 'bad-count' | 'stray-segment';
  readonly line: number;
  readonly detail: string;
}

export interface BatchParts {
  /** True when there are FHS, BHS, BTS or FTS segments, or several messages. */
  readonly isBatch: boolean;
  /** The bytes of each message in order, from its MSH on, as they were sent; they share the frame's storage. */
  readonly messages: readonly Buffer[];
  readonly diagnostics: readonly BatchDiagnostic[];
}

/**
 * Splits the bytes of a frame or file into messages (HL7 v2.8, 2.10.3). A frame of one message, or of none that we can see, comes
 * back whole. The counts of BTS-1 and FTS-1 are checked where they are given; a mismatch never holds back a message.
 */
export function splitBatch(bytes: Buffer): BatchParts {
  if (!mayBeBatch(bytes)) return { isBatch: false, messages: [bytes], diagnostics: [] };
  const lines = envelopeLines(bytes);
  if (lines.length === 0 || (lines.length === 1 && lines[0]?.name === 'MSH')) {
    return { isBatch: false, messages: [bytes], diagnostics: [] };
  }
  const messages: Buffer[] = [];
  const check = new EnvelopeCheck();
  lines.forEach((line, n) => {
    if (line.name !== 'MSH' && line.following > 0) check.stray(line.line + 1, `segments after ${line.name}`);
    check.take(line);
    if (line.name === 'MSH') messages.push(bytes.subarray(line.start, lines[n + 1]?.start ?? bytes.length));
  });
  return { isBatch: true, messages, diagnostics: check.end(lines.at(-1)?.line ?? 1) };
}

const headerName = Buffer.from('MSH');
const envelopeNames = ['FHS', 'BHS', 'BTS', 'FTS'].map((name) => Buffer.from(name));

/** False for what is surely one message, as nearly all frames are: these letters stand nowhere but at its beginning. */
function mayBeBatch(bytes: Buffer): boolean {
  return bytes.indexOf(headerName, 1) !== -1 || envelopeNames.some((name) => bytes.indexOf(name) !== -1);
}

/** Holds headers and trailers against each other, line by line. */
export class EnvelopeCheck {
  readonly #diagnostics: BatchDiagnostic[] = [];
  #file: Open | undefined;
  #batch: Open | undefined;

  /** The next header, trailer or beginning of a message. */
  take(envelope: Pick<EnvelopeLine, 'name' | 'line' | 'first'>): void {
    const { name, line } = envelope;
    switch (name) {
      case 'FHS':
        this.#closeFile(line);
        this.#file = { line, count: 0 };
        break;
      case 'BHS':
        this.#closeBatch(line);
        this.#batch = { line, count: 0 };
        if (this.#file !== undefined) this.#file.count++;
        break;
      case 'MSH':
        if (this.#batch !== undefined) this.#batch.count++;
        break;
      case 'BTS':
        this.#checkCount(envelope, this.#batch, 'messages');
        this.#batch = undefined;
        break;
      case 'FTS':
        this.#closeBatch(line);
        this.#checkCount(envelope, this.#file, 'batches');
        this.#file = undefined;
        break;
    }
  }

  /** Something that stands where no message is. */
  stray(line: number, what: string): void {
    this.#report('stray-segment', line, `${what} belong to no message`);
  }

  /** All that was wrong; `line` is the last one. */
  end(line: number): readonly BatchDiagnostic[] {
    this.#closeFile(line);
    return this.#diagnostics;
  }

  #report(code: BatchDiagnostic['code'], line: number, detail: string): void {
    this.#diagnostics.push({ code, line, detail });
  }

  #closeBatch(line: number): void {
    if (this.#batch !== undefined) {
      this.#report('missing-trailer', line, `the batch of line ${this.#batch.line} has no BTS`);
    }
    this.#batch = undefined;
  }

  #closeFile(line: number): void {
    this.#closeBatch(line);
    if (this.#file !== undefined) {
      this.#report('missing-trailer', line, `the file of line ${this.#file.line} has no FTS`);
    }
    this.#file = undefined;
  }

  #checkCount(
    { name, line, first }: Pick<EnvelopeLine, 'name' | 'line' | 'first'>,
    open: Open | undefined,
    what: string,
  ) {
    if (open === undefined) {
      this.#report('missing-header', line, `${name} without ${name === 'BTS' ? 'BHS' : 'FHS'}`);
    } else if (first !== '' && !/^\d+$/.test(first)) {
      this.#report('bad-count', line, `${name}-1 is no number`);
    } else if (first !== '' && Number(first) !== open.count) {
      this.#report('count-mismatch', line, `${name}-1 says ${Number(first)}, there are ${open.count} ${what}`);
    }
  }
}

type EnvelopeName = 'FHS' | 'BHS' | 'MSH' | 'BTS' | 'FTS';

interface EnvelopeLine {
  readonly name: EnvelopeName;
  readonly start: number;
  readonly line: number;
  /** Field 1, where the name is followed by the separator in use. */
  readonly first: string;
  /** Other segments before the next of these. */
  following: number;
}

interface Open {
  readonly line: number;
  count: number;
}

/** The header and trailer segments, by one pass over the segment ends. */
function envelopeLines(bytes: Buffer): EnvelopeLine[] {
  const lines: EnvelopeLine[] = [];
  const seen = { cr: -2, lf: -2 };
  let separator = -1;
  let line = 0;
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (start < bytes.length) {
    line++;
    const end = lineEnd(bytes, start, seen);
    const begin = lineBegin(bytes, start, end);
    const found = envelopeOf(bytes, begin, end, separator);
    if (found !== undefined) {
      separator = found.separator;
      lines.push({ ...found, start: begin, line, following: 0 });
    } else if (begin < end) {
      const last = lines.at(-1);
      if (last !== undefined) last.following++;
    }
    start = end + 1;
    if (bytes[end] === 0x0d && bytes[start] === 0x0a) start++;
  }
  return lines;
}

/** Where a line's text begins: blanks before it are passed over. */
export function lineBegin(bytes: Buffer, start: number, end: number): number {
  let begin = start;
  while (begin < end && (bytes[begin] ?? 0) <= 0x20) begin++;
  return begin;
}

/**
 * The header, trailer or MSH that the line from `begin` to `end` is, and the separator from it on; `separator` is the one
 * before it (-1: none yet). Undefined for any other line.
 */
export function envelopeOf(
  bytes: Buffer,
  begin: number,
  end: number,
  separator: number,
): { readonly name: EnvelopeName; readonly first: string; readonly separator: number } | undefined {
  const name = nameOf(bytes, begin, end);
  if (name === undefined) return undefined;
  const next = bytes[begin + 3] ?? 0;
  if (name === 'BTS' || name === 'FTS') {
    if (begin + 3 !== end && next !== separator) return undefined;
    const fields = bytes.toString('latin1', begin + 4, end);
    return { name, separator, first: fields.split(String.fromCharCode(separator), 1)[0]?.trim() ?? '' };
  }
  return isSeparator(next) ? { name, separator: next, first: '' } : undefined;
}

const names: readonly EnvelopeName[] = ['FHS', 'BHS', 'MSH', 'BTS', 'FTS'];

function nameOf(bytes: Buffer, begin: number, end: number): EnvelopeName | undefined {
  if (begin + 3 > end) return undefined;
  const last = bytes[begin + 2];
  if (last !== 0x48 && last !== 0x53) return undefined;
  const [a, b] = [bytes[begin], bytes[begin + 1]];
  return names.find((name) => name.charCodeAt(0) === a && name.charCodeAt(1) === b && name.charCodeAt(2) === last);
}

function isSeparator(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && !/[A-Za-z0-9]/.test(String.fromCharCode(byte));
}

/** The next CR or LF from `start`, each byte looked at once over all calls; `seen` keeps the next of each. */
export function lineEnd(bytes: Buffer, start: number, seen: { cr: number; lf: number }): number {
  if (seen.cr !== -1 && seen.cr < start) seen.cr = bytes.indexOf(0x0d, start);
  if (seen.lf !== -1 && seen.lf < start) seen.lf = bytes.indexOf(0x0a, start);
  const { cr, lf } = seen;
  if (cr === -1) return lf === -1 ? bytes.length : lf;
  return lf === -1 || cr < lf ? cr : lf;
}
