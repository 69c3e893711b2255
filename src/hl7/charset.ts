import { isUtf8 } from 'node:buffer';
import { type Charset, knownCharset } from '../core/charset-names.js';
import type { ByteDecoder } from './escapes.js';
import { jisToEuc } from './iso-2022.js';
import { lineEnd } from './line-end.js';

/** The text of a message's bytes, and how it came about. The archived bytes stay the truth. */
export interface DecodedMessage {
  readonly text: string;
  readonly charset: Charset;
  /** Who named the character set: MSH-18, the listener's setting, or nobody. */
  readonly source: 'message' | 'listener' | 'assumed';
  /**
   * `unknown-charset`: MSH-18 names one that we do not know. `malformed`: the bytes do not fit what was named, and the text was
   * read by the next choice. `unreadable-bytes`: no choice fits every byte; U+FFFD stands for the others.
   */
  readonly flags: readonly CharsetFlag[];
  /** Decodes the bytes of `\Xhh…\` in this message. */
  readonly decodeBytes: ByteDecoder;
}

export type CharsetFlag = 'unknown-charset' | 'malformed' | 'unreadable-bytes';

export interface CharsetFault {
  readonly fault: 'utf-16';
  readonly detail: string;
}

/**
 * Turns a message's bytes into text: by MSH-18 (HL7 table 0211), else by the listener's character set, else as UTF-8, and as
 * Windows-1252 where that fails. A BOM is dropped. UTF-16 and UTF-32 are refused: their bytes collide with MLLP's.
 */
export function decodeMessage(bytes: Buffer, listenerCharset?: string): DecodedMessage | CharsetFault {
  if (isUtf16(bytes)) return { fault: 'utf-16', detail: 'UTF-16 and UTF-32 cannot be sent over MLLP; send UTF-8' };
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = hasMark ? bytes.subarray(3) : bytes;
  const flags: CharsetFlag[] = [];
  const named = namedCharset(body);
  const declared = named === '' ? undefined : knownCharset(named);
  if (named !== '' && declared === undefined) flags.push('unknown-charset');
  const chosen = listenerCharset === undefined ? undefined : knownCharset(listenerCharset);
  const choices: [Charset | undefined, DecodedMessage['source']][] = [
    [declared, 'message'],
    [chosen, 'listener'],
    ['utf-8', 'assumed'],
    ['windows-1252', 'assumed'],
  ];
  for (const [charset, source] of choices) {
    if (charset === undefined) continue;
    const text = decodeStrictly(body, charset);
    if (text !== undefined) return { text, charset, source, flags, decodeBytes: byteDecoder(charset) };
    if (source !== 'assumed' && !flags.includes('malformed')) flags.push('malformed');
  }
  const charset = declared ?? chosen ?? 'utf-8';
  return {
    text: new TextDecoder(charset).decode(body),
    charset,
    source: declared !== undefined ? 'message' : chosen !== undefined ? 'listener' : 'assumed',
    flags: [...flags, 'unreadable-bytes'],
    decodeBytes: byteDecoder(charset),
  };
}

export function isCharsetFault(result: DecodedMessage | CharsetFault): result is CharsetFault {
  return 'fault' in result;
}

/** The character set MSH-18 names, '' when none. Where the first repetition is empty (ASCII), the second says how others are switched to. */
function namedCharset(bytes: Buffer): string {
  const start = bytes.indexOf('MSH');
  if (start === -1) return '';
  const header = bytes.toString('latin1', start, lineEnd(bytes, start));
  const field = header.split(header.charAt(3), 18)[17] ?? '';
  if (field === '') return '';
  const repetitions = field.split(header.charAt(5) || '~').map((name) => name.trim());
  const japanese = repetitions.find((name) => knownCharset(name) === 'iso-2022-jp');
  return japanese ?? repetitions.find((name) => name !== '' && name !== '""') ?? '';
}

/** Text of bytes that all belong to the character set, else undefined. */
function decodeStrictly(bytes: Buffer, charset: Charset): string | undefined {
  switch (charset) {
    case 'utf-8':
      return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
    case 'us-ascii':
      return bytes.some((byte) => byte > 0x7f) ? undefined : bytes.toString('latin1');
    case 'windows-1252':
      return windows1252(bytes);
    case 'iso-2022-jp':
      return tryDecode('euc-jp', jisToEuc(bytes));
  }
  return tryDecode(charset, bytes);
}

function tryDecode(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function byteDecoder(charset: Charset): ByteDecoder {
  return (bytes) => decodeStrictly(Buffer.from(bytes), charset) ?? windows1252(Buffer.from(bytes));
}

const upper1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Latin-1 whose C1 range holds what Windows put there: no feed means the control characters. Every byte fits. */
function windows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll(/[\x80-\x9f]/g, (character) => upper1252.charAt(character.charCodeAt(0) - 0x80));
}

/** By byte order mark, or by `M` beside a NUL at the start. */
function isUtf16(bytes: Buffer): boolean {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (
    (a === 0x4d && b === 0) ||
    (a === 0 && (b === 0x4d || (b === 0 && ((c === 0 && d === 0x4d) || (c === 0xfe && d === 0xff)))))
  );
}
