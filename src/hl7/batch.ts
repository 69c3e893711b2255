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
  const lines = envelopeLines(bytes);
  if (lines.length === 0 || (lines.length === 1 && lines[0]?.name === 'MSH')) {
    return { isBatch: false, messages: [bytes], diagnostics: [] };
  }
  const messages: Buffer[] = [];
  const diagnostics: BatchDiagnostic[] = [];
  const report = (code: BatchDiagnostic['code'], line: number, detail: string) =>
    diagnostics.push({ code, line, detail });
  let file: Open | undefined;
  let batch: Open | undefined;
  const closeBatch = (line: number) => {
    if (batch !== undefined) report('missing-trailer', line, `the batch of line ${batch.line} has no BTS`);
    batch = undefined;
  };
  const closeFile = (line: number) => {
    closeBatch(line);
    if (file !== undefined) report('missing-trailer', line, `the file of line ${file.line} has no FTS`);
    file = undefined;
  };

  lines.forEach((line, n) => {
    const end = lines[n + 1]?.start ?? bytes.length;
    if (line.name !== 'MSH' && line.following > 0) {
      report('stray-segment', line.line + 1, `segments after ${line.name} belong to no message`);
    }
    switch (line.name) {
      case 'FHS':
        closeFile(line.line);
        file = { line: line.line, count: 0 };
        break;
      case 'BHS':
        closeBatch(line.line);
        batch = { line: line.line, count: 0 };
        if (file !== undefined) file.count++;
        break;
      case 'MSH':
        messages.push(bytes.subarray(line.start, end));
        if (batch !== undefined) batch.count++;
        break;
      case 'BTS':
        checkCount(line, batch, 'messages', report);
        batch = undefined;
        break;
      case 'FTS':
        closeBatch(line.line);
        checkCount(line, file, 'batches', report);
        file = undefined;
        break;
    }
  });
  closeFile(lines.at(-1)?.line ?? 1);
  return { isBatch: true, messages, diagnostics };
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

function checkCount(
  trailer: EnvelopeLine,
  open: Open | undefined,
  what: string,
  report: (code: BatchDiagnostic['code'], line: number, detail: string) => void,
): void {
  if (open === undefined) {
    report('missing-header', trailer.line, `${trailer.name} without ${trailer.name === 'BTS' ? 'BHS' : 'FHS'}`);
  } else if (trailer.first !== '' && !/^\d+$/.test(trailer.first)) {
    report('bad-count', trailer.line, `${trailer.name}-1 is no number`);
  } else if (trailer.first !== '' && Number(trailer.first) !== open.count) {
    report(
      'count-mismatch',
      trailer.line,
      `${trailer.name}-1 says ${Number(trailer.first)}, there are ${open.count} ${what}`,
    );
  }
}

/** The header and trailer segments, by one pass over the segment ends. */
function envelopeLines(bytes: Buffer): EnvelopeLine[] {
  const found: EnvelopeLine[] = [];
  const seen = { cr: -2, lf: -2 };
  let separator = -1;
  let line = 0;
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (start < bytes.length) {
    line++;
    const end = lineEnd(bytes, start, seen);
    let begin = start;
    while (begin < end && (bytes[begin] ?? 0) <= 0x20) begin++;
    const name = nameOf(bytes, begin, end);
    const next = bytes[begin + 3] ?? 0;
    if (
      name !== undefined &&
      (name === 'BTS' || name === 'FTS' ? begin + 3 === end || next === separator : isSeparator(next))
    ) {
      if (name === 'MSH' || name === 'FHS' || name === 'BHS') separator = next;
      const fields = name === 'BTS' || name === 'FTS' ? bytes.toString('latin1', begin + 4, end) : '';
      const first = fields.split(String.fromCharCode(separator), 1)[0]?.trim() ?? '';
      found.push({ name, start: begin, line, first, following: 0 });
    } else if (begin < end) {
      const last = found.at(-1);
      if (last !== undefined) last.following++;
    }
    start = end + 1;
    if (bytes[end] === 0x0d && bytes[start] === 0x0a) start++;
  }
  return found;
}

const names: readonly EnvelopeName[] = ['FHS', 'BHS', 'MSH', 'BTS', 'FTS'];

function nameOf(bytes: Buffer, begin: number, end: number): EnvelopeName | undefined {
  if (begin + 3 > end) return undefined;
  const [a, b, c] = [bytes[begin], bytes[begin + 1], bytes[begin + 2]];
  return names.find((name) => name.charCodeAt(0) === a && name.charCodeAt(1) === b && name.charCodeAt(2) === c);
}

function isSeparator(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && !/[A-Za-z0-9]/.test(String.fromCharCode(byte));
}

/** The next CR or LF from `start`, each byte looked at once over all calls; `seen` keeps the next of each. */
function lineEnd(bytes: Buffer, start: number, seen: { cr: number; lf: number }): number {
  if (seen.cr !== -1 && seen.cr < start) seen.cr = bytes.indexOf(0x0d, start);
  if (seen.lf !== -1 && seen.lf < start) seen.lf = bytes.indexOf(0x0a, start);
  const ends = [seen.cr, seen.lf].filter((at) => at !== -1);
  return ends.length === 0 ? bytes.length : Math.min(...ends);
}
