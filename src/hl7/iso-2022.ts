const esc = 0x1b;

type JapaneseSet = 'ascii' | 'katakana' | 'jis-x-0208' | 'jis-x-0212';

/** Escape sequences by what follows ESC (ISO-IR 6, 13, 14, 42, 87, 159). */
const designations: readonly [sequence: string, set: JapaneseSet][] = [
  ['(B', 'ascii'],
  ['(J', 'ascii'],
  ['(I', 'katakana'],
  ['$@', 'jis-x-0208'],
  ['$B', 'jis-x-0208'],
  ['$(@', 'jis-x-0208'],
  ['$(B', 'jis-x-0208'],
  ['$(D', 'jis-x-0212'],
];

/**
 * Rewrites Japanese text that switches character sets by ISO 2022 escape sequences (HL7 v2.8, 2.14.9.18) as EUC-JP, which says
 * the same without state. A line always begins in ASCII (or JIS X 0201 romaji); 8-bit katakana is taken as such.
 */
export function jisToEuc(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length * 2);
  let length = 0;
  let set: JapaneseSet = 'ascii';
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const designated = byte === esc ? designationAt(bytes, at + 1) : undefined;
    if (designated !== undefined) {
      set = designated[1];
      at += designated[0].length;
      continue;
    }
    if (byte === 0x0d || byte === 0x0a) set = 'ascii';
    const isGraphic = byte > 0x20 && byte < 0x7f;
    if (byte >= 0xa1 && byte <= 0xdf) {
      result[length++] = 0x8e;
      result[length++] = byte;
    } else if (!isGraphic || set === 'ascii') {
      result[length++] = byte;
    } else if (set === 'katakana') {
      result[length++] = 0x8e;
      result[length++] = byte | 0x80;
    } else {
      if (set === 'jis-x-0212') result[length++] = 0x8f;
      result[length++] = byte | 0x80;
      result[length++] = (bytes[++at] ?? 0) | 0x80;
    }
  }
  return result.subarray(0, length);
}

function designationAt(bytes: Uint8Array, at: number): readonly [string, JapaneseSet] | undefined {
  const following = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
  return designations.find(([sequence]) => following.startsWith(sequence));
}
