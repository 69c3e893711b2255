import { type Delimiters, defaultDelimiters } from './delimiters.js';

/** Turns the bytes of `\Xhh…\` into text. */
export type ByteDecoder = (bytes: Uint8Array) => string;

/**
 * Replaces the escape sequences of one leaf value (HL7 v2.8, 2.7) by what they stand for; call it after splitting.
 * Delimiter escapes give the delimiter, `\Xhh…\` its bytes decoded, `\.br\` and `\.sp n\` line feeds, `\.sk n\` spaces;
 * highlighting, other formatting and character set switches vanish. An unknown escape or a lone escape character stays as it is.
 */
export function unescapeText(text: string, delimiters: Delimiters, decode: ByteDecoder = decodeEscapedBytes): string {
  if (delimiters.escape === -1) return text;
  const mark = String.fromCharCode(delimiters.escape);
  let open = text.indexOf(mark);
  if (open === -1) return text;
  let result = '';
  let done = 0;
  while (open !== -1) {
    const close = text.indexOf(mark, open + 1);
    if (close === -1) break;
    const meaning = meaningOf(text.slice(open + 1, close), delimiters, decode);
    if (meaning === undefined) {
      // What looked like the end may be the start of the next sequence: `C:\temp\T\x`.
      open = close;
      continue;
    }
    result += text.slice(done, open) + meaning;
    done = close + 1;
    open = text.indexOf(mark, done);
  }
  return result + text.slice(done);
}

/**
 * Writes a leaf value so that it can stand in a message with these delimiters: delimiters by their letters, line feeds as `\.br\`,
 * other control characters as `\Xhh\`. `unescapeText` gives the value back, where the message has an escape character.
 */
export function escapeText(text: string, delimiters: Delimiters = defaultDelimiters): string {
  if (delimiters.escape === -1) return text;
  const mark = String.fromCharCode(delimiters.escape);
  let result = '';
  let done = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = sequenceFor(text.charCodeAt(at), delimiters);
    if (letter === '') continue;
    result += `${text.slice(done, at)}${mark}${letter}${mark}`;
    done = at + 1;
  }
  return done === 0 ? text : result + text.slice(done);
}

function sequenceFor(code: number, delimiters: Delimiters): string {
  switch (code) {
    case delimiters.escape:
      return 'E';
    case delimiters.field:
      return 'F';
    case delimiters.component:
      return 'S';
    case delimiters.repetition:
      return 'R';
    case delimiters.subcomponent:
      return 'T';
    case 0x0a:
      return '.br';
  }
  return code < 0x20 ? `X${code.toString(16).toUpperCase().padStart(2, '0')}` : '';
}

function meaningOf(sequence: string, delimiters: Delimiters, decode: ByteDecoder): string | undefined {
  switch (sequence) {
    case 'F':
      return String.fromCharCode(delimiters.field);
    case 'S':
      return delimiter(delimiters.component, defaultDelimiters.component);
    case 'R':
      return delimiter(delimiters.repetition, defaultDelimiters.repetition);
    case 'T':
      return delimiter(delimiters.subcomponent, defaultDelimiters.subcomponent);
    case 'P':
      return delimiter(delimiters.truncation, defaultDelimiters.truncation);
    case 'E':
      return String.fromCharCode(delimiters.escape);
    case 'H':
    case 'N':
      return '';
  }
  switch (sequence.charAt(0)) {
    case '.':
      return formatting(sequence);
    case 'X':
      return hexadecimal(sequence.slice(1), decode);
    case 'C':
      return /^C[0-9A-Fa-f]{4}$/.test(sequence) ? '' : undefined;
    case 'M':
      return /^M[0-9A-Fa-f]{4}([0-9A-Fa-f]{2})?$/.test(sequence) ? '' : undefined;
  }
  return undefined;
}

function delimiter(code: number, otherwise: number): string {
  return String.fromCharCode(code === -1 ? otherwise : code);
}

/** Formatting commands of FT (2.7.6): line breaks and skips have a meaning in plain text, layout has none. */
function formatting(sequence: string): string | undefined {
  const match = /^\.([a-z]{2})\s*([+-]?\d{0,3})$/i.exec(sequence);
  if (match === null) return undefined;
  const count = Math.abs(Number(match[2] === '' ? 1 : match[2]));
  switch (match[1]?.toLowerCase()) {
    case 'br':
    case 'ce':
      return '\n';
    case 'sp':
      return '\n'.repeat(Math.max(count, 1));
    case 'sk':
      return ' '.repeat(count);
    case 'in':
    case 'ti':
    case 'fi':
    case 'nf':
      return '';
  }
  return undefined;
}

function hexadecimal(digits: string, decode: ByteDecoder): string | undefined {
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(digits)) return undefined;
  return decode(Buffer.from(digits, 'hex'));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const windows1252 = new TextDecoder('windows-1252');

/** Bytes of an escape whose character set nobody named: UTF-8, and Windows-1252 where that fails. */
function decodeEscapedBytes(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return windows1252.decode(bytes);
  }
}
