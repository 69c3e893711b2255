import type { Charset } from '../core/charset-names.js';
import { lineEnd } from './line-end.js';

/**
 * The MSH segment of a message as bytes, for answering it: what cannot be decoded can still be echoed. Reads a header that is
 * cut off, as far as it goes. Fields are Latin-1 text, one character a byte.
 */
export interface RawHeader {
  /** Field n is entry n; entry 1 is the separator. */
  readonly fields: readonly string[];
  /** The character between components, MSH-2's first. */
  readonly component: string;
  /** False when the bytes end inside the header: its last field may be cut. */
  readonly complete: boolean;
}

/** Character sets in which the second byte of a character can look like a delimiter. */
const doubleByte = new Set<Charset>(['gb18030', 'big5', 'shift_jis', 'euc-kr']);

/** The header of a message's bytes; undefined when they do not begin with an MSH and its separator (blanks and a BOM aside). */
export function readRawHeader(bytes: Buffer, charset: Charset = 'utf-8'): RawHeader | undefined {
  const start = bytes.indexOf('MSH');
  if (start === -1 || start + 3 >= bytes.length) return undefined;
  if (start > 0 && /[^\s\0]/.test(bytes.toString('latin1', 0, start).replace('\xef\xbb\xbf', ''))) return undefined;
  const separator = bytes[start + 3] ?? 0;
  if (separator <= 0x20 || /[A-Za-z0-9]/.test(String.fromCharCode(separator))) return undefined;
  const fields = ['MSH', String.fromCharCode(separator)];
  let from = start + 4;
  if (!doubleByte.has(charset) && charset !== 'iso-2022-jp') {
    const end = lineEnd(bytes, from);
    for (const field of bytes.toString('latin1', from, end).split(String.fromCharCode(separator))) fields.push(field);
    return { fields, component: fields[2]?.charAt(0) || '^', complete: end < bytes.length };
  }
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x0d || byte === 0x0a) break;
    if (byte === separator) {
      fields.push(bytes.toString('latin1', from, at));
      from = at + 1;
    } else if (byte > 0x80 && charset !== 'iso-2022-jp' && !isKatakana(byte, charset)) {
      at++;
    } else if (byte === 0x1b && charset === 'iso-2022-jp') {
      at = afterDoubleByteRun(bytes, at);
    }
  }
  fields.push(bytes.toString('latin1', from, at));
  return { fields, component: fields[2]?.charAt(0) || '^', complete: at < bytes.length };
}

/** The bytes of a header field (from 1), '' when absent. */
export function rawField(header: RawHeader, field: number): string {
  return header.fields[field] ?? '';
}

/** The bytes of a component (from 1) of a header field without repetitions. */
export function rawComponent(header: RawHeader, field: number, component: number): string {
  const text = rawField(header, field);
  const first = text.indexOf(header.component);
  if (first === -1) return component === 1 ? text : '';
  return component === 1 ? text.slice(0, first) : (text.split(header.component)[component - 1] ?? '');
}

/** Shift JIS writes half-width katakana as single bytes above 0x80. */
function isKatakana(byte: number, charset: Charset): boolean {
  return charset === 'shift_jis' && byte >= 0xa1 && byte <= 0xdf;
}

/** The last byte before text is ASCII again, when ESC switches to a set of two bytes (ISO 2022); else where it stands. */
function afterDoubleByteRun(bytes: Buffer, at: number): number {
  if (bytes[at + 1] !== 0x24) return at;
  for (let end = at + 2; end < bytes.length; end++) {
    const byte = bytes[end];
    if (byte === 0x0d || byte === 0x0a) return end - 1;
    if (byte === 0x1b && bytes[end + 1] === 0x28 && bytes[end + 2] !== 0x44) return end + 2;
  }
  return bytes.length;
}
