import { knownCharset } from '../../core/charset-names.js';
import { decodeMessage, isCharsetFault } from '../charset.js';
import type { Hl7Message } from '../message.js';
import type { Report } from './report.js';

/** How the lines of a message end: positions of each kind. */
interface LineEnds {
  readonly cr: number;
  readonly lf: number;
  readonly crlf: number;
  readonly terminated: boolean;
}

/**
 * Line ends (HL7 v2.8, 2.4: a segment ends in CR). In a file editors may end lines as they do; `wire` says that the bytes
 * are as they were sent.
 */
export function checkLineEnds(bytes: Buffer, wire: boolean, report: Report): void {
  const { cr, lf, crlf, terminated } = lineEndsOf(bytes);
  const kinds = [cr, lf, crlf].filter((count) => count > 0).length;
  const at = { line: 1, path: 'MSH' };
  if (kinds > 1) {
    report('line-ends-mixed', at, `${cr} segments end in CR, ${lf} in LF, ${crlf} in CRLF`, 'end each in CR');
  } else if (wire && lf + crlf > 0) {
    report('line-end-not-cr', at, `segments end in ${lf > 0 ? 'LF' : 'CRLF'}`, 'end each in CR (0x0D)');
  }
  if (!terminated && (wire || cr > 0)) {
    const line = cr + lf + crlf + 1;
    report('line-end-missing', { line, path: '' }, 'the last segment does not end', 'end it in CR, too');
  }
}

/** Character set (MSH-18, HL7 table 0211) and control characters. */
export function checkCharacters(bytes: Buffer, message: Hl7Message, report: Report): void {
  const { header } = message;
  const sets = header.nodes(18).filter((node) => node.isValued);
  const unknown = sets.filter((node) => knownCharset(node.text) === undefined);
  for (const node of unknown) {
    report('charset-unknown', node, 'HL7 table 0211 has no such character set', 'UNICODE UTF-8, 8859/1, ASCII, …');
  }
  if (sets.length === 0 && bytes.some((byte) => byte > 0x7f)) {
    const right = 'name the character set in MSH-18, such as UNICODE UTF-8';
    report('charset-undeclared', header.node(18), 'empty means ASCII, and there are other characters', right);
  } else if (sets.length > 0 && unknown.length === 0 && isMalformed(bytes)) {
    const isWrong = malformedLines(bytes);
    const segment = message.segments.find(({ line }) => isWrong(line)) ?? header;
    const right = 'send in the character set of MSH-18, or name the one that is sent';
    report('charset-mismatch', segment, 'bytes that the character set of MSH-18 does not have', right);
  }
  for (const segment of message.segments) {
    const raw = segment.raw;
    if (!hasControl(raw)) continue;
    const right = 'leave it out, or write it as \\Xhh\\';
    report('control-character', segment, 'holds a control character', right, raw);
  }
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09 && code !== 0x1b) || code === 0x7f) return true;
  }
  return false;
}

function isMalformed(bytes: Buffer): boolean {
  const decoded = decodeMessage(bytes);
  return !isCharsetFault(decoded) && decoded.flags.includes('malformed');
}

/** Tells whether a line (from 1) alone makes the message malformed: the header, which names the character set, with it. */
function malformedLines(bytes: Buffer): (line: number) => boolean {
  const lines = linesOf(bytes);
  const header = lines.find((each) => each.includes('MSH'));
  return (line) => {
    const own = lines[line - 1];
    if (header === undefined || own === undefined) return false;
    return isMalformed(own === header ? header : Buffer.concat([header, Buffer.from('\r'), own]));
  };
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at];
    if (at < bytes.length && byte !== 0x0d && byte !== 0x0a) continue;
    lines.push(bytes.subarray(start, at));
    if (byte === 0x0d && bytes[at + 1] === 0x0a) at++;
    start = at + 1;
  }
  return lines;
}

function lineEndsOf(bytes: Buffer): LineEnds {
  let cr = 0;
  let lf = 0;
  let crlf = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0x0a) lf++;
    else if (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) {
      crlf++;
      at++;
    } else if (bytes[at] === 0x0d) cr++;
  }
  const last = bytes.at(-1);
  return { cr, lf, crlf, terminated: last === 0x0d || last === 0x0a };
}
