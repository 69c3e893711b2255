/** The delimiters of one message as character codes; `-1` where the message has none at that level. */
export interface Delimiters {
  readonly field: number;
  readonly component: number;
  readonly repetition: number;
  readonly escape: number;
  readonly subcomponent: number;
  /** The 2.7 truncation character, the fifth of MSH-2. */
  readonly truncation: number;
}

/** `|^~\&`, what HL7 v2 recommends and nearly everyone sends. */
export const defaultDelimiters: Delimiters = Object.freeze({
  field: 0x7c,
  component: 0x5e,
  repetition: 0x7e,
  escape: 0x5c,
  subcomponent: 0x26,
  truncation: 0x23,
});

const order = ['component', 'repetition', 'escape', 'subcomponent', 'truncation'] as const;

/**
 * Reads the delimiters that a header segment (MSH, FHS, BHS) at `start` declares in its fields 1 and 2 (HL7 v2.8, 2.16.9).
 * A character that field 2 leaves out gets its recommended value, unless that already stands for something else.
 * Gives undefined where no separator follows the segment name.
 */
export function readDelimiters(text: string, start: number, end: number): Delimiters | undefined {
  if (text.startsWith('|^~\\&|', start + 3)) return defaultDelimiters;
  const field = text.charCodeAt(start + 3);
  if (start + 3 >= end || !canDelimit(field)) return undefined;
  const found = { ...defaultDelimiters, field };
  const used = new Set([field]);
  let at = start + 4;
  let declared = true;
  for (const level of order) {
    const code = at < end ? text.charCodeAt(at) : -1;
    declared = declared && canDelimit(code) && code !== field;
    const wanted = declared ? code : defaultDelimiters[level];
    found[level] = used.has(wanted) ? -1 : wanted;
    used.add(wanted);
    at++;
  }
  return Object.freeze(found);
}

/** A delimiter is a visible character that is no letter or digit. */
function canDelimit(code: number): boolean {
  if (!(code > 0x20) || code === 0x7f || code > 0xffff) return false;
  const digit = code >= 0x30 && code <= 0x39;
  const letter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return !digit && !letter;
}
