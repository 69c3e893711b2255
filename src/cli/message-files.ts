import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fault } from '../core/errors.js';
import { splitBatch } from '../hl7/batch.js';
import { FrameDecoder } from '../hl7/frame-decoder.js';

/** One message of a file. */
export interface HeldMessage {
  /** The file's path, `-` for stdin; with `#2` from the second message of a file on. */
  readonly source: string;
  /** Segments end in CR. */
  readonly bytes: Buffer;
}

/**
 * The messages of files, folders (their files in order of name) and stdin (`-`). A file holds one message, several, an
 * FHS/BHS batch, or MLLP frames; other files of a folder are passed over.
 * @throws Fault `usage` for what cannot be read or holds no message.
 */
export async function readMessages(paths: readonly string[]): Promise<readonly HeldMessage[]> {
  const held: HeldMessage[] = [];
  for (const named of paths) {
    const before = held.length;
    for (const path of filesOf(named)) {
      const bytes = path === '-' ? await buffer(process.stdin) : readFileSync(path);
      messagesIn(bytes).forEach((message, index) => {
        held.push({ source: index === 0 ? path : `${path}#${index + 1}`, bytes: message });
      });
    }
    if (held.length === before) throw fault('usage', `${named === '-' ? 'stdin' : named} holds no HL7 message`);
  }
  return held;
}

/** Splits the bytes of a file into messages whose segments end in CR. */
export function messagesIn(bytes: Buffer): readonly Buffer[] {
  return framesIn(bytes)
    .flatMap((frame) => splitBatch(frame).messages)
    .filter((message) => /(^|[\r\n])\s*MSH[^\w\s]/.test(message.toString('latin1', 0, 4096)))
    .map(withCarriageReturns);
}

function framesIn(bytes: Buffer): readonly Buffer[] {
  const first = bytes.find((byte) => byte > 0x20 || byte === 0x0b);
  if (first !== 0x0b) return [bytes];
  const frames: Buffer[] = [];
  const decoder = new FrameDecoder({ limit: bytes.length });
  for (const event of decoder.push(bytes)) {
    if (event.kind === 'message') frames.push(event.bytes);
  }
  return frames;
}

/** Files on disk end their lines as editors do; on the wire a segment ends in CR (HL7 v2.8, 2.4). */
function withCarriageReturns(message: Buffer): Buffer {
  const text = message.toString('latin1').replaceAll(/\r?\n/g, '\r').replace(/\r*$/, '\r');
  return Buffer.from(text, 'latin1');
}

/**
 * The files that a path names: itself, those of a folder in order of name, or stdin (`-`).
 * @throws Fault `usage` where there is nothing to read.
 */
export function filesOf(path: string): readonly string[] {
  if (path === '-') return [path];
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(path, entry.name))
      .sort();
  } catch {
    throw fault('usage', `${path} cannot be read`);
  }
}
