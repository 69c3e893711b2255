import type { FileHandle } from 'node:fs/promises';
import { type BatchDiagnostic, splitBatch } from '../hl7/batch.js';
import { type BatchPart, BatchReader } from '../hl7/batch-reader.js';
import { FrameDecoder, type FrameEvent } from '../hl7/frame-decoder.js';

/** What is wrong in a file: where, what, and what would be right. Nothing of its content. */
export interface FileProblem {
  /** From 1; 0 where it is the file as a whole. */
  readonly line: number;
  readonly what: string;
  readonly right: string;
}

export type FilePart =
  | { readonly kind: 'message'; readonly bytes: Buffer; readonly line: number; readonly batch: boolean }
  | { readonly kind: 'problem'; readonly problem: FileProblem };

const chunkBytes = 1024 * 1024;

/**
 * The messages of a file in their order, with all that is wrong between them: plain ones, FHS and BHS batches, or MLLP frames.
 * No more than a message and a chunk of a megabyte is held at a time. `limit`: bytes of the longest message.
 */
export async function* fileParts(file: FileHandle, limit: number): AsyncGenerator<FilePart> {
  let splitter: Splitter | undefined;
  let messages = 0;
  const strays: FilePart[] = [];
  for await (const chunk of chunks(file)) {
    if (splitter === undefined) {
      if (isUtf16(chunk)) {
        yield problem(
          0,
          'the file is written in UTF-16 or UTF-32',
          'write it in UTF-8, or in the character set of MSH-18',
        );
        return;
      }
      const first = chunk.find((byte) => byte > 0x20 || byte === 0x0b);
      if (first === undefined) continue;
      splitter = first === 0x0b ? new FrameSplitter(limit) : new LineSplitter(limit);
    }
    for (const part of splitter.push(chunk)) {
      if (part.kind === 'message') messages++;
      yield part;
    }
  }
  for (const part of splitter?.end() ?? []) {
    if (part.kind === 'message') messages++;
    else if (messages === 0) strays.push(part);
    if (part.kind === 'message' || messages > 0) yield part;
  }
  if (messages > 0) return;
  const oversize = strays.filter((part) => part.kind === 'problem' && part.problem.what === tooLarge);
  yield* oversize;
  const right = 'a message begins with MSH and its separators, a batch with FHS or BHS';
  if (oversize.length === 0) yield problem(0, 'the file holds no message', right);
}

async function* chunks(file: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

interface Splitter {
  push(chunk: Buffer): FilePart[];
  end(): FilePart[];
}

const tooLarge = 'the message is longer than maxMessageBytes, and was not taken';

class LineSplitter implements Splitter {
  readonly #reader: BatchReader;

  constructor(limit: number) {
    this.#reader = new BatchReader({ limit });
  }

  push(chunk: Buffer): FilePart[] {
    return this.#reader.push(chunk).map((part) => this.#part(part));
  }

  end(): FilePart[] {
    const { parts, diagnostics } = this.#reader.end();
    return [...parts.map((part) => this.#part(part)), ...diagnostics.map((found) => batchProblem(found, 0))];
  }

  #part(part: BatchPart): FilePart {
    if (part.kind === 'message') return { ...part, batch: this.#reader.enveloped };
    return problem(part.line, tooLarge, 'state a larger maxMessageBytes, or send less at a time');
  }
}

/** A file of MLLP frames, as some tools record them. */
class FrameSplitter implements Splitter {
  readonly #decoder: FrameDecoder;
  /** The line on which the next frame begins. */
  #line = 1;

  constructor(limit: number) {
    this.#decoder = new FrameDecoder({ limit });
  }

  push(chunk: Buffer): FilePart[] {
    return this.#decoder.push(chunk).flatMap((event) => this.#parts(event));
  }

  end(): FilePart[] {
    return this.#decoder.end().flatMap((event) => this.#parts(event));
  }

  #parts(event: FrameEvent): FilePart[] {
    switch (event.kind) {
      case 'message':
        return this.#frame(event.bytes);
      case 'truncated':
        return [
          problem(this.#line, 'a frame is cut off', 'end each message with FS and CR; look whether the file is whole'),
        ];
      case 'junk':
        return event.blank
          ? []
          : [problem(this.#line, 'bytes between frames', 'put each message between VT and FS CR')];
      case 'violation': {
        const right = 'state a larger maxMessageBytes, or send less at a time';
        return [problem(this.#line, `${tooLarge}, and what follows it neither`, right)];
      }
      case 'empty':
      case 'irregular-end':
        return [];
    }
  }

  #frame(bytes: Buffer): FilePart[] {
    const { messages, isBatch, diagnostics } = splitBatch(bytes);
    const first = this.#line;
    const parts: FilePart[] = [];
    for (const message of messages) {
      const line = first + lineEnds(bytes.subarray(0, message.byteOffset - bytes.byteOffset));
      parts.push({ kind: 'message', bytes: message, line, batch: isBatch });
    }
    this.#line = first + lineEnds(bytes) + 1;
    return [...parts, ...diagnostics.map((found) => batchProblem(found, first - 1))];
  }
}

const rights: Readonly<Record<BatchDiagnostic['code'], string>> = {
  'count-mismatch': 'the count must be what was sent; look whether the file is whole',
  'missing-trailer': 'BHS needs its BTS, FHS its FTS; look whether the file is whole',
  'missing-header': 'BTS needs its BHS, FTS its FHS; look whether the file is whole',
  'bad-count': 'the count must be a number, or left out',
  'stray-segment': 'segments stand behind the MSH of their message',
};

function batchProblem({ code, line, detail }: BatchDiagnostic, linesBefore: number): FilePart {
  return problem(line + linesBefore, detail, rights[code]);
}

function problem(line: number, what: string, right: string): FilePart {
  return { kind: 'problem', problem: { line, what, right } };
}

/** CR, LF and CRLF each end one line. */
function lineEnds(bytes: Buffer): number {
  return bytes.toString('latin1').match(/\r\n|\r|\n/g)?.length ?? 0;
}

function isUtf16(chunk: Buffer): boolean {
  const [a, b] = chunk;
  return (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || (a === 0x4d && b === 0) || (a === 0 && b === 0x4d);
}
