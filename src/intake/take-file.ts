import type { FileHandle } from 'node:fs/promises';
import type { AcknowledgementError } from '../hl7/acknowledgement.js';
import type { Acceptor, Origin } from './accept.js';
import { type FilePart, type FileProblem, fileParts } from './file-parts.js';

/** What became of a file's messages. */
export interface FileReport {
  /** Messages that are durable and go their way; those that were there before among them. */
  readonly taken: number;
  readonly repeated: number;
  /** Messages that were refused: kept as rejected, never processed. */
  readonly refused: number;
  /** The first of what is wrong, and how much there is in all. */
  readonly problems: readonly FileProblem[];
  readonly problemCount: number;
}

interface TakeFileOptions {
  readonly acceptor: Pick<Acceptor, 'messages'>;
  /** Bytes of the longest message. */
  readonly limit: number;
  /** Bytes of the file when it was taken. */
  readonly size: number;
  /** Resolves after a while, false when the work is to end. */
  wait(): Promise<boolean>;
}

/** One durable write takes no more than this, unless a single message is larger. */
const mostMessages = 200;
const mostBytes = 4 * 1024 * 1024;
/** Problems that a report names one by one. */
const mostProblems = 100;

/** A file has no name here: it could say who the patient is. Nobody waits for an answer. */
const origin: Origin = { peer: 'file', open: false, sendLater: () => undefined };

type Message = Extract<FilePart, { kind: 'message' }>;

/**
 * Takes all messages of a file in their order. What cannot be stored is tried again until it can. Undefined when it was to end
 * before; read again from its beginning, the file's earlier messages are repeats.
 */
export async function takeFile(file: FileHandle, options: TakeFileOptions): Promise<FileReport | undefined> {
  const counts = { taken: 0, repeated: 0, refused: 0 };
  const problems: FileProblem[] = [];
  let problemCount = 0;
  const report = (found: FileProblem): void => {
    problemCount++;
    if (problems.length < mostProblems) problems.push(found);
  };
  let group: Message[] = [];
  let bytes = 0;
  const store = async (): Promise<boolean> => {
    const messages = group;
    group = [];
    bytes = 0;
    if (messages.length === 0) return true;
    const stored = await storeGroup(messages, options);
    stored?.forEach(({ repeated, errors }, n) => {
      const [error] = errors;
      if (error === undefined) counts.taken++;
      else {
        counts.refused++;
        report(refusal(messages[n]?.line ?? 0, error));
      }
      if (repeated) counts.repeated++;
    });
    return stored !== undefined;
  };
  for await (const part of fileParts(file, options.limit)) {
    if (part.kind === 'problem') {
      report(part.problem);
      continue;
    }
    const full = group.length >= mostMessages || bytes + part.bytes.length > mostBytes;
    const other = group.length > 0 && group[0]?.batch !== part.batch;
    if ((full || other) && !(await store())) return undefined;
    group.push(part);
    bytes += part.bytes.length;
  }
  if (!(await store())) return undefined;
  if ((await file.stat()).size !== options.size) report(changedWhileRead);
  return { ...counts, problems: problems.toSorted((a, b) => a.line - b.line), problemCount };
}

const changedWhileRead: FileProblem = {
  line: 0,
  what: 'the file changed while it was read',
  right: 'write it under another name and rename it when it is whole, or state a longer settle',
};

async function storeGroup(messages: readonly Message[], { acceptor, wait }: TakeFileOptions) {
  const flags = messages[0]?.batch === true ? ['batch'] : [];
  for (;;) {
    const { stored, sent } = await acceptor.messages(
      messages.map((message) => message.bytes),
      flags,
      origin,
    );
    sent?.();
    if (stored !== undefined) return stored;
    if (!(await wait())) return undefined;
  }
}

function refusal(line: number, { segment, field, code, text }: AcknowledgementError): FileProblem {
  const place = segment === undefined ? '' : ` at ${segment}${field === undefined ? '' : `-${field}`}`;
  return { line, what: `the message was refused${place} (HL70357 ${code})`, right: text };
}
