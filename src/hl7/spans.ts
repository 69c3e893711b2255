/** Spans at least this long are searched by the engine's own `indexOf`, on a slice that shares the text's storage. */
const long = 256;

/** Where the part that begins at `start` ends: at the next delimiter, or at `end`. `delimiter` -1 never occurs. */
export function partEnd(text: string, delimiter: number, start: number, end: number): number {
  if (delimiter === -1) return end;
  if (end - start >= long) {
    const found = text.slice(start, end).indexOf(String.fromCharCode(delimiter));
    return found === -1 ? end : start + found;
  }
  for (let at = start; at < end; at++) if (text.charCodeAt(at) === delimiter) return at;
  return end;
}

/** Where the `n`th part (from 1) between `start` and `end` begins, or -1. */
export function partStart(text: string, delimiter: number, n: number, start: number, end: number): number {
  let at = start;
  for (let part = 1; part < n; part++) {
    at = partEnd(text, delimiter, at, end) + 1;
    if (at > end) return -1;
  }
  return at;
}

/** How many parts lie between `start` and `end`; none in an empty span. */
export function partCount(text: string, delimiter: number, start: number, end: number): number {
  if (start >= end) return 0;
  let count = 1;
  for (let at = partEnd(text, delimiter, start, end); at < end; at = partEnd(text, delimiter, at + 1, end)) count++;
  return count;
}

/** True when the span is `""`, HL7's null: the sender asks to delete the value. */
export function isNullSpan(text: string, start: number, end: number): boolean {
  return end - start === 2 && text.charCodeAt(start) === 0x22 && text.charCodeAt(start + 1) === 0x22;
}
