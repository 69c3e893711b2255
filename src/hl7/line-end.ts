const cr = 0x0d;
const lf = 0x0a;

/** Where the line that goes on at `start` ends: at its CR or LF, or where the bytes end. */
export function lineEnd(bytes: Buffer, start: number): number {
  const found = bytes.indexOf(cr, start);
  const end = found === -1 ? bytes.length : found;
  const lineFeed = bytes.subarray(start, end).indexOf(lf);
  return lineFeed === -1 ? end : start + lineFeed;
}
